#!/bin/sh
# Memory by valgrind: runs of every method and command; no invalid access, no use of a value that was never set, no definite leak.  A planted
# fault must be seen.
# shellcheck disable=SC2086,SC2010,SC2046,SC2015 # lists of words
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}"
cd "$top_builddir"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if ! command -v valgrind >/dev/null 2>&1; then
  echo "there is no valgrind (Debian: valgrind)"
  exit 77
fi
DILATE_ISA=avx2 # the widest that it knows; the library takes less where the processor has less
export DILATE_ISA
check="valgrind --quiet --error-exitcode=66 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --exit-on-first-error=no"

cat >"$scratch/fault.c" <<'PROGRAM'
#include <stdlib.h>
int main(void) {
  double *x = malloc(sizeof *x);
  const int negative = *x < 0;
  free(x);
  return negative;
}
PROGRAM
${CC:-cc} -g -O0 -w -o "$scratch/fault" "$scratch/fault.c"
status=0
$check "$scratch/fault" >/dev/null 2>&1 || status=$?
if [ "$status" -ne 66 ]; then
  echo "valgrind does not see a planted fault (status $status)"
  exit 77
fi

runs=0
failed=0
run() {
  runs=$((runs + 1))
  status=0
  ./libtool --mode=execute $check ./dilate "$@" >"$scratch/log" 2>&1 || status=$?
  [ "$status" -eq 0 ] && return
  echo "dilate $*: status $status"
  head -n 60 "$scratch/log"
  failed=1
}
few="--draws 16 --islands 2 --threads 2 --quiet"
run sample two_moons --effort 0.1 $few --output "$scratch/bridge" --format csv,stan,stan-one,npy
for method in langevin geometric dilation convolution walk; do run sample gmm4 --method $method --steps 4 $few --output "$scratch/$method"; done
run sample gauss:dim=2 --method diffusion-smc --steps 4 $few
run sample rings --method convolution --steps 2 --score langevin $few
run sample eight_schools --method langevin --steps 2 $few
run summary "$scratch/langevin"
run compare --json "$scratch/langevin" "$scratch/dilation"
run targets --json
[ "$failed" -eq 0 ]
echo "counted: $runs runs clean under valgrind"
