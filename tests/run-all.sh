#!/bin/sh
# What `make check-all` does: runs the tests that are named, programs and scripts, one after the other and whatever fails, and ends with
# a summary: the counts that they printed (lines "counted: N what", of the same what added up), what was skipped and why, what failed.
# Exit statuses are Automake's: 0 passed, 77 skipped, others failed.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP INT TERM
: >"$work/counts"
: >"$work/skipped"
: >"$work/failed"

run() {
  case $1 in
    *.sh) ${SHELL:-/bin/sh} "${top_srcdir:-.}/$1" ;;
    *) "./$1" ;;
  esac
}

for name; do
  echo "== $name"
  begun=$(date +%s)
  status=0
  run "$name" >"$work/log" 2>&1 </dev/null || status=$?
  cat "$work/log"
  echo "== $name: status $status, $(($(date +%s) - begun)) s"
  sed -n 's/^counted: //p' "$work/log" >>"$work/counts"
  case $status in
    0) ;;
    77) echo "skipped: $name: $(tail -n 1 "$work/log")" >>"$work/skipped" ;;
    *) echo "FAILED: $name, status $status" >>"$work/failed" ;;
  esac
done

echo
echo "== Summary of $# tests"
awk '{ n = $1; $1 = ""; if (!($0 in sum)) order[++kinds] = $0; sum[$0] += n } END { for (k = 1; k <= kinds; k++) printf "%12d%s\n", sum[order[k]], order[k] }' "$work/counts"
cat "$work/skipped" "$work/failed"
if [ -s "$work/failed" ]; then exit 1; fi
echo "$(($# - $(wc -l <"$work/skipped"))) passed, $(wc -l <"$work/skipped") skipped"
