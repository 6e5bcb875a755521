#!/usr/bin/env bash
# bsdiff for trees: one patch for each file that is new or changed, against the file of the same path or against one
# byte (it maps its base into memory, so nothing will not do), and an index of what to do, compressed.
# usage: perf/peers/bsdiff-tree.sh make OLD NEW PATCHES | apply TREE PATCHES (changes TREE in place)
set -euo pipefail

index_of() { # one line for each entry: its kind and mode, its path, a link's target; paths have no newlines or tabs
  (cd "$1" && find . \( -type f -perm /111 -printf 'x\t%P\n' \) -o \( -type f -printf 'f\t%P\n' \) \
    -o \( -type l -printf 'l\t%P\t%l\n' \) -o \( -type d -empty -printf 'd\t%P\n' \) | LC_ALL=C sort)
}

make() {
  local old=$1 new=$2 patches=$3 kind path number=0 base
  mkdir "$patches"
  {
    comm -23 <(index_of "$old" | cut -f2 | LC_ALL=C sort) <(index_of "$new" | cut -f2 | LC_ALL=C sort) | sed 's/^/gone\t/'
    comm -13 <(index_of "$old" | grep -v '^[fx]') <(index_of "$new" | grep -v '^[fx]') || true
    while IFS=$'\t' read -r kind path; do
      base=$none
      if [ -s "$old/$path" ] && [ ! -L "$old/$path" ]; then base=$old/$path; fi
      if cmp -s "$old/$path" "$new/$path"; then
        [ "$kind" = "$(mode_of "$old/$path")" ] || printf '%s\t%s\n' "$kind" "$path"
      elif [ ! -s "$new/$path" ]; then
        printf '%sempty\t%s\n' "$kind" "$path"
      else
        bsdiff "$base" "$new/$path" "$patches/$number"
        printf '%s%d\t%s\n' "$kind" "$number" "$path"
        number=$((number + 1))
      fi
    done < <(index_of "$new" | grep '^[fx]')
  } | zstd -q -19 >"$patches/index"
}

mode_of() { if [ -x "$1" ]; then echo x; else echo f; fi; }

apply() {
  local tree=$1 patches=$2 verb path target number base
  while IFS=$'\t' read -r verb path target; do
    case $verb in
      gone)
        rm -rf "${tree:?}/$path"
        path=$(dirname "$path")
        [ "$path" = . ] || (cd "$tree" && rmdir -p --ignore-fail-on-non-empty "$path")
        ;;
      d) mkdir -p "$tree/$path" ;;
      l) mkdir -p "$(dirname "$tree/$path")" && ln -sfn "$target" "$tree/$path" ;;
      *)
        number=${verb:1} base=$none
        mkdir -p "$(dirname "$tree/$path")"
        if [ -s "$tree/$path" ] && [ ! -L "$tree/$path" ]; then base=$tree/$path; fi
        case $number in
          '') ;;
          empty) : >"$tree/$path" ;;
          *) bspatch "$base" "$tree/.new" "$patches/$number" && mv -f "$tree/.new" "$tree/$path" ;;
        esac
        if [ "${verb:0:1}" = x ]; then chmod 755 "$tree/$path"; else chmod 644 "$tree/$path"; fi
        ;;
    esac
  done < <(zstd -q -dc "$patches/index")
}

none=$(mktemp)
trap 'rm -f "$none"' EXIT
printf '\0' >"$none"
case ${1:-} in
  make | apply) "$@" ;;
  *) sed -n '2,4s/^# //p' "$0" >&2; exit 2 ;;
esac
