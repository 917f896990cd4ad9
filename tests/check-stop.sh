#!/bin/sh
# Stopping and failing output: signals end a run with what it has, whole, marked and told; whatever call concerning a file fails, the
# program says so in one line and the earlier files stay byte for byte; readers that go away are an error.  all-stop.sh runs it at length.
# Under nohup SIGHUP is ignored, which no shell can undo for those that it starts.
if sh -c 'kill -HUP $$' 2>/dev/null; then exec env --default-signal=HUP "${SHELL:-/bin/sh}" "$0" "$@"; fi
LC_ALL=C
export LC_ALL
: "${STOPS:=0}"
. "${top_srcdir:-.}/tests/program.sh"
libraries=$bin/.libs
program=$dilate # what libtool's script runs, where it is one: a library that is loaded first must not meet the shell
test -x "$libraries/dilate" && program=$libraries/dilate
export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
trap 'umount "$scratch/disk" 2>/dev/null || :; rm -rf "$scratch"' EXIT
counted=0

number_of() {
  case $1 in INT) echo 2 ;; HUP) echo 1 ;; TERM) echo 15 ;; esac
}

# whole FOLDER: files of a run, none of them cut short, and no temporary ones.
whole() {
  holds "$1/summary.json" '^}$'
  holds "$1/report.html" '</html>$'
  awk -F, 'NR == 1 { n = NF } NF != n || /nan|inf/ { bad = 1 } END { exit bad || NR < 2 }' "$1/draws.csv" || complain "$1/draws.csv is not whole"
  rows=$(sed -n -e 's/^  "islands": \([0-9]*\).*/\1 */p' -e 's/^  "draws": \([0-9]*\).*/\1/p' "$1/summary.json" | tr '\n' ' ')
  test "$(wc -l <"$1/draws.csv")" -eq $((${rows:-0} + 1)) || complain "$1/draws.csv has not the $rows draws of its summary"
  clean "$1"
}

clean() {
  if ls -A "$1" | grep -q -e '[.]tmp$' -e '[.]old$'; then complain "$1 holds temporary files: $(ls -A "$1")"; fi
}

# begin ARGUMENTS...: in the background, its streams in the files stdout and stderr, its number in $child.
begin() {
  rm -f stdout stderr
  "$dilate" "$@" >stdout 2>stderr &
  child=$!
}

finish() {
  status=0
  wait "$child" || status=$?
}

# ended SIGNAL: by it, and one line says so.
ended() {
  test "$status" -eq $((128 + $(number_of "$1"))) || complain "status $status after SIG$1"
  test "$(grep -c '^dilate: ' stderr)" -eq 1 || complain "not one line after SIG$1: $(cat stderr)"
}

# ---- Signals ---------------------------------------------------------------------------------------------------------------
for signal in INT TERM HUP; do
  begin sample gmm4 --method langevin --draws 50 --steps 100000000 --output stopped-$signal
  await stopped-$signal
  sleep 0.2
  kill -$signal "$child" || complain "the run ended before SIG$signal"
  finish
  ended $signal
  holds stderr "^dilate: stopped by [A-Z]*\(trl-C\)*; kept in 'stopped-$signal': 4 islands of 50 draws, a partial result\$"
  holds stdout '(stopped before the end: partial)'
  holds stdout '^warning: asked to stop, the run ended in group 1, stage "langevin", after [0-9]* evaluations'
  holds stopped-$signal/summary.json '"complete": false'
  holds stopped-$signal/report.html 'Partial result'
  whole stopped-$signal
done

# nohup's wish stands.
(
  trap '' HUP
  "$dilate" sample gmm4 --method langevin --draws 50 --steps 100000000 --max-seconds 2 --output hung --quiet 2>stderr &
  child=$!
  await hung
  kill -HUP "$child"
  wait "$child"
) || complain "SIGHUP ends a run that was to ignore it: $(cat stderr)"
holds hung/summary.json 'a budget, max_seconds (2), ended the run'
whole hung

# ---- A target that takes its time ----------------------------------------------------------------------------------------------
cat >slow.c <<'END'
#define _POSIX_C_SOURCE 200809L
#include <dilate.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

static atomic_long calls;

