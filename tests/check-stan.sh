#!/bin/sh
# Stan programs from outside: `dilate stan` makes objects of them, which sample to known evidence; and what it and they refuse (status 1,
# one line, nothing left).  Skipped, with a line, where R's rstan is not installed, unless all is said to be there (DILATE_READERS=all).
: "${DILATE_READERS:=}"

if ! Rscript --vanilla -e 'quit(status = !requireNamespace("rstan", quietly = TRUE))' >/dev/null 2>&1; then
  echo 'check-stan: skipped: there is no rstan (apt-get install r-cran-rstan)'
  test "$DILATE_READERS" != all || exit 1
  exit 77
fi

. "${top_srcdir:-.}/tests/program.sh"
data=$source/tests/data
unset CXX CXXFLAGS

# number KEY FILE: of a summary.
number() { sed -n "s/^  \"$1\": \([-0-9.e]*\),*\$/\1/p" "$2"; }

# near FOLDER TRUTH: its log Z is that, within four standard errors and 0.001.
near() {
  awk -v z="$(number log_z "$1/summary.json")" -v se="$(number log_z_se "$1/summary.json")" -v truth="$2" \
    'BEGIN { d = z - truth; exit !(z != "" && se > 0 && se < 0.05 && d * d <= (4 * se + 0.001) ^ 2) }' ||
    complain "log Z of $1 is $(number log_z "$1/summary.json") +- $(number log_z_se "$1/summary.json") and not $2"
}

# ---- Programs that are wrong ---------------------------------------------------------------------------------------------
printf 'parameters { real m; }\nmodel { m ~ normal(0, 1) }\n' >semicolon.stan
refuse 1 '^dilate: semicolon.stan: at line 2, column .* PARSER EXPECTED: ";"$' stan semicolon.stan
printf 'parameters { real m; }\nmodel { q ~ normal(0, 1); }\n' >unknown.stan
refuse 1 '^dilate: unknown.stan: Variable "q" does not exist. at line 2, column ' stan unknown.stan
# Where the ends of children are ignored, the translator's is told from success all the same.
printf '#!/bin/sh\nexec env --ignore-signal=CHLD "%s" "$@"\n' "$dilate" >"$scratch/childless"
chmod +x "$scratch/childless"
(
  dilate=$scratch/childless
  failures=0
  refuse 1 '^dilate: unknown.stan: Variable "q" does not exist.' stan unknown.stan
  exit $failures
) || failures=$((failures + 1))
refuse 1 "cannot read the Stan program 'no.stan': No such file" stan no.stan
refuse 1 "cannot read the Stan program '/': it is a folder" stan /
refuse 1 "cannot write into 'no/such/': No such file" stan "$data/schools.stan" --output no/such/model.so
refuse 1 "cannot write '/': it is a folder" stan "$data/schools.stan" --output /

# ---- What is missing -------------------------------------------------------------------------------------------------------
R_LIBS_SITE=/none
export R_LIBS_SITE
refuse 1 'R lacks rstan.*apt-get install r-cran-rstan' stan "$data/schools.stan"
unset R_LIBS_SITE
TMPDIR=$scratch/no
refuse 1 "cannot make a folder in '$scratch/no': No such file" stan "$data/schools.stan"
mkdir "$scratch/two" "$scratch/two words"
touch "$scratch/two/kept"
TMPDIR="$scratch/two words"
refuse 1 'semicolon.stan: at line 2' stan semicolon.stan
test -e "$scratch/two/kept" || complain 'TMPDIR="two words" has cost us the folder "two"'
TMPDIR=$scratch/temporary
lines=2
export CXX=/no/such/compiler
refuse 1 "no C++ compiler '/no/such/compiler'.*apt-get install .*g++" stan "$data/schools.stan"
CXX=false
refuse 1 'does not compile' stan "$data/schools.stan"
unset CXX
lines=1

# ---- Programs that are right -----------------------------------------------------------------------------------------------
mkdir made
cd made
run 0 stan "$data/schools.stan"
grep -q '^dilate: compiling .*schools.stan' "$err" || complain 'does not say that it compiles'
test "$(ls -A)" = schools.so || complain "leaves $(ls -A)"
cd ..
run 0 stan "$data/kinds.stan" --output made/other
test "$(ls -A made | tr '\n' ' ')" = 'other schools.so ' || complain "--output leaves $(ls -A made)"

# ---- The eight schools: names, evidence, threads -----------------------------------------------------------------------------
run 0 sample made/schools.so --data "$data/schools.json" --threads 1 --output one
run 0 sample made/schools.so --data "$data/schools.json" --threads 4 --output four
cmp one/draws.csv four/draws.csv || complain 'the draws depend on the threads'
series() { for j in 1 2 3 4 5 6 7 8; do printf ',%s[%s]' "$1" $j; done; }
test "$(head -n 1 one/draws.csv)" = "lp__,chain__,mode__,mu,tau$(series t)$(series theta)$(series error)" || complain 'the names of schools'
near one -32.0045
# theta is what it is made of, and the errors' standard deviations are sigma (4000 draws: five standard errors are 5.6 %).
awk -F, 'BEGIN { split("15 10 16 11 9 11 10 18", sigma, " ") }
  NR > 1 { for (j = 1; j <= 8; j++) {
    gap = $(13 + j) - $4 - $5 * $(5 + j)
    if (gap * gap > 1e-16 * (1 + $(13 + j) ^ 2)) bad = 1
    square[j] += $(21 + j) ^ 2 / 4000
  } }
  END { for (j = 1; j <= 8; j++) if ((sqrt(square[j]) / sigma[j] - 1) ^ 2 > 0.056 ^ 2) bad = 1
    exit bad || NR != 4001 }' one/draws.csv || complain 'transformed parameters or generated quantities of schools'

