dnl Checks that collect what is missing in dilate_missing (Debian package names) and go on.

dnl Without a compiler nothing else can be tried: name everything at once.
AC_DEFUN([DILATE_REQUIRE_COMPILER], [
  dilate_missing=
  dilate_optional=
  AC_CHECK_PROGS([dilate_compiler], [gcc cc clang])
  AS_IF([test -z "$CC" && test -z "$dilate_compiler"],
    [AC_MSG_ERROR([no C compiler.  On Debian: apt-get install build-essential pkg-config libgsl-dev check librandom123-dev libsleef-dev libjansson-dev zlib1g-dev libnetcdf-dev])])
])

AC_DEFUN([DILATE_REQUIRE_OPENMP], [
  AC_OPENMP
  AC_MSG_CHECKING([whether OpenMP programs link])
  dilate_saved_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS $OPENMP_CFLAGS"
  AC_LINK_IFELSE(
    [AC_LANG_PROGRAM([[#include <omp.h>
      #ifndef _OPENMP
      #error no OpenMP
      #endif]], [[return omp_get_max_threads() < 1;]])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no]); dilate_missing="$dilate_missing build-essential"])
  CFLAGS=$dilate_saved_CFLAGS
])

AC_DEFUN([DILATE_REQUIRE_PKG_CONFIG], [
  PKG_PROG_PKG_CONFIG
  AS_IF([test -z "$PKG_CONFIG"], [dilate_missing="$dilate_missing pkg-config"])
])

dnl DILATE_REQUIRE_MODULE(PREFIX, MODULE, DEBIAN-PACKAGE)
AC_DEFUN([DILATE_REQUIRE_MODULE], [PKG_CHECK_MODULES([$1], [$2], [], [dilate_missing="$dilate_missing $3"])])

dnl DILATE_REQUIRE_HEADER(HEADER, DEBIAN-PACKAGE)
AC_DEFUN([DILATE_REQUIRE_HEADER], [AC_CHECK_HEADER([$1], [], [dilate_missing="$dilate_missing $2"])])

dnl DILATE_OPTIONAL_MODULE(PREFIX, MODULE, DEBIAN-PACKAGE, WHAT-IT-IS-FOR): defines HAVE_PREFIX, unless it is not there or
dnl --without-MODULE is given.  What is not there is named at the end.
AC_DEFUN([DILATE_OPTIONAL_MODULE], [
  AC_ARG_WITH([$2], [AS_HELP_STRING([--without-$2], [do without $2: $4])], [], [with_$2=check])
  AS_IF([test "$with_$2" != no],
    [PKG_CHECK_MODULES([$1], [$2],
      [AC_DEFINE([HAVE_$1], [1], [$4])],
      [AS_IF([test "$with_$2" = yes],
        [dilate_missing="$dilate_missing $3"],
        [dilate_optional="$dilate_optional $3"])])])
])

dnl Whether `dilate stan` will find what it runs: a C++ compiler, and R's rstan with what its C++ includes.
AC_DEFUN([DILATE_CHECK_STAN], [
  AC_MSG_CHECKING([whether Stan programs can be compiled])
  AS_IF([Rscript --vanilla -e 'p <- c("rstan", "StanHeaders", "RcppEigen", "BH")' \
           -e 'quit(status = !all(vapply(p, requireNamespace, NA, quietly = TRUE)))' >/dev/null 2>&1],
    [dilate_stan=yes],
    [dilate_stan=no; dilate_optional="$dilate_optional r-cran-rstan"])
  AS_IF([test -z "$CXX"], [dilate_stan=no; dilate_optional="$dilate_optional g++"])
  AC_MSG_RESULT([$dilate_stan])
])

dnl MPI, as pkg-config knows Open MPI or MPICH, or as the compiler wrapper mpicc says: MPI_CFLAGS, MPI_LIBS, and the conditional HAVE_MPI.
AC_DEFUN([DILATE_CHECK_MPI], [
  AC_ARG_WITH([mpi],
    [AS_HELP_STRING([--with-mpi=auto|yes|no], [build libdilate_mpi and dilate-mpi, for many processes at one run (auto)])],
    [], [with_mpi=auto])
  dilate_mpi=no
  AS_IF([test "$with_mpi" != no], [
    PKG_CHECK_MODULES([MPI], [ompi-c], [dilate_mpi=yes],
      [PKG_CHECK_MODULES([MPI], [mpich], [dilate_mpi=yes], [
        AC_PATH_PROG([MPICC], [mpicc])
        AS_IF([test -n "$MPICC"], [
          MPI_CFLAGS=`"$MPICC" -show -c 2>/dev/null | tr ' ' '\n' | grep '^-@<:@ID@:>@' | tr '\n' ' '`
          MPI_LIBS=`"$MPICC" -show 2>/dev/null | tr ' ' '\n' | grep '^-@<:@LlW@:>@' | tr '\n' ' '`
          dilate_mpi=yes])])])
    AS_IF([test "$dilate_mpi" = yes], [
      dilate_saved_CFLAGS=$CFLAGS dilate_saved_LIBS=$LIBS
      CFLAGS="$CFLAGS $MPI_CFLAGS" LIBS="$MPI_LIBS $LIBS"
      AC_MSG_CHECKING([whether MPI programs link])
      AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <mpi.h>]], [[return MPI_Finalize();]])], [], [dilate_mpi=no])
      AC_MSG_RESULT([$dilate_mpi])
      CFLAGS=$dilate_saved_CFLAGS LIBS=$dilate_saved_LIBS])
    AS_IF([test "$dilate_mpi" = no],
      [AS_IF([test "$with_mpi" = yes],
        [dilate_missing="$dilate_missing libopenmpi-dev openmpi-bin"],
        [dilate_optional="$dilate_optional libopenmpi-dev openmpi-bin"])])
  ])
  AC_SUBST([MPI_CFLAGS])
  AC_SUBST([MPI_LIBS])
  AM_CONDITIONAL([HAVE_MPI], [test "$dilate_mpi" = yes])
])

