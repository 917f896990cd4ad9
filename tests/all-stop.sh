#!/bin/sh
# check-stop.sh at length: many stops at any moment of every method, a disk that is full, and every call failing in two ways.
set -eu
: "${top_srcdir:=.}" "${STOPS:=300}"
export STOPS
exec "${SHELL:-/bin/sh}" "$top_srcdir/tests/check-stop.sh"
