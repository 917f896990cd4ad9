#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every method, and targets of all kinds with the default one, on 2, 3 and 4 ranks: draws and summaries are those of one process.
. "${srcdir:-.}/tests/mpi.sh"

# compare RANKS ARGUMENTS...: what is sampled by one process is sampled by so many.
compare() {
  ranks=$1
  shift
  rm -rf "$scratch/alone" "$scratch/on"
  "$dilate" sample "$@" --seed 1 --threads 1 --quiet --output "$scratch/alone"
  on "$ranks" sample "$@" --seed 1 --quiet --output "$scratch/on"
  same on
}

compare 4 galaxies
for method in langevin geometric dilation convolution walk diffusion-smc; do
  for ranks in 2 3 4; do compare $ranks gmm4 --method $method --draws 300; done
  compare 3 himmelblau --method $method --draws 100
done
compare 3 gmm4 --method walk --score langevin --draws 50
compare 2 gmm4 --method langevin --step-rule fixed --unadjusted --draws 300
for target in gmm40 gmm40:dim=50 gmm4 funnel10 eight_schools ionosphere manywell32 banana two_moons himmelblau narrow3 rings; do
  compare 4 $target
  compare 3 $target --islands 6 --groups 3 --draws 250 --effort 0.5
done
compare 2 gmm40 --target-se 0.005
compare 4 gmm40 --max-evaluations 80000
echo "counted: $compared MPI runs compared"
