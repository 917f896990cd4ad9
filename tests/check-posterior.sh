#!/bin/sh
# dilate summary against R's package posterior, where R has it (and loo, for Pareto k): the stored draws and values are what it still says,
# and other draws, read from the files of four chains as CmdStan writes them, have the same table to 1e-8.
if ! Rscript -e 'stopifnot(requireNamespace("posterior", quietly = TRUE), requireNamespace("loo", quietly = TRUE))' >/dev/null 2>&1; then
  if [ "${DILATE_READERS-}" = all ]; then echo "check-posterior: R with posterior and loo is not there"; exit 1; fi
  echo "check-posterior: skipped: R with the packages posterior and loo (Debian: r-cran-posterior, r-cran-loo) is not there"
  exit 77
fi
. "${top_srcdir:-.}/tests/program.sh"
data=$source/tests/data
script=$source/tests/posterior_values.R

# agree A B: lines of file, name and numbers, equal to 1e-8; NA and null are one.
agree() {
  paste -d '|' "$1" "$2" | awk -F '|' -v same="$1 and $2" '
    NR == 1 { next }
    { n = split($1, a, ","); if (split($2, b, ",") != n) bad = bad "\n" $0
      for (i = 3; i <= n; i++) {
        if (a[i] == b[i] || (a[i] == "NA" && b[i] == "null")) continue
        d = a[i] - b[i]; size = a[i] < 0 ? -a[i] : a[i]
        if (a[i] == "NA" || b[i] == "null" || d > 1e-8 * size || -d > 1e-8 * size) bad = bad "\n" a[2] ": " a[i] " " b[i] } }
    END { if (bad != "" || NR < 10) { print same " differ:" bad; exit 1 } }'
}

# The table of dilate summary --json in the order of the script's measures.
table() {
  "$dilate" summary --json "$@" | sed 's/,$//' | awk -F '": ' '
    BEGIN { count = split("mean sd q5 q50 q95 rhat ess_bulk ess_tail mcse mcse_sd mcse_q5 mcse_q50 mcse_q95 pareto_k", key, " ")
            print "file,name" }
    { sub(/^ *"/, "", $1); value[$1] = $2 }
    $1 == "name" { gsub(/"/, "", $2); gsub(/,/, ";", $2); name = $2 }
    $1 == "pareto_k" && name != "lp__" { line = "json," name; for (i = 1; i <= count; i++) line = line "," value[key[i]]; print line }'
}

Rscript "$script" draws "$scratch" 2>/dev/null
files=
for name in eight_schools multi_normal awkward one_chain short; do
  cmp "$scratch/posterior_$name.csv" "$data/posterior_$name.csv"
  files="$files $data/posterior_$name.csv"
done
# shellcheck disable=SC2086
Rscript "$script" values $files >"$scratch/values"
agree "$data/posterior_values.csv" "$scratch/values"

Rscript "$script" stan "$scratch" 2>/dev/null
Rscript "$script" values "$scratch/chains.csv" >"$scratch/theirs"
table "$scratch"/stan_1.csv "$scratch"/stan_2.csv "$scratch"/stan_3.csv "$scratch"/stan_4.csv >"$scratch/files"
table "$scratch/chains.csv" >"$scratch/column"
agree "$scratch/theirs" "$scratch/files"
agree "$scratch/theirs" "$scratch/column"
grep -q '^json,Sigma.1;2.,' "$scratch/files"

# What is wrong on purpose is seen: the chains in another order of draws.
(head -n 1 "$scratch/chains.csv"; tail -n +2 "$scratch/chains.csv" | sort -t , -k 1,1n -k 4,4n) >"$scratch/shuffled.csv"
table "$scratch/shuffled.csv" >"$scratch/wrong"
if agree "$scratch/theirs" "$scratch/wrong" >"$scratch/said"; then
  echo "check-posterior: draws in another order have the same diagnostics"
  exit 1
fi
