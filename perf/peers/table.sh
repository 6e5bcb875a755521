#!/usr/bin/env bash
# Prints results of run.sh as Markdown: bytes, then cost of publisher and client, then what a peer could not do. Where
# a peer was measured twice on an upgrade, the later line counts.
# usage: perf/peers/table.sh FILE
set -euo pipefail

[ $# -eq 1 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
grep -v '^#' "$here/families.tsv" | cut -f1 | jq -Rsrf "$here/table.jq" --slurpfile rows "$1"
