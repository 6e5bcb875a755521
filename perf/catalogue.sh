#!/usr/bin/env bash
# Grows a catalogue of generated chunks and measures at each size: bytes per chunk, lookups of random chunks, and a
# whole collection. One JSON line for each size.
# usage: perf/catalogue.sh [--engine sqlite|postgres] [CHUNKS ...]
#   --engine  the database (sqlite); postgres is one of its own on loopback, as Debian configures it but for its memory
#   CHUNKS    sizes, ascending (1000000 2000000 5000000); 100 million need 20 GB of disk and some hours
set -euo pipefail

engine=sqlite
if [ "${1:-}" = --engine ]; then engine=${2:-} && shift 2; fi
[[ "$engine" =~ ^(sqlite|postgres)$ && "$*" =~ ^[0-9\ ]*$ ]] || { sed -n '2,7s/^# //p' "$0" >&2; exit 2; }
[ $# -gt 0 ] || set -- 1000000 2000000 5000000

here=$(cd "$(dirname "$0")" && pwd)
"$here/../eng/packages.sh" run catalogue
[ "${OTA_PROGRAMS:-}" = built ] || dotnet build "$here" -c Release --nologo -v q -clp:NoSummary >&2

work=$(mktemp -d -p "${OTA_PERF_DIR:-${TMPDIR:-/tmp}}")
chmod 711 "$work"
database=
finish() {
  # Its own signal for a fast stop; it removes its shared memory.
  [ -z "$database" ] || { kill -INT "$database" 2>/dev/null && wait "$database"; } || true
  rm -rf "$work"
}
trap finish EXIT

where=sqlite
if [ "$engine" = postgres ]; then
  programs=/usr/lib/postgresql/15/bin
  as_user=()
  mkdir "$work/postgres"
  # It refuses to run as root.
  if [ "$(id -u)" -eq 0 ]; then
    chown nobody:nogroup "$work/postgres"
    as_user=(setpriv --reuid=nobody --regid=nogroup --clear-groups --)
  fi
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  "${as_user[@]}" "$programs/initdb" -D "$work/postgres/data" -A trust -U chunkota -E UTF8 >"$work/initdb.log" 2>&1
  "${as_user[@]}" "$programs/postgres" -D "$work/postgres/data" -c listen_addresses=127.0.0.1 -c "port=$port" \
    -c "unix_socket_directories=$work/postgres" -c shared_buffers=1GB -c max_wal_size=8GB \
    -c dynamic_shared_memory_type=mmap >"$work/postgres.log" 2>&1 &
  database=$!
  for ((tries = 0; tries < 300; tries++)); do
    if "$programs/pg_isready" -q -h 127.0.0.1 -p "$port"; then break; fi
    sleep 0.1
  done
  "$programs/createdb" -h 127.0.0.1 -p "$port" -U chunkota perf
  where="Host=127.0.0.1;Port=$port;Database=perf;Username=chunkota"
fi

dotnet "$here/bin/Release/net10.0/ChunkOta.Perf.dll" catalogue "$work" "$where" "$@" |
  jq -c --unbuffered --arg date "$(date -u +%F)" \
    --arg commit "$(git -C "$here" rev-parse --short HEAD 2>/dev/null || echo none)" \
    --arg machine "$(uname -m), $(nproc) cores,$(sed -n 's/^model name.*://p;T;q' /proc/cpuinfo)" \
    '. + {date: $date, commit: $commit, machine: $machine}'
