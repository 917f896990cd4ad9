#!/bin/sh
# configure.ac, dilate.h and the newest entry of NEWS name the same version.
set -eu
: "${top_srcdir:=.}"

configured=$(sed -n 's/^AC_INIT(\[[^]]*\], *\[\([^]]*\)\].*/\1/p' "$top_srcdir/configure.ac")
part() { sed -n "s/^#define DILATE_VERSION_$1 \([0-9]*\)$/\1/p" "$top_srcdir/include/dilate.h"; }
header=$(part MAJOR).$(part MINOR).$(part PATCH)
news=$(sed -n 's/^libdilate \([0-9.]*\).*/\1/p' "$top_srcdir/NEWS" | head -n 1)

echo "configure.ac $configured, dilate.h $header, NEWS $news"
[ -n "$configured" ] && [ "$configured" = "$header" ] && [ "$configured" = "$news" ]
