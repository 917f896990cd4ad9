#!/bin/sh
# The examples run, print a table without a NaN and nothing on standard error, and the figures that are known; minimal.c keeps its promise of
# fewer than 40 lines.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# Runs an example with the words that follow its name.
try() {
  echo "== $*"
  example=$1
  shift
  "$top_builddir/examples/$example" "$@" >"$scratch/printed" 2>"$scratch/complaints"
  cat "$scratch/printed" "$scratch/complaints"
  [ -s "$scratch/printed" ] && [ ! -s "$scratch/complaints" ]
  if grep -i -w nan "$scratch/printed"; then exit 1; fi
}
# The number behind a word of what was printed lies between two others.
between() {
  awk -v word="$1" -v low="$2" -v high="$3" \
    'i = index($0, word) { split(substr($0, i + length(word)), f, " "); found = 1; if (f[1] < low || f[1] > high) wrong = 1 }
     END { exit !(found && !wrong) }' "$scratch/printed" || { echo "$1: not between $2 and $3"; exit 1; }
}

for example in conditioning constrained minimal paper posterior; do try $example; done
try schools
between "partially pooled: log evidence" -31.36 -31.26 # log 2 more than with the whole Cauchy density: -32.003 + 0.693
between "pooled to partially pooled" 1.5 1.7
try galaxies 2 # both by the long runs of six: more components take minutes
between "         1 " -247.5 -247.4
between "         2 " -235.3 -235.1
try hidden 2
between "1 states: log evidence" -219.50 -219.44 # -219.471, in closed form
between "2 states: log evidence" -212.57 -212.47 # -212.52, by quadrature over rates and two transitions
try labels "$top_srcdir/bench/truth/posteriordb/low_dim_gauss_mix.json"
between "of one labelling alone" -2115.72 -2115.64 # two half-normals: 2 log 2 more than -2117.069
between "mu[1] > mu[2] with probability" 0.48 0.52
try regression "$top_srcdir/targets/data/ionosphere.csv" 1
between "all pulses, scale 1 " -111.69 -111.53 # -111.611, by long chains and a bridge
[ "$(wc -l <"$top_srcdir/examples/minimal.c")" -lt 40 ]
