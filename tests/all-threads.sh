#!/bin/sh
# Data races: runs of every method, checks and comparisons with several threads under ThreadSanitizer, in a tree of its own (make
# threads-program).  It takes clang with LLVM's OpenMP runtime, whose tool archer tells ThreadSanitizer of OpenMP's synchronisation; GCC's
# libgomp says nothing of its own, and everything would be called a race.  That a race is seen and a barrier understood is tried first.
# shellcheck disable=SC2086,SC2010,SC2046,SC2015 # lists of words
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}" "${MAKE:=make}"
cd "$top_builddir"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
TSAN_OPTIONS="ignore_noninstrumented_modules=1 halt_on_error=0 exitcode=66 log_path=$scratch/races"
# The runtime loads archer by itself where it finds it.
for library in /usr/lib/llvm-*/lib/libarcher.so; do [ -f "$library" ] && OMP_TOOL_LIBRARIES=$library && export OMP_TOOL_LIBRARIES; done
export TSAN_OPTIONS

skip() {
  echo "$1 (Debian: clang, libomp-dev, libclang-rt-dev)"
  exit 77
}

# Two threads add to a number in turn, with a barrier between them, or (-DRACE) at once.
cat >"$scratch/try.c" <<'PROGRAM'
#include <omp.h>
int main(void) {
  int sum = 0;
#pragma omp parallel num_threads(2)
  {
    if (omp_get_thread_num() == 0) for (int i = 0; i < 100000; i++) *(volatile int *)&sum += 1;
#ifndef RACE
#pragma omp barrier
#endif
    if (omp_get_thread_num() == 1) for (int i = 0; i < 100000; i++) *(volatile int *)&sum += 1;
  }
  return sum == 0;
}
PROGRAM
command -v clang >/dev/null 2>&1 || skip "there is no clang"
for race in "" -DRACE; do
  clang -g -O1 -fopenmp -fsanitize=thread $race -o "$scratch/try$race" "$scratch/try.c" >"$scratch/log" 2>&1 || skip "clang makes no program with ThreadSanitizer and OpenMP"
done
"$scratch/try" >/dev/null 2>&1 || skip "ThreadSanitizer does not run here, or does not understand OpenMP's barriers without archer"
if "$scratch/try-DRACE" >/dev/null 2>&1; then skip "ThreadSanitizer does not see a planted race"; fi
rm -f "$scratch"/races*

$MAKE -j"$(nproc)" threads-program >threads-build.log 2>&1 || { tail -n 40 threads-build.log; exit 1; }
runs=0
failed=0
run() {
  runs=$((runs + 1))
  status=0
  "threads/build/dilate" "$@" >"$scratch/log" 2>&1 || status=$?
  [ "$status" -eq 0 ] && return
  echo "dilate $*: status $status"
  tail -n 5 "$scratch/log"
  failed=1
}
few="--draws 16 --islands 4 --quiet"
run sample two_moons --threads 3 --effort 0.1 $few
run sample eight_schools --threads 2 --effort 0.1 $few --groups 2 --hint-scale 1,1,1,1,1,1,1,1,1,1
for method in langevin geometric dilation convolution walk; do run sample gmm4 --method $method --threads 3 --steps 8 $few --output "$scratch/$method"; done
run sample gauss:dim=3 --method diffusion-smc --threads 3 --steps 6 $few
run sample rings --method convolution --threads 2 --steps 4 --score langevin $few
run sample funnel10 --method walk --threads 2 --steps 4 --score importance $few
run compare --threads 3 "$scratch/langevin" "$scratch/dilation"
run check two_moons --threads 4 --points 20
cat "$scratch"/races* 2>/dev/null | head -n 200
[ "$failed" -eq 0 ]
echo "counted: $runs runs without a data race"
