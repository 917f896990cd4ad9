# SPDX-License-Identifier: GPL-3.0-or-later
# What the tests of the program from outside share: to be read by them.  From then on the current folder is $scratch, which goes when the
# test ends, and so does that of temporary files, in which no run may leave any.  The program is that of the build tree, or the installed
# one where DILATE_BINDIR says so.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}" "${CC:=cc}"

test_name=$(basename "$0" .sh)
bin=$(cd "${DILATE_BINDIR:-$top_builddir}" && pwd)
source=$(cd "$top_srcdir" && pwd)
dilate=$bin/dilate
include=$source/include
test -x "$dilate" || { echo "$test_name: there is no $dilate"; exit 1; }
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
cd "$scratch"
out=$scratch/stdout err=$scratch/stderr # of the last run
TMPDIR=$scratch/temporary
mkdir "$TMPDIR"
export TMPDIR
failures=0
lines=1 # at most so many may a refusal take

complain() {
  echo "$test_name: $*"
  failures=$((failures + 1))
}

# run STATUS ARGUMENTS...: the program's status must be STATUS.
run() {
  wanted=$1
  shift
  status=0
  "$dilate" "$@" >"$out" 2>"$err" || status=$?
  test "$status" -eq "$wanted" || complain "status $status instead of $wanted: dilate $*: $(cat "$err")"
  test -z "$(ls -A "$TMPDIR" 2>/dev/null)" || complain "leaves $(ls "$TMPDIR") in TMPDIR: dilate $*"
}

# fails STATUS PATTERN ARGUMENTS...: one line on standard error, or of some the last, matches; nothing new in the folder.
fails() {
  fails_with=$1
  pattern=$2
  shift 2
  rm -f "$out" "$err"
  before=$(ls -A)
  run "$fails_with" "$@"
  count=$(wc -l <"$err")
  test "$count" -ge 1 && test "$count" -le "$lines" || complain "says $count lines, and not $lines: dilate $*"
  tail -n 1 "$err" | grep -q -e "$pattern" || complain "says '$(cat "$err")' and not '$pattern': dilate $*"
  bytes_printed=$(wc -c <"$out")
  rm -f "$out" "$err"
  test "$(ls -A)" = "$before" || complain "writes although it refuses: dilate $*"
}

# refuse STATUS PATTERN ARGUMENTS...: the same, and nothing on standard output.
refuse() {
  fails "$@"
  test "$bytes_printed" -eq 0 || complain "prints although it refuses: dilate $*"
}

# shows PATTERN: the last run printed it.
shows() {
  grep -q -e "$1" "$out" || complain "does not print '$1'"
}

# holds FILE PATTERN
holds() {
  grep -qs -e "$2" "$1" || complain "$1 has no '$2': $(head -c 300 "$1" 2>/dev/null)"
}

# same_run A B: the draws and the summary of two runs, but for the seconds.
same_run() {
  cmp -s "$1/draws.csv" "$2/draws.csv" || complain "$1 and $2 have other draws"
  for folder in "$1" "$2"; do grep -v '"seconds":' "$folder/summary.json" >"$folder.json"; done
  cmp -s "$1.json" "$2.json" || complain "$1 and $2 have other summaries: $(diff "$1.json" "$2.json" | head -4)"
}

# await FILE: for ten seconds at most.
await() {
  waited=0
  until test -e "$1" || test $waited -ge 100; do
    sleep 0.1
    waited=$((waited + 1))
  done
}
