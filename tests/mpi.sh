# SPDX-License-Identifier: GPL-3.0-or-later
# What the tests of dilate-mpi share: to be read by them.  Skips the test (77) where this build has no MPI, or nothing starts it.
set -eu
: "${top_builddir:=.}"
dilate=$top_builddir/dilate
dilate_mpi=$top_builddir/dilate-mpi
if [ ! -x "$dilate_mpi" ] || ! command -v mpirun >/dev/null; then
  echo 'skipped: this build has no MPI (configure --with-mpi), or there is no mpirun'
  exit 77
fi
# As root, on fewer processors than ranks, beside others.
OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
OMP_WAIT_POLICY=passive
export OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM OMPI_MCA_rmaps_base_oversubscribe OMPI_MCA_mpi_yield_when_idle OMP_WAIT_POLICY
if ! timeout 60 mpirun -n 2 true >/dev/null 2>&1; then
  echo 'skipped: mpirun starts no processes on this machine'
  exit 77
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
compared=0

complain() {
  echo "$*"
  exit 1
}

# on RANKS COMMAND...: dilate-mpi COMMAND on so many ranks, of one thread each.
on() {
  ranks=$1 command=$2
  shift 2
  timeout 300 mpirun -n "$ranks" "$dilate_mpi" "$command" "$@" --threads 1
}

# same NAME: the draws and the summary of $scratch/NAME are those of $scratch/alone, but for the seconds.
same() {
  cmp "$scratch/alone/draws.csv" "$scratch/$1/draws.csv" || complain "$1: other draws"
  for of in alone "$1"; do grep -v 'seconds' "$scratch/$of/summary.json" >"$scratch/summary-$of"; done
  cmp "$scratch/summary-alone" "$scratch/summary-$1" || complain "$1: another summary"
  compared=$((compared + 1))
}
