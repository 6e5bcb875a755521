#!/usr/bin/env bash
# Measures the static agent against its limits, with a real server over TLS on loopback: its size, a check that finds
# nothing, an upgrade with one small changed file in a release of 2 GB, going back, and an idle `watch`. Prints a line
# for each figure; exits with 1 if a limit is missed. Needs root to measure a file system that shares blocks (XFS).
# usage: perf/agent.sh [--json] [--megabytes N] [--seconds N]
#   --json       one JSON object
#   --megabytes  the number of files of 1 MB in the release (2000)
#   --seconds    how long the context switches are counted (180)
set -euo pipefail

json='' megabytes=2000 seconds=180
while [ $# -gt 0 ]; do
  case "$1 ${2:-}" in
    --json*) json=1 && shift ;;
    "--megabytes "[1-9]*) megabytes=$2 && shift 2 ;;
    "--seconds "[1-9]*) seconds=$2 && shift 2 ;;
    *) sed -n '2,8s/^# //p' "$0" >&2; exit 2 ;;
  esac
done

here=$(cd "$(dirname "$0")" && pwd)
"$here/../eng/packages.sh" run agent
. "$here/../eng/lib.sh"
publish_programs
[ "${OTA_PROGRAMS:-}" = published ] || "$repo/Agent/Cli/publish.sh" --if-changed >&2
OTA_AGENT=${OTA_AGENT:-$repo/artifacts/ota-agent}
commit=$("$OTA_AGENT" --version | sed 's/.*commit \(.*\))/\1/')

work=$(mktemp -d -p "${OTA_PERF_DIR:-${TMPDIR:-/tmp}}")
watchers=()
finish() {
  [ ${#watchers[@]} -eq 0 ] || { kill "${watchers[@]}" 2>/dev/null && wait "${watchers[@]}"; } || true
  stop_server
  ! mountpoint -q "$work/disk" || umount "$work/disk"
  rm -rf "$work"
}
trap finish EXIT

begin_figures

least() { sort -g | head -1; }

# The release: files that do not compress, the same for the same seed, and a small one that every version changes.
mkdir -p "$work/tree/lib"
noise 1 $((megabytes * 1000000)) | split -b 1000000 -d -a 5 - "$work/tree/lib/file"

start_server "$work/data"
export OTA_SERVER=$server_grpc OTA_TOKEN=@$work/data/admin.token
ota_admin keys init --out "$work/keys" >/dev/null
ota_admin products create perf --root "$work/keys/root.json" >/dev/null
ota_admin tokens create --role install --product perf --channel stable --root "$work/keys/root.json" --uses unlimited \
  >"$work/token"
version=0
publish() { # the next version; sets $version
  version=$((version + 1))
  noise $((version + 1)) 4000 >"$work/tree/small"
  ota_admin publish "$work/tree" --product perf --version "1.0.$version" --platform any --channel stable \
    --keys "$work/keys" --json >/dev/null
  ota_admin deltas perf --wait >/dev/null
}
is_current() { [ "$(readlink "$1/perf/current")" = "releases/1.0.$version" ]; }

# Two homes: on this disk, where files are shared by hard links, and on one that shares blocks.
hardlink=$work/home reflink=$work/disk/home
mkdir "$work/disk"
if [ "$(id -u)" -eq 0 ]; then
  truncate -s $((megabytes * 2 + 1000))M "$work/image"
  mkfs.xfs -q -m reflink=1 "$work/image"
  mount -o loop "$work/image" "$work/disk"
fi
publish
for home in "$hardlink" "$reflink"; do
  ota_agent install perf --platform any --server "$server_tls" --install-token "@$work/token" --home "$home" >/dev/null
done

figure "static agent" "$(stat -c %s "$OTA_AGENT")" bytes 14000000

# cost COMMAND...: the CPU seconds of a command, user and system.
cost() {
  /usr/bin/time -q -o "$work/time" -f '%U %S' "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; return 1; }
  awk '{ print $1 + $2 }' "$work/time"
}

# A time has a resolution of 0.01 s: twenty checks at once, the lowest of three rounds.
twenty() { for _ in {1..20}; do ota_agent upgrade perf --home "$hardlink"; done; }
export -f twenty ota_agent
export OTA_AGENT hardlink
figure "a command that finds nothing new" "$(for _ in 1 2 3; do cost bash -c twenty; done | least |
  awk '{ printf "%.4f", $1 / 20 }')" "CPU s" 0.03

for round in 1 2 3 4 5; do
  publish
  cost "$OTA_AGENT" upgrade perf --home "$hardlink" --link hardlink >>"$work/hardlink"
  is_current "$hardlink"
  cost "$OTA_AGENT" upgrade perf --home "$reflink" >>"$work/reflink"
  is_current "$reflink"
done
# Every file is hashed on the way; the same by a peer, since a busy machine makes both dearer.
figure "b3sum of the same files, to compare with" "$(for _ in 1 2 3; do
  cost b3sum --num-threads 1 --no-mmap "$work"/tree/lib/*
done | least)" "CPU s"
figure "upgrade, one small file of $megabytes MB changed, hard links" "$(least <"$work/hardlink")" "CPU s" 1
! mountpoint -q "$work/disk" ||
  figure "upgrade, one small file of $megabytes MB changed, shared blocks" "$(least <"$work/reflink")" "CPU s" 1

# Idle: one watch that polls, and one that stays connected.
watch() { # NAME HOME IS_CONNECTED: starts it; sets $pid
  : >"$work/$1.log"
  "$OTA_AGENT" watch --home "$2" --verbose Watch:PollSeconds=86400 Watch:StaysConnected="$3" \
    Products:perf:Link=hardlink >"$work/$1.log" 2>&1 &
  pid=$!
  watchers+=("$pid")
  until_says "$1" "watching " 1
}
until_says() { # NAME TEXT COUNT: waits until the log has as many lines with a text
  local tries
  for ((tries = 0; tries < 1200; tries++)); do
    [ "$(grep -c "$2" "$work/$1.log")" -lt "$3" ] || return 0
    sleep 0.1
  done
  echo "perf/agent.sh: $1 does not say '$2'; its log:" >&2
  cat "$work/$1.log" >&2
  return 1
}
checks() { grep -c CheckForUpdate "$work/$1.log" || true; }
look() { # NAME PID: makes it read its settings and check, and waits for the end of the check
  local before
  before=$(checks "$1")
  kill -HUP "$2"
  until_says "$1" CheckForUpdate $((before + 1))
  sleep 0.2
}
ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }
memory() { # WHEN: of both, once the threads of the last run have ended
  local name
  sleep 25
  for name in polling connected; do
    figure "idle watch, $name, $1, RSS" "$(awk '/^VmRSS/ { print $2 * 1024 }' "/proc/${!name}/status")" bytes 16000000
    figure "idle watch, $name, $1, PSS" "$(awk '/^Pss:/ { print $2 * 1024 }' "/proc/${!name}/smaps_rollup")" bytes
  done
}
# switches PID: the voluntary context switches of its threads in a minute, with those of threads that come and go.
switches() {
  local second
  for ((second = 0; second <= seconds; second++)); do
    [ "$second" -eq 0 ] || sleep 1
    awk -v second="$second" '/^Pid:/ { thread = $2 } /^voluntary/ { print second, thread, $2 }' \
      "/proc/$1"/task/*/status 2>/dev/null || true
  done | awk -v seconds="$seconds" '
    !($2 in last) { first[$2] = $1 == 0 ? $3 : 0 } { last[$2] = $3 }
    END { for (thread in last) sum += last[thread] - first[thread]; printf "%.2f", sum * 60 / seconds }'
}

