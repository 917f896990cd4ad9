#!/bin/sh
# Others' programs read what a run writes, and find what summary.json says: R's posterior, rstan, bayesplot and coda; Python's numpy,
# netCDF4 and xarray.  What is not installed is skipped with a line that says so; with DILATE_READERS=all it is a failure.
. "${top_srcdir:-.}/tests/program.sh"

# Ten independent normals, each with a mean and a spread of its own, so that no two can be taken for one another: a matrix whose rows
# stand one after another, names that no Stan program could have, a block with a hole; and a parameter that is always 0.
cat >shapes.c <<'END'
#include <dilate.h>

static const char *const names[] = {"L[1,1]", "L[1,2]", "L[1,3]", "L[2,1]", "mu", "L[2,2]", "L[2,3]", "a b,c=d", "\316\243/2", "part[2]",
                                    "none"};

static int normals(size_t dim, const double *x, double *logp, double *grad, void *params) {
  size_t j;
  (void)params;
  *logp = 0;
  for (j = 0; j < dim; ++j) {
    const double spread = 1 + 0.1 * (double)j, z = (x[j] - 3 * (double)j) / spread;
    *logp -= z * z / 2;
    if (grad) grad[j] = -z / spread;
  }
  return 0;
}

static int report(size_t dim, const double *x, double *out, void *params) {
  size_t j;
  (void)params;
  for (j = 0; j <= dim; ++j) out[j] = j < dim ? x[j] : 0;
  return 0;
}

int dilate_plugin_abi(void) { return DILATE_PLUGIN_ABI; }

int dilate_plugin_open(const char *data_path, dilate_target *target, dilate_error *err) {
  (void)data_path;
  (void)err;
  target->dim = 10;
  target->logp = normals;
  target->n_out = 11;
  target->names = names;
  target->constrain = report;
  return 0;
}

void dilate_plugin_close(dilate_target *target) { (void)target; }
END
$CC -shared -fPIC -I"$include" -o shapes.so shapes.c
cat >data.json <<'END'
{"N": 3, "y": [1, 2.5, "NaN"], "M": [[1, 2, 3], [4, 5, 6]], "words": "none", "ragged": [[1], [2, 3]], "empty": [], "deep": [[1], ["x"]]}
END

formats=csv,stan,stan-one,npy,nc
if ! "$dilate" sample gauss:dim=2 --draws 16 --method langevin --steps 10 --quiet --output probe --format nc 2>stderr; then
  grep -q 'libnetcdf-dev' stderr || { cat stderr; exit 1; }
  formats=csv,stan,stan-one,npy
fi
"$dilate" sample eight_schools --seed 3 --quiet --output schools --format $formats
"$dilate" sample ./shapes.so --data data.json --islands 3 --groups 1 --draws 500 --quiet --output shapes --format $formats
cp data.json shapes/data.json
"$dilate" sample gmm4 --islands 2 --draws 200 --quiet --output one --format $formats
# Wrong on purpose: a digit is put into every number of the summary's parameters.
cp -r shapes wrong
sed -E '/"parameters": /,$s/^( *"(mean|sd|q5|q50|q95)": -?[0-9]*\.[0-9]{4})([0-9])/\17\3/' shapes/summary.json >wrong/summary.json
cmp -s shapes/summary.json wrong/summary.json && { echo 'check-readers: the wrong summary is the right one'; exit 1; }

done=0
# reading PACKAGE COMMAND...: the command's status 0: agreed, 77: nothing was there to read with.
reading() {
  what=$1
  shift
  status=0
  "$@" >right.out 2>right.err || status=$?
  cat right.out
  test $status -eq 0 || cat right.err
  case $status in
    0) done=$((done + 1)) ;;
    77) ;;
    *) failures=$((failures + 1)) ;;
  esac
  test $status -eq 0 || echo "check-readers: $what: status $status"
}

# rejecting PACKAGE READERS COMMAND...: each of the readers that agreed with the right summary complains of the wrong one.
rejecting() {
  what=$1
  readers=$2
  shift 2
  "$@" >wrong.out 2>wrong.err && complain "$what accepts a wrong summary"
  for reader in $readers; do
    ! grep -q "^$reader[,: ]" right.out || grep -q "$reader.*differs" wrong.out || complain "$reader accepts a wrong summary"
  done
}

absent() {
  echo "skipped: $1 is not installed"
  test "${DILATE_READERS-}" != all || failures=$((failures + 1))
}

LC_ALL=C.UTF-8
export LC_ALL
if command -v Rscript >where; then
  reading R Rscript --vanilla "$source/tests/readers.R" schools shapes one
  test $status -ne 0 || rejecting R 'posterior rstan bayesplot coda' Rscript --vanilla "$source/tests/readers.R" wrong
else
  absent r-base-core
fi
if test -x /usr/bin/python3; then
  reading Python /usr/bin/python3 "$source/tests/readers.py" schools shapes one
  test $status -ne 0 || rejecting Python 'numpy netCDF4 xarray' /usr/bin/python3 "$source/tests/readers.py" wrong
else
  absent python3
fi
test $failures -eq 0 || exit 1
test $done -gt 0 || exit 77
