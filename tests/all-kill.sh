#!/bin/sh
# A hundred kills with SIGKILL at random moments of checkpointed runs, some of them killed again as they go on: each is then resumed, and comes
# to the very result of the run that nobody killed.  A moment counts from when the run has begun to keep its state; a run that ended before
# its moment came is not counted, but compared all the same.
#
# KILLS (default 100) and SEED (default 1) in the environment.
: "${KILLS:=100}" "${SEED:=1}"
. "${top_srcdir:-.}/tests/program.sh"
OMP_WAIT_POLICY=passive
export OMP_WAIT_POLICY

give_up() {
  echo "all-kill: kill $kills, $arguments: $*"
  exit 1
}

# Half a second of one processor each, about: exploration, warps, many bridges, repeats, and every other method.
scenarios=$(cat <<'SCENARIOS'
gmm40:dim=50 --draws 200 --checkpoint 0
funnel10 --draws 300 --checkpoint 0.02
ionosphere --draws 200 --checkpoint 0.05
manywell32 --draws 200 --checkpoint 0.05
eight_schools:form=centered --draws 300 --checkpoint 0.02 --seed 7
gmm4 --target-se 0.004 --draws 200 --checkpoint 0
gmm4 --method langevin --steps 800 --checkpoint 0.05
gmm4 --method dilation --steps 800 --step-rule lambda --step-size 0.1 --unadjusted --checkpoint 0.02 --format csv,npy
gmm4 --method geometric --steps 400 --checkpoint 0.1
gmm4 --method convolution --steps 500 --checkpoint 0.05
gmm4 --method convolution --score importance --score-samples 8 --draws 100 --steps 200 --checkpoint 0.05
gmm4 --method walk --score langevin --score-samples 8 --draws 100 --steps 200 --checkpoint 0.05
gmm4 --method diffusion-smc --steps 800 --checkpoint 0.05
SCENARIOS
)
count=$(printf '%s\n' "$scenarios" | wc -l)
awk -v seed="$SEED" -v n=$((20 * KILLS)) 'BEGIN { srand(seed); for (i = 0; i < n; i++) print rand() }' >moments
exec 9<moments

milliseconds() {
  echo $(($(date +%s%N) / 1000000))
}

# A run that nobody kills, once for each scenario: its files in whole-N, its milliseconds in whole-N/lasted.
whole() {
  test ! -d "whole-$scenario" || return 0
  began=$(milliseconds)
  "$dilate" sample $arguments --quiet --output "whole-$scenario" 2>errors || give_up "the run itself: $(cat errors)"
  echo $(($(milliseconds) - began)) >"whole-$scenario/lasted"
}

# kill_at COMMAND...: starts it, and kills it at the next moment of its run; killed=1 unless it ended before.
kill_at() {
  read -r moment <&9
  pause=$(awk -v r="$moment" -v ms="$(cat "whole-$scenario/lasted")" 'BEGIN { printf "%.3f", r * ms / 1000 }')
  "$dilate" "$@" >/dev/null 2>errors &
  process=$!
  while test ! -e run/checkpoint && kill -0 "$process" 2>/dev/null; do sleep 0.005; done
  sleep "$pause"
  kill -9 "$process" 2>/dev/null || :
  status=0
  wait "$process" 2>/dev/null || status=$?
  killed=0
  case $status in
  0) ;;
  137) killed=1 ;;
  *) give_up "ended with status $status: $(cat errors)" ;;
  esac
}

is_over() {
  test ! -e run/checkpoint && test ! -e run/checkpoint.1
}

compare() {
  same_run run "whole-$scenario"
  test "$failures" -eq 0 || give_up "another result"
  test -z "$(ls -A run | grep checkpoint || :)" || give_up "is left: $(ls -A run)"
}

kills=0 turn=0
while test "$kills" -lt "$KILLS"; do
  scenario=$((turn % count + 1))
  arguments=$(printf '%s\n' "$scenarios" | sed -n "${scenario}p")
  whole
  rm -rf run
  kill_at sample $arguments --quiet --output run
  kills=$((kills + killed))
  again=$((turn / count % 3)) # times that it is killed as it goes on
  while test "$again" -gt 0 && test "$killed" -eq 1 && test "$kills" -lt "$KILLS" && ! is_over; do
    kill_at resume run --quiet --threads $((again % 2 + 1))
    kills=$((kills + killed))
    again=$((again - 1))
  done
  is_over || "$dilate" resume run --quiet --threads $((turn % 2 + 1)) 2>errors || give_up "cannot be resumed: $(cat errors)"
  test ! -s errors || give_up "complains: $(cat errors)"
  compare
  turn=$((turn + 1))
done
echo "counted: $kills kills survived"
