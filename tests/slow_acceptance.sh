#!/bin/sh
# The program's promises, from outside: log evidence, modes and weights of targets whose truth is known, the six orderings of the
# galaxies posterior, and the same bytes for one thread and for two.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

sample() { "$top_builddir/dilate" sample "$@" --quiet; }

# The first `"name": number` of the file; the run's own figures stand before those of the truth.
number() { sed -n "s/^.*\"$2\": *\([^,} ]*\).*/\1/p" "$1" | head -n 1; }

# judge RUN LOG_Z TOLERANCE TV MODES: `-` where nothing was promised.
judge() {
  summary=$scratch/$1/summary.json
  awk -v run="$1" -v log_z="$(number "$summary" log_z)" -v want="$2" -v tolerance="$3" -v se="$(number "$summary" log_z_se)" \
    -v tv="$(number "$summary" mode_tv)" -v tv_most="$4" -v found="$(number "$summary" modes_found)" -v modes="$5" '
    BEGIN {
      line = sprintf("%-40s log_z %.4f (%.4f, error %+.4f, standard error %.4f)", run, log_z, want, log_z - want, se)
      bad = log_z !~ /^-?[0-9]/ || log_z - want >= tolerance || want - log_z >= tolerance
      if (tv_most != "-") {
        line = line sprintf(", %s modes, total variation %.4f", found, tv)
        bad = bad || tv !~ /^[0-9]/ || tv >= tv_most
      }
      if (modes != "-") bad = bad || found != modes
      print line (bad ? "   FAILED" : "")
      exit bad
    }' || failed=1
}

while read -r target log_z tolerance tv modes seeds; do
  for seed in $seeds; do
    run=$target-seed-$seed
    sample "$target" --seed "$seed" --output "$scratch/$run" || { echo "$run: no result"; failed=1; continue; }
    judge "$run" "$log_z" "$tolerance" "$tv" "$modes"
  done
done <<'PROMISES'
gmm40                          0         0.08  0.08 40 1 2 3 4 5
gmm40:scale=0.001,shift=1000   0         0.08  0.08 40 1 2 3 4 5
manywell32                     164.6957  0.5   -    -  1
gmm4:dim=50                    0         0.03  0.04 4  1
ionosphere                     -111.611  0.1   -    -  1
rosenbrock                     1.8378771 0.05  -    -  1
PROMISES

for seed in 1 2 3; do sample galaxies --seed "$seed" --output "$scratch/galaxies-$seed"; done
sh "$top_srcdir/bench/orderings" "$scratch/galaxies-1" "$scratch/galaxies-2" "$scratch/galaxies-3" || failed=1

for target in gmm40 funnel10; do
  for threads in 1 2; do sample "$target" --threads "$threads" --output "$scratch/threads-$threads"; done
  if cmp "$scratch/threads-1/draws.csv" "$scratch/threads-2/draws.csv"; then
    echo "$target: the same draws for one thread and two"
  else
    failed=1
  fi
done

exit "$failed"
