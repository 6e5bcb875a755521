#!/usr/bin/env bash
# Measures ChunkOta and its peers on the upgrades of families.tsv: appends one JSON line for each upgrade and peer to
# FILE as it goes, then prints FILE as Markdown. A peer that fails or takes too long has a line too, with the reason.
# usage: perf/peers/run.sh [--inputs DIR] [--out FILE] [--families A,B] [--peers A,B] [--last] [--slow] [--seconds N]
#   --inputs    where the trees are or are fetched to, FAMILY/VERSION (OTA_PEERS_INPUTS, else artifacts/peers/inputs)
#   --out       the file of results (artifacts/peers/results.jsonl)
#   --families  only these; --peers: only these; --last: only the last two versions of a family
#   --slow      the large families too (biome, libreoffice, workerd, openjdk, composition)
#   --seconds   what a peer may take for one upgrade (900)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
inputs=${OTA_PEERS_INPUTS:-$repo/artifacts/peers/inputs}
out=$repo/artifacts/peers/results.jsonl
families='' peers=ours,ostree,bsdiff,zstd,xdelta3,rsync,casync,zchunk,zsync,borg,restic last='' slow='' seconds=900
while [ $# -gt 0 ]; do
  case $1 in
    --inputs) inputs=$2 && shift 2 ;;
    --out) out=$2 && shift 2 ;;
    --families) families=$2 && shift 2 ;;
    --peers) peers=$2 && shift 2 ;;
    --seconds) seconds=$2 && shift 2 ;;
    --last) last=1 && shift ;;
    --slow) slow=1 && shift ;;
    *) sed -n '2,10s/^# //p' "$0" >&2; exit 2 ;;
  esac
done

"$repo/eng/packages.sh" run peers
mkdir -p "$inputs" "$(dirname "$out")"
if [[ ,$peers, == *,ours,* ]]; then
  . "$repo/eng/lib.sh"
  publish_programs
  export OTA_PROGRAMS=published
fi
notes=$(mktemp)
trap 'rm -f "$notes"' EXIT

chosen() { # FAMILY WHEN: whether the options ask for it
  if [ -n "$families" ]; then [[ ,$families, == *,$1,* ]]; else [ "$2" = always ] || [ "$slow$2" = 1slow ]; fi
}

measure() { # FAMILY FROM TO PEER: appends the line of results
  local row status=0 reason=
  echo "$1 $2 → $3: $4" >&2
  row=$(timeout --kill-after=20 "$seconds" "$here/measure.sh" "$4" "$inputs/$1/$2" "$inputs/$1/$3" 2>"$notes") || status=$?
  if [ "$status" -ne 0 ]; then
    reason=$(sed '/^$/d' "$notes" | tail -1 | tr -d '\r' | cut -c1-200)
    [ "$status" -ne 124 ] || reason="not done in $seconds s"
    row=$(jq -cn --arg peer "$4" --arg reason "${reason:-exit $status}" '{peer: $peer, bytes: null, reason: $reason}')
    echo "  – $reason" >&2
  fi
  jq -c --arg family "$1" --arg from "$2" --arg to "$3" --arg date "$(date -u +%F)" \
    --arg commit "$(git -C "$repo" rev-parse --short HEAD 2>/dev/null || echo none)" \
    --arg machine "$(uname -m), $(nproc) cores,$(sed -n 's/^model name.*://p' /proc/cpuinfo | head -1)" \
    '{family: $family, from: $from, to: $to} + . + {date: $date, commit: $commit, machine: $machine}' <<<"$row" >>"$out"
}

while IFS=$'\t' read -r family _ _ list when _ <&3; do
  chosen "$family" "$when" || continue
  IFS=, read -ra versions <<<"$list"
  [ -z "$last" ] || versions=("${versions[@]: -2}")
  for version in "${versions[@]}"; do "$here/fetch.sh" "$inputs" "$family" "$version" || true; done
  for ((i = 1; i < ${#versions[@]}; i++)); do
    for peer in ${peers//,/ }; do measure "$family" "${versions[i - 1]}" "${versions[i]}" "$peer"; done
  done
done 3< <(grep -v '^#' "$here/families.tsv")
"$here/table.sh" "$out"
