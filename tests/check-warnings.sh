#!/bin/sh
# Every warning says what there is, why it matters and what to try.  What can be checked of that: the text goes on to a reason, behind a colon
# or a conjunction, and to an imperative that begins a clause; and the check sees texts that lack one.
set -eu
: "${top_srcdir:=.}"

# texts FILE...: one line a warning: file and line, a bar, and the string literals of its call in one.
texts() {
  awk '
    /(run_warn|summarised_warn|[^a-z_]warn)\(/ && !/^(static )?int |__attribute__|"%s"/ { inside = 1; text = ""; where = FILENAME ":" FNR }
    inside {
      rest = $0
      if (/IMPROPER/) text = text "the target is improper, so that it has no draws; "
      while (match(rest, /"([^"\\]|\\.)*"/)) { text = text substr(rest, RSTART + 1, RLENGTH - 2); rest = substr(rest, RSTART + RLENGTH) }
      if ($0 ~ /;$/) { if (length(text) > 20) print where "|" text; inside = 0 }
    }' "$@"
}

# Those that lack a reason or an advice.  A text that ends in %s has its advice in what is put there.
lacking() {
  grep -vE '(: |, so |, since |, and so |, which | because ).*([;:.,]  ?|[?] +|; )(and |or )?([Tt]ry|[Cc]ompare|[Uu]se|[Cc]heck|[Ll]ook at|[Ll]et|[Ll]eave|[Gg]ive|[Ff]ix|[Rr]aise|[Aa]llow|[Kk]eep|[Rr]un|[Rr]eport|[Ss]et)[ ,]' |
    grep -v '%s$' || :
}

files=$(find "$top_srcdir/src" -name '*.c' | sort)
# shellcheck disable=SC2086
texts $files >warnings.found.$$
trap 'rm -f warnings.found.$$' EXIT
count=$(wc -l <warnings.found.$$)
if [ "$count" -lt 30 ]; then echo "check-warnings: only $count warnings were found"; exit 1; fi
lacking <warnings.found.$$ >&2
[ -z "$(lacking <warnings.found.$$)" ]

# Wrong on purpose.
[ -n "$(echo 'a.c:1|the weights are off: they cannot be trusted.' | lacking)" ]
[ -n "$(echo 'a.c:1|the weights are off.  Try more draws.' | lacking)" ]
[ -z "$(echo 'a.c:1|the weights are off, so that means are wrong.  Try more draws.' | lacking)" ]
