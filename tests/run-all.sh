#!/bin/sh
# What `make check-all` does: runs the tests that are named, whatever fails, and ends with a summary: the counts that they printed (lines
# "counted: N what", of the same what added up), what was skipped and why, what failed.  Programs, which take one processor, run one after the
# other beside the scripts, which build and measure in folders that they share.  Exit statuses are Automake's: 0 passed, 77 skipped, others
# failed.
set -eu
work=$(mktemp -d)
programs='' scripts='' beside=''
trap 'rm -rf "$work"' EXIT
trap '[ -z "$beside" ] || kill "$beside" 2>/dev/null; exit 129' HUP INT TERM
: >"$work/counts"
: >"$work/skipped"
: >"$work/failed"
for name; do
  case $name in
    *.sh) scripts="$scripts $name" ;;
    *) programs="$programs $name" ;;
  esac
done

run() {
  case $1 in
    *.sh) ${SHELL:-/bin/sh} "${top_srcdir:-.}/$1" ;;
    *)
      "./$1" &
      trap 'kill "$!"; exit 129' TERM
      wait "$!"
      ;;
  esac
}

run_in_turn() {
  for name; do
    log=$work/$(basename "$name").log
    begun=$(date +%s)
    echo "== $name: begins"
    status=0
    run "$name" >"$log" 2>&1 </dev/null || status=$?
    last=$(tail -n 1 "$log")
    sed -n 's/^counted: //p' "$log" >>"$work/counts"
    echo "== $name: status $status, $(($(date +%s) - begun)) s" >>"$log"
    cat "$log"
    case $status in
      0) ;;
      77) echo "skipped: $name: $last" >>"$work/skipped" ;;
      *) echo "FAILED: $name, status $status" >>"$work/failed" ;;
    esac
  done
}

# shellcheck disable=SC2086 # a list of names
run_in_turn $programs &
beside=$!
# shellcheck disable=SC2086 # a list of names
run_in_turn $scripts
wait "$beside"

echo
echo "== Summary of $# tests"
awk '{ n = $1; $1 = ""; if (!($0 in sum)) order[++kinds] = $0; sum[$0] += n } END { for (k = 1; k <= kinds; k++) printf "%12d%s\n", sum[order[k]], order[k] }' "$work/counts"
cat "$work/skipped" "$work/failed"
if [ -s "$work/failed" ]; then exit 1; fi
echo "$(($# - $(wc -l <"$work/skipped"))) passed, $(wc -l <"$work/skipped") skipped"
