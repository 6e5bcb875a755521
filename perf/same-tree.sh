#!/usr/bin/env bash
# Exits 0 if two trees are equal: paths, kinds, bytes, canonical mode (any x bit: 0755, else 0644), link targets
# and empty directories. usage: perf/same-tree.sh PUBLISHED INSTALLED
set -euo pipefail

listing() { # one line for each file, link and empty directory; NUL-free paths
  (cd "$1/" && find . \( -type f -perm /111 -printf 'x %P\n' \) -o \( -type f -printf 'f %P\n' \) \
    -o \( -type l -printf 'l %P -> %l\n' \) -o \( -type d -empty -printf 'd %P\n' \) | LC_ALL=C sort)
}

diff <(listing "$1") <(listing "$2") >&2 || { echo "same-tree: paths, modes or links differ" >&2; exit 1; }
odd=$(find "$2/" -type f ! -perm 644 ! -perm 755 -print -quit)
[ -z "$odd" ] || { echo "same-tree: not a canonical mode: $odd" >&2; exit 1; }
published=$(cd "$1/" && pwd)
(cd "$published" && find . -type f -print0) | (cd "$2/" && while IFS= read -r -d '' path; do
  cmp -s "$published/$path" "$path" || { echo "same-tree: bytes differ: $path" >&2; exit 1; }
done)
