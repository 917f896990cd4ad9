#!/bin/sh
# AddressSanitizer, its leak check and UBSan over unit tests and over runs of every method, in the tree that the fuzzing harnesses are built in
# (make sanitize-programs), by clang.  `make check-sanitize` has the whole of the quick check, by the compiler of the build; it takes long.
# shellcheck disable=SC2086,SC2010,SC2046,SC2015 # lists of words
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}" "${MAKE:=make}"
top_srcdir=$(cd "$top_srcdir" && pwd)
cd "$top_builddir"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# The program has a stack of its own for signals.  And __tls_get_addr() is not to be watched: LLVM before 17 takes a library's thread-local block
# that begins 16 bytes behind a page's begin for one of an old C library, reads its place and size from what stands before it, and
# LeakSanitizer's tracer dies of them ("Tracer caught signal 11"; google/sanitizers, issue 1322).  Such a block is the C++ library's, which
# LLVM's OpenMP runtime brings along; where it lies depends on all allocations before.  It is still searched for pointers, as all that the
# loader allocates.
ASAN_OPTIONS=allocator_may_return_null=1:use_sigaltstack=0:intercept_tls_get_addr=0
UBSAN_OPTIONS=print_stacktrace=1
# What sanitizers see is judged from what they write, see complains() below; what a program ends with stays what it says itself.
LSAN_OPTIONS=exitcode=0
export ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS

# Whether a sanitizer wrote into a log of anything but blocks that LLVM's OpenMP runtime itself has from malloc() and keeps for its threads.
# (A suppression would go by any place of the stack, and hide all that is lost in a parallel region.)
complains() {
  awk '/runtime error:/ { bad = 1 }
       /Sanitizer/ && !/ERROR: LeakSanitizer: detected memory leaks/ && !/SUMMARY: AddressSanitizer: [0-9]+ byte.s. leaked/ { bad = 1 }
       /^(Direct|Indirect) leak of/ { bad = bad || open; open = 1 }
       open && / #1 / { open = 0; if (!/libomp\.so/) bad = 1 }
       END { exit !(bad || open) }' "$1"
}

echo 'int main(int n, char **v) { int x[2] = {0, 0}; return v ? x[n + 1] : 0; }' >"$scratch/fault.c"
if ! clang -g -fopenmp -fsanitize=address,undefined -o "$scratch/fault" "$scratch/fault.c" >/dev/null 2>&1; then
  echo "clang makes no program with AddressSanitizer and OpenMP (Debian: clang, libclang-rt-dev, libomp-dev)"
  exit 77
fi
"$scratch/fault" >"$scratch/log" 2>&1 || true
if ! complains "$scratch/log"; then
  echo "AddressSanitizer does not see a planted fault"
  exit 1
fi
# Blocks that are lost by one thread, and by all of a parallel region; and none.
cat >"$scratch/leak.c" <<'EOF'
#include <stdlib.h>
#include <string.h>
static void use(int lose) {
  char *volatile block = malloc(77);
  if (block) memset(block, 1, 77);
  if (!lose) free(block);
  block = NULL;
}
int main(int n, char **v) {
  const int lose = n > 1, alone = lose && strcmp(v[1], "alone") == 0;
#pragma omp parallel num_threads(alone ? 1 : 4)
  for (int k = 0; k < 20; k++) use(lose && !alone);
  for (int k = 0; k < 20; k++) use(alone);
  return 0;
}
EOF
clang -g -fopenmp -fsanitize=address,undefined -o "$scratch/leak" "$scratch/leak.c"
if ! "$scratch/leak" >"$scratch/log" 2>&1 || complains "$scratch/log"; then
  echo "LeakSanitizer sees a leak, or dies, where nothing is lost"
  exit 1
fi
for where in alone team; do
  if ! "$scratch/leak" $where >"$scratch/log" 2>&1 || ! complains "$scratch/log"; then
    echo "LeakSanitizer does not see a planted leak ($where)"
    exit 1
  fi
done

$MAKE -j"$(nproc)" sanitize-programs >sanitize-build.log 2>&1 || { tail -n 40 sanitize-build.log; exit 1; }
cd fuzz/build
runs=0
failed=0
for test in $SANITIZE_TESTS; do
  runs=$((runs + 1))
  top_builddir=$(pwd) ./$test >"$scratch/log" 2>&1 && ! complains "$scratch/log" && continue
  echo "$test: failed"
  tail -n 60 "$scratch/log"
  failed=1
done
run() {
  runs=$((runs + 1))
  ./dilate "$@" >"$scratch/log" 2>&1 && ! complains "$scratch/log" && return
  echo "dilate $*: failed"
  head -n 60 "$scratch/log"
  failed=1
}
few="--draws 16 --islands 4 --threads 2"
run sample two_moons --effort 0.2 $few --output "$scratch/bridge" --format csv,stan,stan-one,npy
run sample eight_schools --effort 0.1 $few --output "$scratch/schools"
for method in langevin geometric dilation convolution walk diffusion-smc; do run sample gmm4 --method $method --steps 8 $few --output "$scratch/$method"; done
run sample rings --method convolution --steps 4 --score langevin $few
run sample ionosphere --method langevin --steps 4 $few --output "$scratch/ionosphere"
run summary "$scratch/schools"
run summary --json "$scratch/bridge"
run compare --json --target gmm4 "$scratch/langevin"
run check two_moons --points 20
run targets --json
[ "$failed" -eq 0 ]
echo "counted: $runs tests and runs under AddressSanitizer and UBSan"
