#!/bin/sh
# Folders are layers: a file includes its own layer and those above it, in the order of `layers` below.  The targets, the program and the
# examples are users of the library: of the project they see dilate.h, the targets' header where they need it, and their own headers.
set -eu
: "${top_srcdir:=.}"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Prints the includes in the tree $1 that break the rule; fails when there is one.
check_tree() {
  (cd "$1" && find src targets examples -name '*.[ch]' -exec grep -Hn '^[[:space:]]*#[[:space:]]*include' {} +) | awk -F: '
    BEGIN {
      count = split("base target mixture stats path kernel score stage method diag", layers, " ")
      for (i = 1; i <= count; i++) rank[layers[i]] = i
    }
    # May the file of folder `folder` include `name`?
    function allowed(folder, name,    owner) {
      if (name == "dilate.h") return 1
      owner = name
      sub(/\/.*/, "", owner)
      if (folder == "src") return owner in rank
      if (folder in rank) return (owner in rank) && rank[owner] <= rank[folder]
      if (folder == "targets") return owner == "targets" || name !~ /\//
      if (folder == "io") return owner == "io" || name == "targets/targets.h"
      if (folder == "mpi") return owner == "mpi" || owner == "cli" || name == "dilate_mpi.h"
      if (folder == "cli") return owner == "cli" || owner == "io" || name == "targets/targets.h"
      return 0
    }
    {
      folder = $1
      sub(/\/[^\/]*$/, "", folder)
      sub(/^src\//, "", folder)
      name = $3
      quoted = name ~ /^[^"<]*"/
      gsub(/^[^"<]*["<]|[">].*$/, "", name)
      owner = name
      sub(/\/.*/, "", owner)
      # In angle brackets stand the headers of others.
      if (!quoted && !(owner != name && ((owner in rank) || owner ~ /^(src|io|cli|mpi|targets)$/))) next
      if (allowed(folder, name)) next
      print $1 ":" $2 ": must not include " name
      broken = 1
    }
    END { exit broken }'
}

# The check sees what it is for: each of these lines, planted alone in a tree that is in order, is found.
plant() {
  mkdir -p "$(dirname "$scratch/$1")"
  printf '%s\n' "$2" >"$scratch/$1"
}

clean_tree() {
  rm -rf "$scratch/src" "$scratch/targets" "$scratch/examples"
  plant src/base/random.c '#include "base/random.h"'
  plant src/kernel/hmc.c '#include "path/path.h"'
  plant src/sampler.c '#include "method/method.h"'
  plant src/cli/main.c '#include "targets/targets.h"'
  plant src/mpi/start.c '#include "dilate_mpi.h"'
  plant targets/gauss.c '#include "targets/targets.h"'
  plant examples/minimal.c '#include <dilate.h>'
}

clean_tree
check_tree "$scratch" || { echo "a tree that is in order is refused"; exit 1; }
while read -r file line; do
  clean_tree
  plant "$file" "$line"
  if check_tree "$scratch" >/dev/null; then
    echo "planted and not found: $file: $line"
    exit 1
  fi
done <<'VIOLATIONS'
src/base/memory.c #include "target/target.h"
src/path/path.h # include "kernel/langevin.h"
src/stage/explore.c #include "method/run.h"
src/kernel/hmc.c #include <stage/explore.h>
src/kernel/hmc.c #include "../stage/explore.h"
src/base/random.c #include "random.h"
src/sampler.c #include "io/json.h"
src/io/json.c #include "cli/options.h"
src/io/json.c #include "base/memory.h"
src/cli/main.c #include "method/result.h"
src/cli/main.c #include "dilate_mpi.h"
src/mpi/start.c #include "base/ranks.h"
targets/gauss.c #include "base/linalg.h"
examples/minimal.c #include "targets/targets.h"
VIOLATIONS

check_tree "$top_srcdir"
