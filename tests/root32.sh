#!/bin/sh
# root32.sh DIR: Debian's 32-bit (i386) packages of what the library needs, unpacked into DIR and not installed (GSL's 64-bit one could not
# stay beside it), with lists of packages of its own.  tests/all-32bit.sh builds and runs with them.
# shellcheck disable=SC2086,SC2010,SC2046,SC2015 # lists of words
set -eu
[ $# -eq 1 ] || { echo "usage: root32.sh DIR" >&2; exit 2; }
mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/packages"
root=$(cd "$1" && pwd)
apt="apt-get -q -o APT::Architecture=amd64 -o APT::Architectures::=amd64 -o APT::Architectures::=i386 -o Dir::State::lists=$root/lists -o Dir::Cache=$root/cache"
$apt update || echo "root32.sh: some lists could not be had; going on with the others" >&2
cd "$root/packages"
$apt download libgsl-dev:i386 libgsl27:i386 libgslcblas0:i386 libsleef-dev:i386 libsleef3:i386 libjansson-dev:i386 libjansson4:i386 \
  check:i386 libsubunit0:i386 libsubunit-dev:i386 zlib1g:i386 zlib1g-dev:i386
for package in *.deb; do dpkg-deb -x "$package" "$root"; done
rm -rf "$root/lists" "$root/cache" "$root/packages"