# ---- Other kinds of parameters: evidence by quadrature over the two means -----------------------------------------------------
run 0 sample ./made/other --data "$data/kinds.json" --output kinds
near kinds "$(awk 'BEGIN {
  n = split("-2.5 -1.5 0.5 2 3", y, " "); h = 0.05; pi = atan2(0, -1)
  for (a = -10 + h / 2; a < 10; a += h) for (b = a; b < 10; b += h) {
    p = exp(-(a * a + b * b) / 18) / (2 * pi * 9) * (b == a ? 0.5 : 1)
    for (i = 1; i <= n; i++) p *= (0.3 * exp(-(y[i] - a) ^ 2 / 2) + 0.7 * exp(-(y[i] - b) ^ 2 / 2)) / sqrt(2 * pi)
    z += p * h * h
  }
  print log(z) }')"
test "$(head -n 1 kinds/draws.csv | tr -d '"')" = 'lp__,chain__,mode__,m[1],m[2],L[1,1],L[2,1],L[3,1],L[1,2],L[2,2],L[3,2],L[1,3],L[2,3],L[3,3],s[1],s[2],s[3],A[1,1],A[2,1],A[1,2],A[2,2],A[1,3],A[2,3],side' ||
  complain 'the names of kinds'
# Order, unit rows, sum, and the data matrix the right way round: A is around its rows (1, 2, 3) and (40, 50, 60).
awk -F, 'BEGIN { split("1 40 2 50 3 60", shift, " ") }
  NR > 1 { row = $7 ^ 2 + $10 ^ 2; last = $8 ^ 2 + $11 ^ 2 + $14 ^ 2; sum = $15 + $16 + $17
    if (!($4 < $5) || $6 != 1 || $9 != 0 || (row - 1) ^ 2 > 1e-20 || (last - 1) ^ 2 > 1e-20 || (sum - 1) ^ 2 > 1e-20) bad = 1
    if ($24 != 0 && $24 != 1) bad = 1
    for (k = 1; k <= 6; k++) mean[k] += $(17 + k) / 4000 }
  END { for (k = 1; k <= 6; k++) if ((mean[k] - shift[k]) ^ 2 > 0.01) bad = 1
    exit bad || NR != 4001 }' kinds/draws.csv || complain 'the values of kinds'

# ---- Data that are wrong -------------------------------------------------------------------------------------------------------
schools() { refuse 1 "$1" sample made/schools.so --data data.json --output run; }
refuse 1 'without a data file: .*variable does not exist.*variable name=J' sample made/schools.so --output run
refuse 1 "data file '/no/such': No such file" sample made/schools.so --data /no/such --output run
: >data.json
schools 'data file data.json: it is empty'
echo '{"J": 8, "y": [28, 8' >data.json
schools 'data file data.json: the data are not valid JSON: line 2, column '
echo '[1, 2]' >data.json
schools 'no JSON object'
echo '{"J": 8, "J": 8}' >data.json
schools 'not valid JSON: .*duplicate object key'
echo '{"J": 2, "y": [28, 8, -3], "sigma": [15, 10]}' >data.json
schools 'variable name=y; position=0; dims declared=(2); dims found=(3)'
echo '{"J": 2, "y": [28, 8]}' >data.json
schools 'variable does not exist.*variable name=sigma'
echo '{"J": 2.5, "y": [28, 8], "sigma": [15, 10]}' >data.json
schools 'int variable contained non-int values.*variable name=J'
echo '{"J": 2, "y": [28, 8], "sigma": [15, -10]}' >data.json
schools 'sigma\[2\] is -10, but must be greater than or equal to 0'
echo '{"J": 2, "y": [28, "eight"], "sigma": [15, 10]}' >data.json
schools "the variable 'y' in the data holds the text 'eight'"
echo '{"J": 2, "y": [28, null], "sigma": [15, 10]}' >data.json
schools "the variable 'y' in the data is null"
echo '{"J": true, "y": [28, 8], "sigma": [15, 10]}' >data.json
schools "the variable 'J' in the data is true or false: write 1 or 0"
echo '{"N": 1, "y": [1], "shift": [[1, 2, 3], [1, 2]]}' >data.json
refuse 1 "the variable 'shift' in the data is no rectangular array" sample made/other --data data.json
echo '{"N": 1, "y": [1], "shift": [[1, 2, 3], [1, 2, 3]], "M": 1, "more": []}' >data.json
refuse 1 'variable name=more; dims declared=(1,3); dims found=(0)' sample made/other --data data.json
rm data.json

# ---- Stopping --------------------------------------------------------------------------------------------------------------------
for signal in INT TERM; do
  "$dilate" stan "$data/schools.stan" --output stopped.so >"$out" 2>"$err" &
  child=$!
  waited=0
  until grep -q compiling "$err" || test $waited -ge 600; do
    sleep 0.1
    waited=$((waited + 1))
  done
  kill -$signal $child || complain "the work ended before SIG$signal"
  status=0
  wait $child || status=$?
  test "$status" -gt 128 || complain "status $status after SIG$signal"
  grep -q -e '^dilate: stopped by Ctrl-C$' -e '^dilate: stopped by SIGTERM$' "$err" || complain "says '$(cat "$err")' after SIG$signal"
  test -z "$(ls -A "$TMPDIR")" || complain "leaves $(ls "$TMPDIR") in TMPDIR after SIG$signal"
  test ! -e stopped.so || complain "leaves an object after SIG$signal"
  if ls -A | grep -q '[.]tmp$'; then complain "leaves $(ls -A) after SIG$signal"; fi
done

test $failures -eq 0
