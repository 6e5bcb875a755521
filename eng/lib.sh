# Shared by demo.sh and perf/: builds the programs, runs them, starts and stops a private server on loopback.
# Sourced, not run. Callers set -euo pipefail and may set OTA_AGENT to another agent binary.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

server_dll=$repo/Server/Host/bin/Release/net10.0/ota-server.dll
admin=(dotnet "$repo/Server/Admin/bin/Release/net10.0/ota-admin.dll")

# build_programs: the programs as assemblies; CHUNKOTA_BUILD=no if they are built.
build_programs() {
  local project
  [ "${CHUNKOTA_BUILD:-}" != no ] || return 0
  for project in Server/Host Server/Admin Agent/Cli; do
    dotnet build "$repo/$project" -c Release -f net10.0 --nologo -v q -clp:NoSummary >&2
  done
}

# publish_programs: server and ota-admin as they ship, compiled ahead of time, for measurements: the server as ReadyToRun,
# ota-admin as a native program. A script that starts others exports OTA_PROGRAMS=published once it has done so.
publish_programs() {
  if [ "${OTA_PROGRAMS:-}" != published ]; then
    build_programs
    dotnet publish "$repo/Server/Host" -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true \
      -o "$repo/artifacts/programs/ota-server" --nologo -v q >&2
    "$repo/Server/Admin/publish.sh" >&2
  fi
  server_dll=$repo/artifacts/programs/ota-server/ota-server.dll
  admin=("$repo/artifacts/ota-admin")
}

ota_admin() { "${admin[@]}" "$@"; }

ota_agent() {
  if [ -n "${OTA_AGENT:-}" ]; then "$OTA_AGENT" "$@"; else dotnet "$repo/Agent/Cli/bin/Release/net10.0/ota-agent.dll" "$@"; fi
}

# start_server DATA [Section:Key=value ...]: sets server_pid, server_grpc, server_tls; stop_server ends it.
start_server() {
  local data=$1 ready=$1.ready tries
  shift
  dotnet "$server_dll" run --data "$data" \
    Listen:Grpc=127.0.0.1:0 Listen:Http=127.0.0.1:0 Listen:Tls=127.0.0.1:0 Listen:Metrics=off "$@" \
    >"$ready" 2>"$data.log" &
  server_pid=$!
  for ((tries = 0; tries < 300; tries++)); do
    if [ -s "$ready" ] && grep -q '"ready"' "$ready"; then
      server_grpc=$(jq -r .grpc "$ready")
      server_tls=$(jq -r .tls "$ready")
      return 0
    fi
    kill -0 "$server_pid" 2>/dev/null || break
    sleep 0.1
  done
  echo "the server did not start; its log:" >&2
  cat "$data.log" >&2
  return 1
}

stop_server() {
  [ -n "${server_pid:-}" ] || return 0
  kill "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  server_pid=
}

# process_cost PID: one JSON object with the CPU seconds and the peak resident bytes of a running process.
process_cost() {
  local ticks
  ticks=$(sed 's/.*) //' "/proc/$1/stat" | awk '{print $12 + $13}')
  jq -n --argjson ticks "$ticks" --argjson hz "$(getconf CLK_TCK)" \
    --argjson kib "$(awk '/^VmHWM/ {print $2}' "/proc/$1/status")" \
    '{cpu_seconds: ($ticks / $hz), peak_rss_bytes: ($kib * 1024)}'
}

# begin_figures: for figures, which go to people and to $work/figures.jsonl. The caller sets work, and json, which is empty
# unless standard output is for JSON.
begin_figures() { if [ -n "$json" ]; then exec {lines}>&2; else exec {lines}>&1; fi; }

# figure NAME VALUE UNIT [LIMIT]: one line for people, and one of JSON.
figure() {
  jq -cn --arg name "$1" --argjson value "$2" --arg unit "$3" --argjson limit "${4:-null}" \
    '{name: $name, value: $value, unit: $unit, limit: $limit, is_met: ($limit == null or $value <= $limit)}' \
    | tee -a "$work/figures.jsonl" \
    | jq -r '"\(if .is_met then "ok    " else "MISSED" end)  \(.name): \(.value) \(.unit)"
             + if .limit == null then "" else ", limit \(.limit)" end' >&$lines
}

# all_figures KEY VALUE...: all figures as one JSON object, with date, commit, machine and further fields in JSON.
all_figures() {
  local fields
  fields=$(jq -n '[$ARGS.positional | _nwise(2) | {key: .[0], value: (.[1] | fromjson)}] | from_entries' --args "$@")
  jq -s --arg date "$(date -u +%F)" --arg commit "$(git -C "$repo" rev-parse --short HEAD 2>/dev/null || echo none)" \
    --arg machine "$(uname -m), $(nproc) cores,$(sed -n 's/^model name.*://p;T;q' /proc/cpuinfo)" \
    --argjson fields "$fields" '{figures: ., date: $date, commit: $commit, machine: $machine} + $fields' \
    "$work/figures.jsonl"
}

# all_met: fails if a limit is missed.
all_met() { ! grep -q '"is_met":false' "$work/figures.jsonl"; }

# noise SEED BYTES: bytes that do not compress, the same for the same seed.
noise() { openssl enc -aes-128-ctr -K "$(printf %032x "$1")" -iv 0 </dev/zero 2>/dev/null | head -c "$2" || true; }

megabytes() { awk -v n="$1" 'BEGIN { printf "%.2f MB", n / 1e6 }'; }
