#!/bin/sh
# A minute of fuzzing in all: with clang by libFuzzer, which follows the branches of the code, under AddressSanitizer and UBSan; without it, or
# where it cannot build, blind mutations of the corpora.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}" "${MAKE:=make}"
names=$(cd "$top_srcdir/tests/fuzz/corpus" && ls)
count=$(echo "$names" | wc -l)
each=$((60 / count + 1))
cd "$top_builddir"

can_fuzz() {
  command -v clang >/dev/null 2>&1 && scratch=$(mktemp -d) || return 1
  echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n); int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return d && n > 9; }' >"$scratch/try.c"
  status=0
  clang -fopenmp -fsanitize=fuzzer,address,undefined -o "$scratch/try" "$scratch/try.c" >/dev/null 2>&1 || status=1
  rm -rf "$scratch"
  return $status
}

if can_fuzz; then
  echo "by libFuzzer, $each seconds each"
  $MAKE -j"$(nproc)" fuzz-programs >fuzz-build.log 2>&1 || { tail -n 40 fuzz-build.log; exit 1; }
  exec sh "$top_srcdir/tests/fuzz/run.sh" fuzz/build seconds "$each"
fi
echo "by blind mutations, $each seconds each: there is no clang with libFuzzer (Debian: clang, libclang-rt-dev, libomp-dev)"
FUZZ_SECONDS=$each exec sh "$top_srcdir/tests/check-fuzz.sh"
