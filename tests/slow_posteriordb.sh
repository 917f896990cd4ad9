#!/bin/sh
# Nine posteriors against somebody else's reference draws: seed 1, default options, the densities in C (bench/README.md).
set -eu
: "${top_builddir:=.}"
"$top_builddir/bench/posteriordb" --quick
