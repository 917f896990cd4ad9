#!/bin/sh
# Runs libFuzzer's harnesses:  run.sh TREE runs|seconds N [NAME...]
# TREE is a build tree whose harnesses have libFuzzer in them (make fuzz-programs).  N is how many runs or seconds each gets; without names all
# are run, one after the other.  Those of seconds begin with the same random numbers each time, so that a failure can be had again.  What is
# found on the way goes to TREE/found/NAME, an input that crashes to TREE/crash-NAME-*.
# At the end: "counted: N executions fuzzed".
# shellcheck disable=SC2086,SC2010,SC2046,SC2015 # lists of words
set -eu
: "${top_srcdir:=.}"
tree=$1
case $2 in
  runs) limit=-runs=${3:-1000000} ;;
  seconds) limit="-max_total_time=$3 -seed=1" ;;
  *) echo "usage: run.sh TREE runs|seconds N [NAME...]" >&2; exit 2 ;;
esac
[ $# -le 2 ] && shift 2 || shift 3
corpora=$top_srcdir/tests/fuzz/corpus
[ $# -gt 0 ] || set -- $(cd "$corpora" && ls)
failed=
total=0
for name; do
  mkdir -p "$tree/found/$name"
  status=0
  # Blocks of some size are refused, lest an input that asks for much memory be called slow.
  ASAN_OPTIONS=allocator_may_return_null=1:max_allocation_size_mb=256 OMP_NUM_THREADS=1 \
    "$tree/tests/fuzz/fuzz_$name" $limit -max_len=4096 -timeout=300 -rss_limit_mb=2048 -print_final_stats=1 -close_fd_mask=1 \
    -artifact_prefix="$tree/crash-$name-" "$tree/found/$name" "$corpora/$name" >"$tree/$name.log" 2>&1 || status=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$tree/$name.log")
  echo "$name: ${runs:-no} executions, status $status"
  total=$((total + ${runs:-0}))
  if [ "$status" -ne 0 ]; then
    tail -n 40 "$tree/$name.log"
    failed="$failed $name"
  fi
done
echo "counted: $total executions fuzzed"
[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