dnl What was not found and can be done without.
AC_DEFUN([DILATE_REPORT_OPTIONAL], [
  AC_MSG_NOTICE([Stan programs can be compiled (dilate stan): $dilate_stan])
  AC_MSG_NOTICE([many processes at one run, by MPI (dilate-mpi): $dilate_mpi])
  AS_IF([test -n "$dilate_optional"],
    [AC_MSG_NOTICE([built without what is optional.  To have it, on Debian: apt-get install$dilate_optional, and configure again])])
])

dnl CBLAS_LIBS and CBLAS_LDFLAGS: GSL's own, or OpenBLAS's serial build, found in its own folder and bound to it at run time, because
dnl the system's alternatives could bring in a threaded one.
AC_DEFUN([DILATE_CHOOSE_CBLAS], [
  CBLAS_LIBS=-lgslcblas
  CBLAS_LDFLAGS=
  AS_IF([test "$with_openblas" != no], [
    dilate_openblas=/usr/lib/`$CC -print-multiarch 2>/dev/null`/openblas-serial
    AC_MSG_CHECKING([for the serial OpenBLAS])
    AS_IF([test -e "$dilate_openblas/libopenblas.so"],
      [AC_MSG_RESULT([$dilate_openblas])
       CBLAS_LIBS="-L$dilate_openblas -lopenblas"
       CBLAS_LDFLAGS="-Wl,-rpath,$dilate_openblas"],
      [AC_MSG_RESULT([no])
       dilate_missing="$dilate_missing libopenblas-serial-dev"])
  ])
  AC_SUBST([CBLAS_LIBS])
  AC_SUBST([CBLAS_LDFLAGS])
  dnl gsl.pc names gslcblas itself: exactly one CBLAS is linked.
  GSL_LIBS=`AS_ECHO(["$GSL_LIBS"]) | sed 's/-lgslcblas//'`
])

AC_DEFUN([DILATE_REPORT_MISSING], [
  AS_IF([test -n "$dilate_missing"],
    [AC_MSG_ERROR([something libdilate needs is missing.  On Debian: apt-get install$dilate_missing$dilate_optional])])
])

dnl WARNING_CFLAGS: those of the given flags that the compiler knows.
AC_DEFUN([DILATE_WARNINGS], [
  WARNING_CFLAGS=
  dilate_saved_CFLAGS=$CFLAGS
  for dilate_flag in $1; do
    AC_MSG_CHECKING([whether $CC takes $dilate_flag])
    CFLAGS="$dilate_saved_CFLAGS -Werror $dilate_flag"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
      [AC_MSG_RESULT([yes]); WARNING_CFLAGS="$WARNING_CFLAGS $dilate_flag"],
      [AC_MSG_RESULT([no])])
  done
  CFLAGS=$dilate_saved_CFLAGS
  AC_SUBST([WARNING_CFLAGS])
])
