#!/usr/bin/env bash
# Publishes two trees to a fresh server, installs the old one, upgrades to the new one, compares the result with the new
# tree byte for byte and prints its cost as one JSON line. Uses the static agent if it has been published.
# usage: perf/upgrade.sh OLD_DIR NEW_DIR [-- extra options of ota-admin publish]
set -euo pipefail

[ $# -ge 2 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
old=$(cd "$1" && pwd)
new=$(cd "$2" && pwd)
shift 2
[ "${1:-}" != "--" ] || shift

here=$(cd "$(dirname "$0")" && pwd)
"$here/../eng/packages.sh" run
. "$here/../eng/lib.sh"
if [ -z "${OTA_AGENT:-}" ] && [ -x "$repo/artifacts/ota-agent" ]; then OTA_AGENT=$repo/artifacts/ota-agent; fi
publish_programs

work=$(mktemp -d -p "${OTA_PERF_DIR:-${TMPDIR:-/tmp}}")
trap 'stop_server; rm -rf "$work"' EXIT
start_server "$work/data"
export OTA_SERVER=$server_grpc OTA_TOKEN=@$work/data/admin.token

publish() { # TREE VERSION: prints the publish's JSON
  ota_admin publish "$1" --product perf --version "$2" --platform any --channel stable --keys "$work/keys" \
    --links keep --portable off --json "${@:3}"
}

ota_admin keys init --out "$work/keys" >/dev/null
ota_admin products create perf --root "$work/keys/root.json" >/dev/null
ota_admin tokens create --role install --product perf --channel stable --root "$work/keys/root.json" >"$work/token"
publish "$old" 1.0.0 "$@" >"$work/publish-old.json"
ota_agent install perf --platform any --server "$server_grpc" --install-token "@$work/token" --home "$work/home" --json \
  >"$work/install.json"
"$here/same-tree.sh" "$old" "$work/home/perf/current"

# The server's cost of publishing NEW, from here until its deltas are built; its peak memory is reset.
process_cost "$server_pid" >"$work/server-before.json"
echo 5 >"/proc/$server_pid/clear_refs"
publish "$new" 2.0.0 "$@" >"$work/publish-new.json"
ota_admin deltas perf --wait --json >"$work/deltas.json"
process_cost "$server_pid" >"$work/server-built.json"

ota_agent upgrade perf --home "$work/home" --json >"$work/upgrade.json"
"$here/same-tree.sh" "$new" "$work/home/perf/current"
process_cost "$server_pid" >"$work/server.json"
ota_admin stats perf --json >"$work/stats.json"

jq -c -n --slurpfile po "$work/publish-old.json" --slurpfile pn "$work/publish-new.json" \
  --slurpfile i "$work/install.json" --slurpfile u "$work/upgrade.json" --slurpfile s "$work/server.json" \
  --slurpfile st "$work/stats.json" \
  --slurpfile sb "$work/server-before.json" --slurpfile sd "$work/server-built.json" --slurpfile d "$work/deltas.json" \
  --arg date "$(date -u +%F)" --arg commit "$(git -C "$repo" rev-parse --short HEAD 2>/dev/null || echo none)" \
  --arg machine "$(uname -m), $(nproc) cores,$(sed -n 's/^model name.*://p' /proc/cpuinfo | head -1)" \
  --arg agent "${OTA_AGENT:+static}" '
  {tree_bytes: $u[0].tree_bytes, files: $u[0].files, changed_bytes: $u[0].changed_bytes,
   wire_bytes_up: $u[0].wire_bytes_up, wire_bytes_down: $u[0].wire_bytes_down,
   stored_bytes: $st[0].store.stored_bytes,
   publisher: {old: ($po[0] | {cpu_seconds, peak_rss_bytes, wire_bytes_up, seconds}),
               new: ($pn[0] | {cpu_seconds, peak_rss_bytes, wire_bytes_up, seconds})},
   server: {cpu_seconds: $s[0].cpu_seconds, peak_rss_bytes: ([$s[0], $sb[0]] | map(.peak_rss_bytes) | max)},
   deltas: {built: $d[0].built, failed: $d[0].queued,
            building: {cpu_seconds: ($sd[0].cpu_seconds - $sb[0].cpu_seconds | . * 100 | round / 100),
                       peak_rss_bytes: $sd[0].peak_rss_bytes}},
   agent: {binary: (if $agent == "" then "net10.0" else $agent end),
           install: ($i[0] | {cpu_seconds, peak_rss_bytes, wire_bytes_down, seconds}),
           upgrade: ($u[0] | {cpu_seconds, peak_rss_bytes, seconds})},
   date: $date, commit: $commit, machine: $machine}'
