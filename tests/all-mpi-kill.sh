#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Twenty checkpointed runs, of 2, 3 or 4 ranks, of which one is killed at a random moment: the run ends with an error, and what its last
# checkpoint resumes on another number of ranks has the draws and the summary of a run that nobody disturbed.
. "${srcdir:-.}/tests/mpi.sh"

wanted=20 survived=0 tries=0

# random N: a number below N.
random() {
  echo $(($(od -An -N4 -tu4 /dev/urandom) % $1))
}

# kept: whether there is a checkpoint.
kept() {
  [ -e "$scratch/disturbed/checkpoint" ] || [ -e "$scratch/disturbed/checkpoint.1" ]
}

# disturb RANKS: a run of so many ranks, of which one is killed at some time after the first checkpoint (before that, while MPI starts, Open
# MPI's mpirun may hang).  Fails when the run was over before.
disturb() {
  # shellcheck disable=SC2086 # words
  timeout -k 5 100 mpirun -n "$1" "$dilate_mpi" sample $target --seed 1 --threads 1 --quiet --checkpoint 0 \
    --output "$scratch/disturbed" >"$scratch/out" 2>&1 &
  starter=$!
  while ! kept && kill -0 $starter 2>/dev/null; do sleep 0.05; done
  sleep "$(random 3).$(random 10)"
  victim=$(pgrep -f -P "$(pgrep -P $starter)" dilate-mpi 2>/dev/null | sed -n "$(($(random "$1") + 1))p")
  [ -z "$victim" ] || kill -KILL "$victim" 2>/dev/null || victim=
  status=0
  wait $starter || status=$?
  [ -n "$victim" ] && [ $status -ne 0 ] && [ $status -ne 124 ] && kept && [ ! -e "$scratch/disturbed/draws.csv" ]
}

while [ $survived -lt $wanted ]; do
  tries=$((tries + 1))
  [ $tries -le $((6 * wanted)) ] || complain "in $tries tries only $survived runs were killed with a checkpoint"
  case $((tries % 3)) in
    0) target='eight_schools' ;;
    1) target='manywell32 --draws 500' ;;
    2) target='gmm4 --method walk --draws 500' ;;
  esac
  rm -rf "$scratch/alone" "$scratch/disturbed"
  ranks=$((2 + $(random 3)))
  disturb $ranks || continue
  # shellcheck disable=SC2086 # words
  "$dilate" sample $target --seed 1 --threads 1 --quiet --output "$scratch/alone"
  others=$((1 + (ranks + $(random 3)) % 4))
  if [ $others -eq 1 ]; then
    "$dilate" resume "$scratch/disturbed" --quiet
  else
    on $others resume "$scratch/disturbed" --quiet
  fi
  same disturbed
  survived=$((survived + 1))
done
echo "counted: $survived MPI kills survived"