/* Slow from call SLOW_FROM on: SLOW_FOR seconds and a half a point. */
static int normal(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const struct timespec pause = {.tv_sec = atol(getenv("SLOW_FOR")), .tv_nsec = 500000000};
  (void)params;
  if (atomic_fetch_add(&calls, 1) >= atol(getenv("SLOW_FROM"))) nanosleep(&pause, NULL);
  *logp = 0;
  for (size_t j = 0; j < dim; ++j) {
    *logp -= x[j] * x[j] / 2;
    if (grad) grad[j] = -x[j];
  }
  return 0;
}

int dilate_plugin_abi(void) { return DILATE_PLUGIN_ABI; }

int dilate_plugin_open(const char *data_path, dilate_target *target, dilate_error *err) {
  (void)data_path, (void)err;
  target->dim = 2;
  target->logp = normal;
  return 0;
}

void dilate_plugin_close(dilate_target *target) { (void)target; }
END
$CC -shared -fPIC -I"$include" -o slow.so slow.c || { complain 'the slow target does not compile'; exit 1; }

# From the first point on: its first step would take an hour.  One Ctrl-C stops it within seconds, two at once.
export SLOW_FROM=0 SLOW_FOR=0
begin sample ./slow.so --output none
await none
kill -INT "$child"
finish
ended INT
holds stderr '^dilate: stopped by Ctrl-C before there were draws that could be kept$'
test ! -e none || complain 'a run without draws leaves its folder'
SLOW_FOR=60
begin sample ./slow.so --output twice
await twice
kill -INT "$child"
sleep 0.2
kill -INT "$child" || complain 'the first Ctrl-C ends a call of the target'
finish
test "$status" -eq 130 || complain "status $status after two Ctrl-C"
test ! -s stderr || complain "two Ctrl-C are no end at once: $(cat stderr)"
test -z "$(ls -A twice)" || complain "two Ctrl-C leave $(ls -A twice)"
SLOW_FOR=0
# From the second group on: the first one's draws are kept, and they are those of a run that was never slow.
SLOW_FROM=60000
begin sample ./slow.so --max-seconds 4 --output budget --quiet
finish
test "$status" -eq 0 || complain "status $status after a budget: $(cat stderr)"
holds budget/summary.json '"islands": 2'
holds budget/summary.json 'a budget, max_seconds (4), ended the run in group 2, '
whole budget
SLOW_FROM=100000000
begin sample ./slow.so --quiet --output never
finish
sed 's/,-*[0-9]*,/,/2' budget/draws.csv >some
head -n "$(wc -l <some)" never/draws.csv >others
awk -F, '{ print $1, $2, $4, $5 }' budget/draws.csv >some
awk -F, '{ print $1, $2, $4, $5 }' never/draws.csv | head -n "$(wc -l <some)" >others
cmp some others || complain 'the draws of a run that was stopped are not those of its first group'

# ---- Every call in turn --------------------------------------------------------------------------------------------------------
$CC -shared -fPIC -o shim.so "$source/tests/stop_shim.c" -ldl || { complain 'the shim does not compile'; exit 1; }
formats=csv,stan,npy
rm -rf probe
if "$dilate" sample gauss:dim=2 --draws 16 --method langevin --steps 1 --output probe --quiet --format nc 2>/dev/null; then formats=$formats,nc; fi

# shimmed ARGUMENTS...: the program with the shim, under the variables of the caller.
shimmed() {
  status=0
  LD_PRELOAD=$scratch/shim.so OMP_NUM_THREADS=1 "$program" "$@" >stdout 2>stderr || status=$?
}

# run_into FOLDER SEED
run_into() {
  shimmed sample gauss:dim=2 --draws 16 --islands 2 --groups 1 --method langevin --steps 1 --seed "$2" --output "$1" --quiet --format $formats
}

# same_draws A B
same_draws() {
  for file in draws.csv draws_1.csv draws_2.csv draws.npy; do
    case $file in *_*) grep -v '^#' "$1/$file" >one && grep -v '^#' "$2/$file" >other && cmp -s one other ;; *) cmp -s "$1/$file" "$2/$file" ;; esac || return 1
  done
}

