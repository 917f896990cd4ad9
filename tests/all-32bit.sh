#!/bin/sh
# A 32-bit build (gcc -m32), in a tree of its own: unit tests, and runs of every method.  It takes gcc-multilib, and 32-bit GSL, SLEEF, jansson
# and Check: in the folder DILATE_ROOT32, or root32 in the build tree, as tests/root32.sh fills it; or installed.
# shellcheck disable=SC2086,SC2010,SC2046,SC2015 # lists of words
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}" "${MAKE:=make}"
top_srcdir=$(cd "$top_srcdir" && pwd)
cd "$top_builddir"
root=${DILATE_ROOT32:-$(pwd)/root32}
[ -d "$root" ] || root=
libraries=$root/usr/lib/i386-linux-gnu
PKG_CONFIG_LIBDIR=$libraries/pkgconfig
PKG_CONFIG_SYSROOT_DIR=$root
includes=
[ -z "$root" ] || includes="-isystem $root/usr/include -isystem $root/usr/include/i386-linux-gnu"
export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

echo 'int main(void) { return sizeof(void *) != 4; }' >"$scratch/try.c"
if ! gcc -m32 -fopenmp -o "$scratch/try" "$scratch/try.c" >/dev/null 2>&1 || ! "$scratch/try"; then
  echo "gcc -m32 makes no program that runs here (Debian: gcc-multilib)"
  exit 77
fi
if ! pkg-config --exists gsl sleef jansson check; then
  echo "there are no 32-bit GSL, SLEEF, jansson and Check: tests/root32.sh root32 fetches Debian's"
  exit 77
fi

tests="tests/check_base tests/check_target tests/check_mixture tests/check_stats tests/check_model tests/check_condition tests/check_path
  tests/check_tweedie tests/check_diag"
build() {
  mkdir -p narrow/build
  $MAKE distdir distdir=narrow/source || return 1
  cd narrow/build
  [ -f Makefile ] || ../source/configure --disable-shared CC='gcc -m32' CXX='g++ -m32' CFLAGS='-O1 -msse2 -mfpmath=sse -Wno-psabi' \
    CPPFLAGS="$includes" LDFLAGS="-L$libraries -Wl,-rpath,$libraries" || return 1
  $MAKE src/cli/new_files.inc && $MAKE -j"$(nproc)" dilate plugins $tests
}
(build) >narrow-build.log 2>&1 || { tail -n 40 narrow-build.log; exit 1; }
cd narrow/build
LD_LIBRARY_PATH=$libraries
export LD_LIBRARY_PATH
failed=0
runs=0
for test in $tests; do
  echo "$test"
  top_builddir=$(pwd) ./$test || failed=1
  runs=$((runs + 1))
done
run() {
  runs=$((runs + 1))
  ./dilate "$@" && return
  echo "dilate $*: failed"
  failed=1
}
few="--draws 16 --islands 2 --threads 2 --quiet"
run sample two_moons --effort 0.1 $few --output "$scratch/bridge" --format csv,stan,npy
for method in langevin geometric dilation convolution walk diffusion-smc; do run sample gauss:dim=3 --method $method --steps 6 $few --output "$scratch/$method"; done
run summary "$scratch/langevin"
run compare "$scratch/langevin" "$scratch/dilation"
[ "$failed" -eq 0 ]
echo "counted: $runs tests and runs of a 32-bit build"
