#!/usr/bin/env bash
# Encodes and decodes the delta of two trees (or two files) in one process, as server and agent do, compares every file
# with its digest and prints one JSON line: bytes, CPU seconds per 100 MB changed, peak memory of each half.
# With OTA_PROGRAMS=built in the environment the program is not built again.
# usage: perf/delta.sh OLD NEW [--quality best|quick] [--repeat N]
set -euo pipefail

usage() { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
old=$(realpath -e "$1") new=$(realpath -e "$2")
shift 2
quality=best repeat=1
while [ $# -gt 0 ]; do
  case "$1 ${2:-}" in
    "--quality best" | "--quality quick") quality=$2 ;;
    "--repeat "[1-9]*) repeat=$2 ;;
    *) usage ;;
  esac
  shift 2
done

repo=$(cd "$(dirname "$0")/.." && pwd)
program=$repo/perf/bin/Release/net10.0/ChunkOta.Perf.dll
[ "${OTA_PROGRAMS:-}" = built ] || dotnet build "$repo/perf" -c Release --nologo -v q -clp:NoSummary >&2
dotnet "$program" delta "$quality" "$repeat" "$old" "$new" | jq -c \
  --arg old "$(basename "$old")" --arg new "$(basename "$new")" \
  --arg date "$(date -u +%F)" --arg commit "$(git -C "$repo" rev-parse --short HEAD 2>/dev/null || echo none)" \
  --arg machine "$(uname -m), $(nproc) cores,$(sed -n 's/^model name.*://p' /proc/cpuinfo | head -1)" \
  '{old: $old, new: $new} + . + {date: $date, commit: $commit, machine: $machine}'