# Call k fails: either the files are the earlier ones, or all are the new ones.
fail_every_call() {
  SHIM_ERRNO=$1 SHIM_ON=$2
  export SHIM_ERRNO SHIM_ON SHIM_FAIL_AT SHIM_LOG=$scratch/log
  k=1
  while :; do
    rm -rf log into
    cp -a earlier into
    SHIM_FAIL_AT=$k
    run_into into 2
    test -e log || break
    read -r call number <log
    if test "$status" -eq 0; then
      same_draws into later || complain "call $k ($call) fails, the status is 0, and the files are not those of the run"
    else
      test "$status" -eq 1 || complain "status $status where call $k ($call) fails"
      test "$(wc -l <stderr)" -eq 1 || complain "not one line where call $k ($call) fails"
      grep -q "^dilate: cannot [a-z ]* '*into.*: [A-Z]" stderr || complain "says '$(cat stderr)' where call $k ($call) fails"
      if grep -q 'cannot remove' stderr; then
        same_draws into later || complain "call $k ($call) fails, and the files are not those of the run"
      else
        diff -r --exclude='.*' earlier into >/dev/null || complain "call $k ($call) fails, and the earlier files are not what they were"
      fi
    fi
    test "$call" = unlink || clean into
    counted=$((counted + 1))
    k=$((k + 1))
  done
  unset SHIM_FAIL_AT
  test $k -gt 40 || complain "only $k calls fail"
}
unset SHIM_FAIL_AT 2>/dev/null || :
run_into earlier 1
run_into later 2
if same_draws earlier later; then complain 'two seeds give the same draws'; fi
fail_every_call 5 0
test "$STOPS" -eq 0 || fail_every_call 28 1

# ---- Readers that go away, and streams that are closed ------------------------------------------------------------------------------
(sleep 0.3; status=0; "$dilate" targets 2>stderr || status=$?; echo $status >status) | true
test "$(cat status)" -eq 1 || complain "status $(cat status) when nobody reads"
holds stderr '^dilate: cannot write to standard output: Broken pipe$'
(sleep 0.3; status=0; "$dilate" sample gauss:dim=2 --output piped 2>stderr || status=$?; echo $status >status) | true
test "$(cat status)" -eq 1 || complain "status $(cat status) when nobody reads the summary"
whole piped
status=0
"$dilate" sample gauss:dim=2 --output closed >&- 2>stderr || status=$?
test "$status" -eq 1 || complain "status $status when standard output is closed"
holds stderr '^dilate: cannot write to standard output: Bad file descriptor$'
whole closed
cmp piped/draws.csv closed/draws.csv || complain 'what is printed goes into a file'
"$dilate" sample gauss:dim=2 --output silent --quiet >&- 2>&- <&- || complain 'a quiet run wants the standard streams'
whole silent
if test -w /dev/full; then
  status=0
  "$dilate" summary piped >/dev/full 2>stderr || status=$?
  test "$status" -eq 1 || complain "status $status on a full disk"
  holds stderr '^dilate: cannot write to standard output: No space left on device$'
fi

# ---- What a run that was killed while it wrote has left ----------------------------------------------------------------------------------
for file in .draws.csv.123.tmp .draws_1.csv.4.old .report.html.99.tmp; do
  echo old >"silent/$file"
  touch -d '2 hours ago' "silent/$file"
done
touch silent/.draws.csv.124.tmp # of a run that may be at it
for file in .draws.csv.tmp .draws.csv.x1.tmp .notes.123.tmp draws.csv.123.tmp; do
  touch -d '2 hours ago' "silent/$file"
done
"$dilate" sample gauss:dim=2 --output silent --quiet
test "$(ls -A silent | tr '\n' ' ')" = '.draws.csv.124.tmp .draws.csv.tmp .draws.csv.x1.tmp .notes.123.tmp draws.csv draws.csv.123.tmp report.html summary.json ' ||
  complain "of files that were left there remain: $(ls -A silent)"

# ---- Files of other commands ------------------------------------------------------------------------------------------------------
k=1
while :; do
  rm -rf log model
  export SHIM_FAIL_AT=$k SHIM_LOG=$scratch/log SHIM_ERRNO=28 SHIM_ON=0
  shimmed new model
  unset SHIM_FAIL_AT
  test -e log || break
  read -r call number <log
  test "$status" -eq 0 || test ! -e model || complain "call $k ($call) fails, and there is a folder all the same"
  test "$status" -eq 0 || test "$(wc -l <stderr)" -eq 1 || complain "not one line where call $k ($call) of 'dilate new' fails"
  test "$status" -ne 0 || test "$(ls -A model | wc -l)" -eq 3 || complain "call $k ($call) fails, the status is 0, and a file is missing"
  case $call in unlink | rmdir) rm -rf .model.*.tmp ;; *) clean . ;; esac
  counted=$((counted + 1))
  k=$((k + 1))
