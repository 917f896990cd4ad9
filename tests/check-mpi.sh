#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# dilate-mpi: the draws of 1, 2, 3 and 4 ranks are those of dilate, and what goes wrong on one rank ends all of them with one message.
. "${srcdir:-.}/tests/mpi.sh"

"$dilate" sample gmm40 --draws 200 --seed 1 --threads 2 --quiet --output "$scratch/alone"
for ranks in 1 2 3 4; do
  on $ranks sample gmm40 --draws 200 --seed 1 --quiet --output "$scratch/on-$ranks"
  same on-$ranks
done

# refuse STATUS MESSAGE COMMAND...: on three ranks that ends so, and rank 0 alone says why; no folder is left.
refuse() {
  wanted=$1 message=$2 status=0
  shift 2
  on 3 "$@" --output "$scratch/none" --quiet >"$scratch/out" 2>"$scratch/err" || status=$?
  [ "$status" -eq "$wanted" ] || { cat "$scratch/err"; complain "exit status $status, not $wanted: $*"; }
  [ "$(grep -c "^dilate: .*$message" "$scratch/err")" -eq 1 ] || { cat "$scratch/err"; complain "not one line with '$message': $*"; }
  [ ! -e "$scratch/none" ] || complain "a folder was left: $*"
}
plugin=$top_builddir/tests/plugin_rank.so
echo '1 700 abort' >"$scratch/abort"
echo '0 3 abort' >"$scratch/abort-early"
echo '2 700 kill' >"$scratch/kill"
refuse 1 'asked to abort (it returned -5)' sample "$plugin" --data "$scratch/abort"
refuse 1 'asked to abort (it returned -5)' sample "$plugin" --data "$scratch/abort-early" --method langevin
refuse 2 'there is no method' sample gmm4 --method none
refuse 1 'no_such_file' sample ./no_such_file.so

# A rank that is killed ends the run, and nothing is left of it.
if on 3 sample "$plugin" --data "$scratch/kill" --quiet --output "$scratch/killed" >"$scratch/out" 2>&1; then
  complain 'a run that lost a rank ended well'
fi
[ ! -e "$scratch/killed/draws.csv" ] || complain 'a run that lost a rank left draws'
if mpirun -n 2 "$dilate_mpi" targets >"$scratch/out" 2>&1; then complain 'dilate-mpi targets'; fi
grep -q 'take the program dilate' "$scratch/out" || complain 'what dilate-mpi says of other commands'

# Where draws take most of the memory a rank of four has not half of what one process takes beyond a run of few draws; the draws are the same.
# memory RANKS DRAWS: kB of the largest rank.
memory() {
  DILATE_MPI_COUNT=1 on "$1" sample gmm4:dim=50 --draws "$2" --seed 1 --quiet --output "$scratch/large-$1" 2>&1 |
    awk '$1 == "memory:" { print $5 }'
}
small_1=$(memory 1 100) small_4=$(memory 4 100) large_1=$(memory 1 20000) large_4=$(memory 4 20000)
echo "memory: $small_1 and $large_1 kB on one rank, $small_4 and $large_4 kB on each of four"
[ $((large_1 - small_1)) -gt 100000 ] || complain 'the draws are too few to tell'
[ $((2 * (large_4 - small_4))) -lt $((large_1 - small_1)) ] || complain 'each rank of four has more than half of the memory'
cmp "$scratch/large-1/draws.csv" "$scratch/large-4/draws.csv" || complain 'other draws of a large run'
for part in "$scratch"/large-4/draws.csv.*; do [ ! -e "$part" ] || complain "a part was left: $part"; done

# Told once, by its own name.
for words in --version help; do mpirun -n 3 "$dilate_mpi" $words >"$scratch/$words"; done
[ "$(wc -l <"$scratch/--version")" -eq 1 ] && grep -q '^dilate-mpi [0-9.]*$' "$scratch/--version" || complain "its version is $(cat "$scratch/--version")"
"$dilate" help | cmp - "$scratch/help" || complain 'the help of dilate-mpi'
