#!/bin/sh
# Plug-ins that are at fault, from outside: what `dilate check` says of them, and that whatever they do (rubbish shapes, crashes, exceptions,
# exits) is one clear line, exit status 1 and nothing half-written.
. "${top_srcdir:-.}/tests/program.sh"
plugins=$bin/tests

# A fault is the name of the data file.
fault() {
  : >"$1"
  echo "$plugins/plugin_faults.so --data ./$1"
}

# found FAULT PATTERN: `dilate check` finds it, in a line that matches.
found() {
  # shellcheck disable=SC2046 # words
  run 1 check $(fault "$1")
  grep -q -e "$2" "$out" || complain "$1: says '$(cat "$out")' and not '$2'"
  test ! -s "$err" || complain "$1: complains: $(cat "$err")"
  tail -n 1 "$out" | grep -q ': [1-9][0-9]* findings*; ' || complain "$1: no last line with the findings: $(cat "$out")"
}

# ---- What the check finds --------------------------------------------------------------------------------------------------
found component '^gradient: the derivative by theta\[3\] is .*, where differences of the log-density give .*, at theta\[3\] = '
found subtle '^gradient: the derivative by theta\[7\] is '
found race '^threads: .* from one of 4 threads at once, .* set DILATE_TARGET_SERIAL$'
found nan '^density: the log-density is NaN, .* at theta\[1\] = .* ([0-9]* of [0-9]* points): return > 0'
found abort '^status: the callback asked to abort the run, it returned -7, .* at theta\[1\] = .*: a status below 0 ends it'
for twin in none bounded tiles scaled; do
  # shellcheck disable=SC2046 # words
  run 0 check $(fault $twin) --seed 7 --threads 4
  grep -q ': 0 findings; 100 points, ' "$out" || complain "$twin: $(cat "$out")"
done
# shellcheck disable=SC2046 # words
run 0 check $(fault none) --points 10
grep -q ': 0 findings; 10 points, 200 derivatives' "$out" || complain "$(cat "$out")"
# shellcheck disable=SC2046 # words
run 1 check $(fault component) --json
grep -q '"what": "gradient"' "$out" || complain "as JSON: $(cat "$out")"
grep -q '"coordinate": 3,' "$out" || complain "as JSON: $(cat "$out")"
if command -v python3 >python; then python3 -m json.tool "$out" >python || complain 'the findings are not JSON'; fi
rm -f python
run 0 check gmm40
run 2 check
run 2 check gauss gauss
run 2 check gauss --points 0
run 2 check gaus
# What crashes on the way ends the check, with what was found before.
# shellcheck disable=SC2046 # words
fails 1 "the code of .*plugin_faults.so' ended the program while it was checked, at x\[1\] = .*, \.\.\.: a crash (signal SIGSEGV" check $(fault crash)

# ---- What cannot be opened -------------------------------------------------------------------------------------------------
# refuse_both PATTERN ARGUMENTS...: neither checked nor sampled.
refuse_both() {
  pattern=$1
  shift
  fails 1 "$pattern" check "$@"
  fails 1 "$pattern" sample "$@" --output results/deep
}

# opened FAULT PATTERN
opened() {
  # shellcheck disable=SC2046 # words
  refuse_both "$2" $(fault "$1")
}
opened dim0 'made is no target: target: dim is 0; it must be from 1'
opened dim1e18 'target: dim is 1000000000000000000; it must be'
opened out 'n_out is 7 but dim is 20; set constrain'
opened out1e18 'n_out is 1000000000000000000; it must be at most'
opened names 'names\[20\] is NULL; give all 21 names'
opened twice 'two parameters are named "mu"; names must be unique'
opened callbacks 'neither logp nor batch is set'
opened size 'struct_size is 0; call dilate_target_init'
opened refused 'plugin_faults.so: ./refused: line 3 has 2 numbers, not 1$'
opened opening 'ended the program while it was opened: a crash (signal SIGSEGV'
refuse_both 'interface 999, this library has' "$plugins/plugin_old.so"
refuse_both 'it does not export dilate_plugin_close; every plug-in must' "$plugins/plugin_partial.so"
echo 'no object' >text.so
: >empty.so
mkdir folder.so
refuse_both 'text.so: cannot be loaded: ' ./text.so
refuse_both 'empty.so: cannot be loaded: ' empty.so
refuse_both "plug-in './folder.so': it is a folder" ./folder.so
refuse_both "plug-in './none.so': No such file" ./none.so
refuse_both "data file 'none.csv': No such file" "$plugins/plugin_faults.so" --data none.csv
echo 'int other(void); int other(void) { return 0; }' >other.c
$CC -shared -fPIC -o other.so other.c
refuse_both "is a shared object, but no model" ./other.so
echo 'int lost(void); int dilate_plugin_abi(void); int dilate_plugin_abi(void) { return lost(); }' >lost.c
$CC -shared -fPIC -o lost.so lost.c
refuse_both 'lost.so: cannot be loaded: .*undefined symbol: lost' ./lost.so

# ---- What happens on the way -----------------------------------------------------------------------------------------------
# run_by FAULT PATTERN
run_by() {
  # shellcheck disable=SC2046 # words
  fails 1 "$2" sample $(fault "$1") --draws 16 --output results/deep
}
run_by crash 'ended the program while it was run: a crash (signal SIGSEGV: memory that is not its own); a debugger, '
run_by assertion 'ended the program while it was run: abort() (signal SIGABRT)'
run_by exit 'ended the program while it was run: it called exit()'
run_by quickly 'ended the program while it was run: it called exit()'
run_by abort 'asked to abort (it returned -7)'
# What was printed before a crash at the very end is not lost.
# shellcheck disable=SC2046 # words
run 1 check $(fault closing) --points 10
grep -q ': 0 findings; 10 points' "$out" || complain "closing: says '$(cat "$out")'"
grep -q 'ended the program while it was closed: a crash (signal SIGSEGV' "$err" || complain "closing: says '$(cat "$err")'"

if test -n "${CXX-}" && command -v "${CXX%% *}" >/dev/null; then
  for when in opening running; do
    $CXX -shared -fPIC -I"$include" -DTHROW_WHEN_"$when" -o "$when.so" "$source/tests/plugin_throws.cc"
  done
  refuse_both "ended the program while it was opened: an exception that nothing caught (.*std::runtime_error.*what():  no such prior" ./opening.so
  fails 1 "ended the program while it was run: an exception that nothing caught (.*std::domain_error.*what():  sigma is negative *); catch it" \
    sample ./running.so --output results/deep
  fails 1 "ended the program while it was checked, at x\[1\] = [0-9.e+]*, x\[2\] = .*: an exception .*sigma is negative" check ./running.so
else
  echo 'check-plugins: there is no C++ compiler: exceptions are not tried'
fi

test $failures -eq 0