done

# ---- At length: any moment of any method, a disk that is full --------------------------------------------------------------------------
moment() {
  awk -v seed="$1" 'BEGIN { srand(seed); rand(); print rand() * rand() * 0.8 }'
}

# What a run that was stopped at some moment may leave: nothing, or whole files that say so; a finished one says that.
stopped_somewhere() {
  case $status in
  0) holds "$1/summary.json" '"complete": true' ;;
  130)
    if test -s stderr; then
      test "$(wc -l <stderr)" -eq 1 || complain "not one line: $(cat stderr)"
      grep -q '^dilate: stopped by Ctrl-C' stderr || complain "says '$(cat stderr)'"
    else
      # Nothing yet; or Ctrl-C came when all was written, and ended what had nothing left to do.
      test ! -e "$1/draws.csv" || holds "$1/summary.json" '"complete": true'
    fi
    ;;
  *) complain "status $status after Ctrl-C: $(cat stderr)" ;;
  esac
  if test -e "$1/summary.json"; then whole "$1"; else test ! -e "$1" || clean "$1"; fi
}

i=0
while test $i -lt "$STOPS"; do
  case $((i % 10)) in
  0) method=langevin ;; 1) method=geometric ;; 2) method=dilation ;; 3) method=convolution ;; 4) method=walk ;;
  5) method=diffusion-smc ;; *) method=bridge ;;
  esac
  options=
  test $method = bridge || options='--steps 2000'
  rm -rf some
  "$program" sample gmm4 --method $method $options --draws 200 --seed 3 --output some --quiet >stdout 2>stderr &
  child=$!
  sleep "$(moment $i)"
  kill -INT "$child" 2>/dev/null || :
  finish
  stopped_somewhere some
  if test $method = bridge && test -e some/draws.csv; then
    test -e whole.csv || "$program" sample gmm4 --draws 200 --seed 3 --output uncut --quiet
    awk -F, '{ print $1, $2, $4, $5 }' uncut/draws.csv >whole.csv
    awk -F, '{ print $1, $2, $4, $5 }' some/draws.csv >part.csv
    head -n "$(wc -l <part.csv)" whole.csv | cmp -s - part.csv || complain 'the draws of a run that was stopped are not those of the whole run'
  fi
  counted=$((counted + 1))
  i=$((i + 1))
done

mkdir disk
if test "$STOPS" -gt 0 && mount -t tmpfs -o size=300k none disk 2>/dev/null; then
  "$dilate" sample gauss:dim=2 --draws 16 --output disk/run --quiet
  cp -a disk/run kept
  for format in csv stan stan-one npy csv,npy,stan; do
    status=0
    "$dilate" sample gauss:dim=2 --draws 4000 --method langevin --steps 2 --output disk/run --quiet --format $format 2>stderr || status=$?
    test "$status" -eq 1 || complain "status $status on a full disk"
    test "$(wc -l <stderr)" -eq 1 || complain 'not one line on a full disk'
    holds stderr "^dilate: cannot write 'disk/run/[a-z_0-9]*[.][a-z]*': No space left on device: make room there, or name another place\$"
    diff -r kept disk/run >diff || complain "a full disk spoils earlier files: $(cat diff)"
    counted=$((counted + 1))
  done
  umount disk
  mount -t tmpfs -o ro none disk
  status=0
  "$dilate" sample gauss:dim=2 --output disk/run 2>stderr || status=$?
  test "$status" -eq 1 || complain "status $status on a disk that cannot be written to"
  holds stderr "^dilate: cannot make the folder 'disk/run': Read-only file system"
  umount disk
elif test "$STOPS" -gt 0; then
  echo 'check-stop: no file system can be mounted here: a full disk was not tried'
fi

test "$STOPS" -eq 0 || echo "counted: $counted stops and failing outputs"
test $failures -eq 0
