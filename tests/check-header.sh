#!/bin/sh
# dilate.h compiles alone, and twice, as C99, C11 and C++ without a warning, and includes nothing but <stddef.h> and <stdint.h>.
set -eu
: "${top_srcdir:=.}" "${CC:=cc}" "${CXX:=}"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/user.c" <<'USER'
#include "dilate.h"
#include "dilate.h"

static int use(dilate_result **out, dilate_error *err) {
  dilate_target target;
  dilate_options options;
  dilate_error_init(err);
  dilate_target_init(&target);
  dilate_options_init(&options);
  return dilate_sample(&target, &options, out, err) == DILATE_OK;
}

int user(dilate_result **out, dilate_error *err);
int user(dilate_result **out, dilate_error *err) { return use(out, err); }
USER
cp "$scratch/user.c" "$scratch/user.cc"

# The header's own includes are these two, so that it needs no other package.
if sed -n 's/^#include *//p' "$top_srcdir/include/dilate.h" | grep -v -e '^<stddef.h>$' -e '^<stdint.h>$'; then
  echo "dilate.h includes more than <stddef.h> and <stdint.h>"
  exit 1
fi

strict='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'
for standard in c99 c11; do
  echo "as $standard"
  # shellcheck disable=SC2086 # lists of words
  $CC -std=$standard $strict -Wstrict-prototypes -I"$top_srcdir/include" -c "$scratch/user.c" -o "$scratch/user.o"
done
if [ -z "$CXX" ]; then
  echo "no C++ compiler: not tried as C++"
  exit 0
fi
for standard in c++98 c++17; do
  echo "as $standard"
  # shellcheck disable=SC2086 # lists of words
  $CXX -std=$standard $strict -Wno-long-long -I"$top_srcdir/include" -c "$scratch/user.cc" -o "$scratch/user.o"
done
