#!/bin/sh
# Checkpoints of the program: a run that was killed or stopped goes on to the files that it would have written; what cannot be gone on with is
# refused with its reason.
. "${top_srcdir:-.}/tests/program.sh"
data=$source/targets/data

# says LINES PATTERN: what the last run said on standard error.
says() {
  test "$(wc -l <stderr)" -eq "$1" || complain "says $(wc -l <stderr) lines, not $1: $(cat stderr)"
  test "$1" -eq 0 || grep -q -e "$2" stderr || complain "says '$(cat stderr)' and not '$2'"
}

# flip FILE BYTE
flip() {
  byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
  printf "\\$(printf %o $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# A run that its budget stops on the way, with both of its checkpoints.
stopped_run() {
  rm -rf stopped
  run 0 sample himmelblau --draws 64 --effort 0.2 --seed 3 --output stopped --checkpoint 0 --max-evaluations 40000 --quiet --threads 2
  test -s stopped/checkpoint && test -s stopped/checkpoint.1 || complain "a stopped run has no checkpoints: $(ls -A stopped)"
}
go_on="--max-evaluations 100000000 --quiet"

run 0 sample himmelblau --draws 64 --effort 0.2 --seed 3 --output whole --quiet
test "$(ls -A whole | tr '\n' ' ')" = "draws.csv report.html summary.json " || complain "a whole run leaves $(ls -A whole)"

# ---- Going on ------------------------------------------------------------------------------------------------------------
stopped_run
run 0 resume stopped $go_on --threads 1
says 0
same_run whole stopped
test "$(ls -A stopped | tr '\n' ' ')" = "draws.csv report.html summary.json " || complain "a resumed run leaves $(ls -A stopped)"
run 1 resume stopped
says 1 "no checkpoint in .*its run has come to its end"

# Killed; the formats and the rest are as they were asked for.
"$dilate" sample himmelblau --draws 64 --effort 0.2 --seed 3 --output killed --checkpoint 0 --format csv,npy --quiet --strict >/dev/null 2>&1 &
process=$!
while test ! -e killed/checkpoint.1 && kill -0 "$process"; do sleep 0.005; done
kill -9 "$process" 2>/dev/null || complain "a run has ended before it could be killed"
wait "$process" 2>/dev/null || :
run 0 resume killed
says 0
grep -q 'draws' stdout || complain "a resumed run prints no summary"
same_run whole killed
test -s killed/draws.npy || complain "a resumed run forgets its formats"

# Stopped by the user, who has another folder as the current one when he goes on; the data are a path.
mkdir there elsewhere
cp "$data/ionosphere.csv" there/ionosphere.csv
(cd there && exec "$dilate" sample ionosphere --data ionosphere.csv --draws 16 --effort 0.1 --islands 1 --output ../interrupted --checkpoint 0 --quiet >/dev/null 2>&1) &
process=$!
while test ! -e interrupted/checkpoint.1 && kill -0 "$process"; do sleep 0.005; done
kill -INT "$process"
wait "$process" 2>/dev/null || :
test -s interrupted/checkpoint || complain "a run that the user stopped has no checkpoint"
cp -r interrupted other
(cd elsewhere && "$dilate" resume ../interrupted --quiet 2>../stderr) || complain "cannot be resumed from another folder: $(cat stderr)"
(cd there && "$dilate" sample ionosphere --data ionosphere.csv --draws 16 --effort 0.1 --islands 1 --output ../straight --quiet)
same_run straight interrupted

# ---- A new run in the folder of one that was stopped -----------------------------------------------------------------------
stopped_run
run 2 sample himmelblau --method magic --output stopped
test -s stopped/checkpoint && test -s stopped/checkpoint.1 || complain "a run that is refused takes the checkpoints of another"
# Killed before its own first checkpoint: what is resumed must not be the other run.
"$dilate" sample himmelblau --method langevin --steps 100000000 --output stopped --quiet >/dev/null 2>&1 &
process=$!
waited=0
while test -e stopped/checkpoint.1 && test $waited -lt 100; do
  sleep 0.1
  waited=$((waited + 1))
done
kill -9 "$process" 2>/dev/null || complain "a run has ended before it could be killed"
wait "$process" 2>/dev/null || :
run 1 resume stopped
says 1 "there is no checkpoint in"
# So it is where the new run keeps none, and is stopped.
stopped_run
run 0 sample himmelblau --draws 64 --effort 0.2 --seed 4 --output stopped --checkpoint never --max-evaluations 40000 --quiet
run 1 resume stopped
says 1 "there is no checkpoint in"

# ---- Refusals ------------------------------------------------------------------------------------------------------------
tail -n 1 there/ionosphere.csv >row && cat row >>there/ionosphere.csv
run 1 resume other
says 3 "another target, or of other data"
rm -rf there
run 1 resume other
says 3 "cannot go to the folder"

stopped_run
flip stopped/checkpoint 5000
run 0 resume stopped $go_on
says 1 "damaged.*the one before it"
same_run whole stopped

stopped_run
head -c 1000 stopped/checkpoint >short && mv short stopped/checkpoint
flip stopped/checkpoint.1 60
run 1 resume stopped
says 3 "truncated: it has 1000 of its"
grep -q "damaged: its checksum" stderr || complain "says not what is wrong with the other: $(cat stderr)"
test -s stopped/checkpoint || complain "a refused checkpoint is gone"
mv stopped/checkpoint.1 stopped/checkpoint
flip stopped/checkpoint 12
run 1 resume stopped
says 2 "has format [0-9]*, and this library"

stopped_run
if "$dilate" --version >/dev/null && DILATE_ISA=generic "$dilate" resume stopped $go_on 2>stderr; then
  complain "goes on with another instruction set"
else
  grep -q "set DILATE_ISA=" stderr || complain "does not say which instruction set: $(cat stderr)"
fi

mkdir empty
run 1 resume empty
says 1 "there is no checkpoint in .*--checkpoint"
run 1 resume nowhere
says 1 "there is no folder 'nowhere'"
mkdir -p foreign && echo "hello, this is a text of some length and no checkpoint" >foreign/checkpoint
run 1 resume foreign
says 2 "is none"

# ---- Usage ---------------------------------------------------------------------------------------------------------------
run 2 resume
says 1 "which run"
run 2 resume a b
says 1 "one run at a time"
run 2 resume --threads 0 a
says 1 "threads"
run 2 resume --seed 3 a
says 1 "no option '--seed'"
run 2 sample gmm4 --checkpoint 1
says 1 "--output DIR"
run 2 sample gmm4 --output x --checkpoint often
says 1 "checkpoint"
run 2 sample gmm4 --output x --checkpoint -1
says 1 "checkpoint"
run 0 resume --help
run 0 help resume

run 0 sample himmelblau --draws 64 --effort 0.2 --seed 3 --output never --checkpoint never --max-evaluations 40000 --quiet
test ! -e never/checkpoint || complain "--checkpoint never keeps one"

# Where the state cannot be kept any more the run goes on; where it never could it does not begin.
mkdir full full/checkpoint
run 1 sample himmelblau --draws 64 --output full --checkpoint 0 --quiet
says 1 "checkpoint': it is a folder"
test ! -e full/draws.csv || complain "a run goes on that could not keep its first state"

test "$failures" -eq 0 || exit 1
