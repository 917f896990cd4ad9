#!/bin/sh
# The examples run, print a table without a NaN and nothing on standard error; minimal.c keeps its promise of fewer than 40 lines.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for example in conditioning constrained minimal paper posterior; do
  echo "== $example"
  "$top_builddir/examples/$example" >"$scratch/printed" 2>"$scratch/complaints"
  cat "$scratch/printed" "$scratch/complaints"
  [ -s "$scratch/printed" ] && [ ! -s "$scratch/complaints" ]
  if grep -i -w nan "$scratch/printed"; then exit 1; fi
done
[ "$(wc -l <"$top_srcdir/examples/minimal.c")" -lt 40 ]
