#!/bin/sh
# The symbols of the shared library, the functions that dilate.h declares and exports.list are the same.  A name that leaves the list
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
if [ ! -e "$library" ]; then
  echo "no shared library was built: its symbols are not compared"
  exit 0
fi
"$NM" -D --defined-only "$library" | awk '{ print $3 }' | sort -u >"$scratch/exported"
same "$scratch/exported" "the symbols of $library"