watch polling "$hardlink" false
polling=$pid
watch connected "$reflink" true
connected=$pid
for name in polling connected; do look $name "${!name}"; done
memory "after a check"
for name in polling connected; do
  for round in 1 2 3; do
    from=$(ticks "${!name}") before=$(checks $name)
    for _ in {1..20}; do look $name "${!name}"; done
    echo "$(ticks "${!name}") $from $(checks $name) $before $(getconf CLK_TCK)"
  done | awk '{ printf "%.4f\n", ($1 - $2) / $5 / ($3 - $4) }' | least >"$work/check"
  figure "idle watch, $name, a check that finds nothing new" "$(cat "$work/check")" "CPU s" 0.03
done
memory "after sixty reloads"
publish
kill -HUP "$polling"
for name in polling connected; do until_says $name "installed 1.0.$version" 1; done
memory "after an upgrade"
switches "$polling" >"$work/polling" &
switches "$connected" >"$work/connected"
wait $!
for name in polling connected; do
  figure "idle watch, $name, voluntary context switches" "$(cat "$work/$name")" "a minute" 1
done
kill "${watchers[@]}"
wait "${watchers[@]}"
watchers=()

# Going back: from the end of the program that says no until `current` is flipped.
cat >"$work/agent.json" <<END
{ "Products": { "perf": { "Health": { "Command": ["/bin/sh", "-c", "date +%s.%N >$work/verdict; exit 1"] } } } }
END
for home in "$hardlink" "$reflink"; do
  for round in 1 2 3; do
    publish
    status=0
    ota_agent upgrade perf --home "$home" --config "$work/agent.json" --link hardlink >"$work/out" 2>&1 || status=$?
    [ $status -eq 12 ] && ! is_current "$home" || { cat "$work/out" >&2; exit 1; }
    echo "$(stat -c %.Z "$home/perf/current") $(cat "$work/verdict")"
  done
done | awk '{ late = $1 - $2; printf("%.3f\n", (late > 0 ? late : 0)) }' >"$work/back"
figure "back at the release before, after the verdict" "$(sort -g "$work/back" | tail -1)" s 1

[ -z "$json" ] || all_figures files_of_1_mb "$megabytes" counted_seconds "$seconds" commit "\"$commit\""
all_met
