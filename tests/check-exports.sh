#!/bin/sh
# The symbols of the libraries, shared and static, the functions that dilate.h declares and exports.list are the same.  A name that leaves the list
# breaks programs: see "Release" in HACKING.md.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}" "${CC:=cc}" "${NM:=nm}"
export LC_ALL=C

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

same() {
  if ! diff -u "$top_srcdir/tests/exports.list" "$1"; then
    echo "$2 differ from exports.list"
    exit 1
  fi
}

$CC -E -P -I"$top_srcdir/include" "$top_srcdir/include/dilate.h" | grep -o 'dilate_[a-z0-9_]*(' | tr -d '(' | sort -u >"$scratch/declared"
same "$scratch/declared" "the functions that dilate.h declares"

library=$top_builddir/.libs/libdilate.so
if [ -e "$library" ]; then
  "$NM" -D --defined-only "$library" | awk '{ print $3 }' | sort -u >"$scratch/exported"
  same "$scratch/exported" "the symbols of $library"
else
  echo "no shared library was built: its symbols are not compared"
fi

# The stamp says that the build made the inner symbols local: not every system has the tools.
library=$top_builddir/.libs/libdilate.a
if [ -e "$library" ] && [ -e "$top_builddir/libdilate-static.stamp" ]; then
  "$NM" -g --defined-only "$library" | awk 'NF == 3 { print $3 }' | sort -u >"$scratch/exported"
  same "$scratch/exported" "the global symbols of $library"
else
  echo "no static library with local symbols was built: its symbols are not compared"
fi

# libdilate_mpi has what its header declares and no more.
library=$top_builddir/.libs/libdilate_mpi.so
if [ -e "$library" ]; then
  grep -o '^[a-z].*dilate_mpi_[a-z]*(' "$top_srcdir/include/dilate_mpi.h" | grep -o 'dilate_mpi_[a-z]*' | sort -u >"$scratch/declared"
  "$NM" -D --defined-only "$library" | awk '{ print $3 }' | sort -u >"$scratch/exported"
  diff -u "$scratch/declared" "$scratch/exported" || { echo "the symbols of $library are not those of dilate_mpi.h"; exit 1; }
fi
