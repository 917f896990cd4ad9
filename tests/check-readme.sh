#!/bin/sh
# The README's C example, the first ```c block, compiles with `pkg-config --cflags --libs dilate` against an installation, and prints
# exactly the first ```text block after it.  Then `make uninstall` leaves no file behind.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}" "${CC:=cc}" "${PKG_CONFIG:=pkg-config}" "${MAKE:=make}"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# block LANGUAGE: the first such block of standard input, without its fences.
block() { awk -v fence="\`\`\`$1" '$0 == fence && !done { inside = 1; next } /^```/ && inside { inside = 0; done = 1 } inside'; }

block c <"$top_srcdir/README.md" >"$scratch/example.c"
awk '/^```c$/ { seen = 1 } seen' "$top_srcdir/README.md" | block text >"$scratch/expected"
if [ ! -s "$scratch/example.c" ] || [ ! -s "$scratch/expected" ]; then
  echo "README.md has no C example, or does not say what it prints"
  exit 1
fi
if [ "$(wc -l <"$scratch/example.c")" -ge 40 ]; then
  echo "README.md promises an example under 40 lines"
  exit 1
fi

# An installed tree moved elsewhere, as packages are built: pkg-config is told where it stands.
root=$scratch/root
$MAKE -s -C "$top_builddir" install DESTDIR="$root" >"$scratch/install.log" 2>&1 || { cat "$scratch/install.log"; exit 1; }
module=$(find "$root" -name dilate.pc)
PKG_CONFIG_PATH=$(dirname "$module")
export PKG_CONFIG_PATH
prefix=$root$($PKG_CONFIG --variable=prefix dilate)
pkg_config() { $PKG_CONFIG --define-variable=prefix="$prefix" "$@" dilate; }

# shellcheck disable=SC2046,SC2086 # lists of words
$CC ${CFLAGS-} -o "$scratch/example" "$scratch/example.c" $(pkg_config --cflags --libs)
LD_LIBRARY_PATH=$(pkg_config --variable=libdir) "$scratch/example" >"$scratch/printed"
if ! diff -u "$scratch/expected" "$scratch/printed"; then
  echo "the example does not print what README.md says"
  exit 1
fi

$MAKE -s -C "$top_builddir" uninstall DESTDIR="$root" >"$scratch/uninstall.log" 2>&1 || { cat "$scratch/uninstall.log"; exit 1; }
if find "$root" ! -type d | grep .; then
  echo "make uninstall left these files"
  exit 1
fi
