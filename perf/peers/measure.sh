#!/usr/bin/env bash
# Measures one peer on one upgrade: what a client that holds OLD must download to hold NEW, what making it cost the
# publisher and what rebuilding cost the client. Prints one JSON object. Peers: the peer_ functions beside this file.
# usage: perf/peers/measure.sh PEER OLD_DIR NEW_DIR
set -euo pipefail

[ $# -eq 3 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
peer=$1
for tree in "$2" "$3"; do
  [ -d "$tree" ] || { echo "no tree ${tree##*/}: not fetched" >&2; exit 1; }
done
here=$(cd "$(dirname "$0")" && pwd)
perf=$(dirname "$here")
work=$(mktemp -d -p "${OTA_PERF_DIR:-${TMPDIR:-/tmp}}" "peer-$peer.XXXX")
daemon=
trap '[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true; wait; chmod -R u+w "$work"; rm -rf "$work"' EXIT

# Both trees with canonical modes and no times, so that no peer pays for what a release does not carry.
copy_tree() {
  cp -r --reflink=auto "$(realpath "$1")" "$work/$2"
  chmod -R u=rwX,go=rX "$work/$2"
  find "$work/$2" -exec touch -h -d @0 {} +
}
copy_tree "$2" old
copy_tree "$3" new
old=$work/old new=$work/new

# cost FILE COMMAND...: runs it and adds a line "user system peak-KiB" to the file, children included.
cost() { /usr/bin/time -q -a -o "$work/$1" -f '%U %S %M' "${@:2}"; }
published() { cost publisher.cost "$@"; }
applied() { cost client.cost "$@"; }

# bytes_in PATH...: the bytes of all files there.
bytes_in() { find "$@" -type f -printf '%s\n' | awk '{ n += $1 } END { printf "%d", n }'; }

# make_tars: old.tar and new.tar, the same for the same trees; neither making nor unpacking them is counted.
make_tars() {
  local tree
  for tree in old new; do
    tar -C "$work/$tree" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$work/$tree.tar" .
  done
}
unpack() { mkdir "$work/result" && tar -xf "$1" -C "$work/result"; }

# start_daemon COMMAND...: runs it with @PORT@ replaced by a free port of loopback; sets daemon and port.
start_daemon() {
  local tries
  for tries in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 12000))
    "${@//@PORT@/$port}" >&2 &
    daemon=$!
    for _ in {1..50}; do
      kill -0 "$daemon" 2>/dev/null || break
      if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return 0; fi
      sleep 0.1
    done
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" || true
  done
  echo "no daemon came up on loopback" >&2
  return 1
}

. "$here/whole-file.sh"
. "$here/chunked.sh"
. "$here/stores.sh"
. "$here/ours.sh"
declare -F "peer_$peer" >/dev/null || { echo "measure.sh: no peer $peer" >&2; exit 2; }

# A peer sets bytes and version, leaves the rebuilt tree in $work/result and may say more in details, a JSON object.
cd "$work"
bytes= version= details=null
"peer_$peer"
"$perf/same-tree.sh" "$new" "$work/result"

sum='{ cpu += $1 + $2; if ($3 > peak) peak = $3 } END { printf "{\"cpu_seconds\":%.2f,\"peak_rss_bytes\":%d}", cpu, peak * 1024 }'
jq -cn --arg peer "$peer" --arg version "$version" --argjson bytes "$bytes" \
  --argjson tree "$(bytes_in "$new")" \
  --argjson details "$details" --argjson publisher "$(awk "$sum" "$work/publisher.cost")" --argjson client "$(awk "$sum" "$work/client.cost")" \
  '{peer: $peer, version: $version, tree_bytes: $tree, bytes: $bytes, publisher: $publisher, client: $client}
   + if $details then {details: $details} else {} end'
