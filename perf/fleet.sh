#!/usr/bin/env bash
# Lets many agents install one product at the same time, from a real server over TLS on this machine, each in a home of
# its own. Every install must succeed and have the bytes that were published; exits with 1 if one does not, or if a
# limit is missed. Uses the static agent if it has been published.
# usage: perf/fleet.sh [--json] [--agents N] [--megabytes N] [Section:Key=value ...]
#   --json       one JSON object
#   --agents     how many agents (500)
#   --megabytes  the size of the product (5)
#   Section:Key=value  settings of the server
set -euo pipefail

json='' agents=500 megabytes=5 settings=()
while [ $# -gt 0 ]; do
  case "$1 ${2:-}" in
    --json*) json=1 && shift ;;
    "--agents "[1-9]*) agents=$2 && shift 2 ;;
    "--megabytes "[1-9]*) megabytes=$2 && shift 2 ;;
    [A-Z]*:*=*) settings+=("$1") && shift ;;
    *) sed -n '2,9s/^# //p' "$0" >&2; exit 2 ;;
  esac
done

here=$(cd "$(dirname "$0")" && pwd)
"$here/../eng/packages.sh" run fleet
. "$here/../eng/lib.sh"
if [ "${OTA_PROGRAMS:-}" != built ]; then
  publish_programs
  if [ -z "${OTA_AGENT:-}" ] && [ -x "$repo/artifacts/ota-agent" ]; then OTA_AGENT=$repo/artifacts/ota-agent; fi
fi
agent=(dotnet "$repo/Agent/Cli/bin/Release/net10.0/ota-agent.dll")
[ -z "${OTA_AGENT:-}" ] || agent=("$OTA_AGENT")

work=$(mktemp -d -p "${OTA_PERF_DIR:-${TMPDIR:-/tmp}}")
pids=()
finish() {
  [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
  stop_server
  rm -rf "$work"
}
trap finish EXIT
begin_figures

# The product: files of 250 kB that do not compress.
mkdir -p "$work/tree/lib" "$work/homes" "$work/runs"
noise 1 $((megabytes * 1000000)) | split -b 250000 -d -a 5 - "$work/tree/lib/file"
start_server "$work/data" "${settings[@]}"
export OTA_SERVER=$server_grpc OTA_TOKEN=@$work/data/admin.token
ota_admin keys init --out "$work/keys" >/dev/null
ota_admin products create perf --root "$work/keys/root.json" >/dev/null
ota_admin tokens create --role install --product perf --channel stable --root "$work/keys/root.json" --uses unlimited \
  >"$work/token" 2>/dev/null
ota_admin publish "$work/tree" --product perf --version 1.0.0 --platform any --channel stable --keys "$work/keys" \
  --json >/dev/null 2>&1
unset OTA_SERVER OTA_TOKEN

# They all wait for one lock, and begin when it is released. They are not to take the processor from the server, which
# has one of its own elsewhere.
now() { date +%s.%N; }
exec {start}>"$work/start"
flock "$start"
for ((n = 1; n <= agents; n++)); do
  {
    flock --shared "$work/start" true
    status=0
    nice -n 10 /usr/bin/time -q -o "$work/runs/$n.cost" -f '%e %U %S %M' "${agent[@]}" install perf --platform any \
      --server "$server_tls" --install-token "@$work/token" --home "$work/homes/$n" >"$work/runs/$n.log" 2>&1 ||
      status=$?
    echo "$status" >"$work/runs/$n.status"
  } {start}>&- </dev/null &
  pids+=("$!")
done
before=$(process_cost "$server_pid") began=$(now)
exec {start}>&-
wait "${pids[@]}"
pids=() ended=$(now)
after=$(process_cost "$server_pid")

failed=0
for ((n = 1; n <= agents; n++)); do
  if [ "$(cat "$work/runs/$n.status")" = 0 ] &&
    "$here/same-tree.sh" "$work/tree" "$work/homes/$n/perf/current"; then continue; fi
  failed=$((failed + 1))
  [ $failed -gt 5 ] || { echo "agent $n:" && tail -n 5 "$work/runs/$n.log"; } >&2
done
errors=$(grep -cE '^[^ ]+ (error|fatal) ' "$work/data.log" || true)
waits=$(cat "$work"/runs/*.log | grep -c ': trying again' || true)
cat "$work"/runs/*.cost | sort -g >"$work/costs" # seconds, user, system, peak kB
figure "agents that failed" "$failed" agents 0
figure "errors in the server's log" "$errors" lines 0
figure "server, peak memory" "$(jq .peak_rss_bytes <<<"$after")" bytes 512000000
figure "server" "$(jq -n --argjson a "$after" --argjson b "$before" \
  '$a.cpu_seconds - $b.cpu_seconds | . * 100 | round / 100')" "CPU s"
figure "all agents" "$(awk '{ cpu += $2 + $3 } END { printf "%.2f", cpu }' "$work/costs")" "CPU s"
figure "an agent, highest peak memory" \
  "$(awk '$4 > most { most = $4 } END { print most * 1024 }' "$work/costs")" bytes
figure "until all are done" "$(awk -v a="$ended" -v b="$began" 'BEGIN { printf "%.1f", a - b }')" s
figure "an install, median" "$(awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }' "$work/costs")" s
figure "an install, longest" "$(awk 'END { print $1 }' "$work/costs")" s
figure "agents that said they try again" "$waits" lines

[ -z "$json" ] || all_figures agents "$agents" megabytes "$megabytes" \
  agent_binary "$([ -n "${OTA_AGENT:-}" ] && echo '"static"' || echo '"net10.0"')"
all_met
