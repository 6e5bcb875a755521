#!/usr/bin/env bash
# Measures two checkouts of this repository in turns, in one run, on the same two trees, and prints one JSON object:
# the lowest of all rounds for each figure, before and after, and their ratio.
# usage: perf/compare.sh BEFORE_CHECKOUT AFTER_CHECKOUT OLD_DIR NEW_DIR [ROUNDS]
set -euo pipefail

[ $# -ge 4 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
before=$(cd "$1" && pwd) after=$(cd "$2" && pwd) old=$(cd "$3" && pwd) new=$(cd "$4" && pwd) rounds=${5:-3}
starts=50

work=$(mktemp -d -p "${OTA_PERF_DIR:-${TMPDIR:-/tmp}}")
trap 'rm -rf "$work"' EXIT

# build CHECKOUT: its programs as they ship, and its measurements.
build() (
  . "$1/eng/lib.sh"
  publish_programs
  [ -x "$1/artifacts/ota-agent" ] || "$1/Agent/Cli/publish.sh" >&2
  dotnet build "$1/perf" -c Release --nologo -v q -clp:NoSummary >&2
)

# start COMMAND...: CPU milliseconds of one start, of many, and the peak of resident memory in bytes.
start() {
  # shellcheck disable=SC2016
  /usr/bin/time -o "$work/time" -f '%U %S' sh -c 'n=$1; shift; while [ $n -gt 0 ]; do "$@" >/dev/null; n=$((n - 1)); done' \
    sh $starts "$@"
  local cpu
  cpu=$(awk -v n=$starts '{ print ($1 + $2) * 1000 / n }' "$work/time")
  /usr/bin/time -o "$work/time" -f '%M' "$@" >/dev/null
  jq -n --argjson cpu "$cpu" --argjson kib "$(cat "$work/time")" '{cpu_ms: $cpu, peak_rss_bytes: ($kib * 1024)}'
}

# unchanged CHECKOUT: the cost of publishing a tree that the server already has, as a new version.
unchanged() (
  . "$1/eng/lib.sh"
  export OTA_PROGRAMS=published
  publish_programs
  trap 'stop_server; rm -rf "$work/unchanged"' EXIT
  mkdir "$work/unchanged"
  start_server "$work/unchanged/data" Deltas:Workers=0
  export OTA_SERVER=$server_grpc OTA_TOKEN=@$work/unchanged/data/admin.token
  ota_admin keys init --out "$work/unchanged/keys" >/dev/null
  ota_admin products create perf --root "$work/unchanged/keys/root.json" >/dev/null
  for version in 1.0.0 1.0.1 1.0.2 1.0.3; do
    ota_admin publish "$old" --product perf --version $version --platform any --channel stable \
      --keys "$work/unchanged/keys" --links keep --portable off --json
  done | jq -s '.[1:] | {cpu_seconds: (map(.cpu_seconds) | min), wire_bytes_up: (map(.wire_bytes_up) | min),
                         peak_rss_bytes: (map(.peak_rss_bytes) | min)}'
)

measure() { # CHECKOUT: one JSON object of figures
  start "$1/artifacts/ota-agent" --version >"$work/agent.json"
  unchanged "$1" >"$work/unchanged.json"
  OTA_PROGRAMS=published OTA_AGENT=$1/artifacts/ota-agent "$1/perf/upgrade.sh" "$old" "$new" >"$work/upgrade.json"
  OTA_PROGRAMS=built "$1/perf/delta.sh" "$old" "$new" >"$work/delta.json"
  jq -c -n --slurpfile a "$work/agent.json" --slurpfile p "$work/unchanged.json" --slurpfile u "$work/upgrade.json" \
    --slurpfile d "$work/delta.json" --argjson size "$(stat -c %s "$1/artifacts/ota-agent")" '
    {agent_bytes: $size, agent_start_cpu_ms: $a[0].cpu_ms, agent_start_rss_bytes: $a[0].peak_rss_bytes,
     unchanged_publish_cpu_seconds: $p[0].cpu_seconds, unchanged_publish_wire_bytes_up: $p[0].wire_bytes_up,
     unchanged_publish_rss_bytes: $p[0].peak_rss_bytes,
     install_cpu_seconds: $u[0].agent.install.cpu_seconds, install_rss_bytes: $u[0].agent.install.peak_rss_bytes,
     upgrade_cpu_seconds: $u[0].agent.upgrade.cpu_seconds, upgrade_rss_bytes: $u[0].agent.upgrade.peak_rss_bytes,
     upgrade_wire_bytes_down: $u[0].wire_bytes_down, server_rss_bytes: $u[0].server.peak_rss_bytes,
     server_cpu_seconds: $u[0].server.cpu_seconds} + ($d[0] | {
     delta_bytes: .object_bytes, delta_build_cpu_seconds_per_100_mb: .encode.cpu_seconds_per_100_mb,
     delta_decode_cpu_seconds_per_100_mb: .decode_and_hash.cpu_seconds_per_100_mb})'
}

build "$before"
build "$after"
for ((round = 0; round < rounds; round++)); do
  measure "$before" >>"$work/before.jsonl"
  measure "$after" >>"$work/after.jsonl"
done

jq -n --slurpfile before "$work/before.jsonl" --slurpfile after "$work/after.jsonl" \
  --arg from "$(git -C "$before" rev-parse --short HEAD)" --arg to "$(git -C "$after" rev-parse --short HEAD)" \
  --arg date "$(date -u +%F)" --argjson rounds "$rounds" \
  --arg machine "$(uname -m), $(nproc) cores,$(sed -n 's/^model name.*://p' /proc/cpuinfo | head -1)" '
  def least: [.[] | to_entries[]] | group_by(.key) | map({key: .[0].key, value: (map(.value) | min)}) | from_entries;
  ($before | least) as $b | ($after | least) as $a |
  {figures: ($b | with_entries(.key as $k | .value = {
     before: .value, after: $a[$k], ratio: (if .value then $a[$k] / .value * 100 | round / 100 else null end)})),
   before: $from, after: $to, rounds: $rounds, date: $date, machine: $machine}'
