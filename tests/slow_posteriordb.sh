#!/bin/sh
# Posteriors against somebody else's reference draws: seed 1, default options, the densities in C (bench/README.md).  All but gp_pois_regr,
# whose effective sample size is too small (doc/manual.md, section 12); make posteriordb has it.
set -eu
: "${top_builddir:=.}"
"$top_builddir/bench/posteriordb" --quick --rows \
  arK,diamonds,eight_schools_centered,eight_schools_noncentered,garch11,kidscore_interaction,low_dim_gauss_mix,low_dim_gauss_mix_unordered
