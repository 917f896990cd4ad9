#!/bin/sh
# Every reader of bytes from outside over its corpus (tests/fuzz/corpus), which holds inputs that once found something, and FUZZ_SECONDS
# (default 0) of blind mutations each.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}"
seconds=${FUZZ_SECONDS:-0}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
top_builddir=$(cd "$top_builddir" && pwd)
corpora=$(cd "$top_srcdir/tests/fuzz/corpus" && pwd)
cd "$scratch"
failed=0
for corpus in "$corpora"/*; do
  name=${corpus##*/}
  echo "$name:"
  "$top_builddir/tests/fuzz/fuzz_$name" "$corpus" "$seconds" && continue
  echo "the input that ended it, in base64:"
  base64 crash-input || true
  failed=1
done
exit $failed
