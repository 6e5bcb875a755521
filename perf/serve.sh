#!/usr/bin/env bash
# Measures what it costs the server to send bytes, against nginx in the same run: an object over plain HTTP (sendfile
# in both) and over TLS 1.3, and a delta over gRPC. Prints a line for each figure; exits with 1 if a limit is missed.
# usage: perf/serve.sh [--json] [--rounds N] [--gigabytes N]
#   --json       one JSON object
#   --rounds     rounds in turns; the lowest of each counts (3)
#   --gigabytes  how much is sent in each round; over TLS half of it (4)
set -euo pipefail

json='' rounds=3 gigabytes=4
while [ $# -gt 0 ]; do
  case "$1 ${2:-}" in
    --json*) json=1 && shift ;;
    "--rounds "[1-9]*) rounds=$2 && shift 2 ;;
    "--gigabytes "[1-9]*) gigabytes=$2 && shift 2 ;;
    *) sed -n '2,7s/^# //p' "$0" >&2; exit 2 ;;
  esac
done

here=$(cd "$(dirname "$0")" && pwd)
"$here/../eng/packages.sh" run serve
. "$here/../eng/lib.sh"
publish_programs

work=$(mktemp -d -p "${OTA_PERF_DIR:-${TMPDIR:-/tmp}}")
chmod 755 "$work"
nginx_pid=
finish() {
  [ -z "$nginx_pid" ] || { kill "$nginx_pid" 2>/dev/null && wait "$nginx_pid"; } || true
  stop_server
  rm -rf "$work"
}
trap finish EXIT
begin_figures

# The object: a delta of about 64 MB, since every second half of 32 KiB is new.
half=$((32 * 1024)) pairs=2048
mkdir "$work/tree"
noise 1 $((2 * half * pairs)) >"$work/tree/program"
start_server "$work/data" Limits:CallsPerSecond=1000000
server_http=$(jq -r .http "$work/data.ready")
export OTA_SERVER=$server_grpc OTA_TOKEN=@$work/data/admin.token
ota_admin keys init --out "$work/keys" >/dev/null
ota_admin products create perf --root "$work/keys/root.json" >/dev/null
publish() { # VERSION
  ota_admin publish "$work/tree" --product perf --version "$1" --platform any --channel stable --keys "$work/keys" \
    --json
}
publish 1.0.0 >/dev/null
noise 2 $((half * pairs)) >"$work/new"
# Every pair of halves keeps its first and gets a new second one.
python3 - "$work/tree/program" "$work/new" $half <<'END'
import sys
old, new, half = open(sys.argv[1], "r+b"), open(sys.argv[2], "rb"), int(sys.argv[3])
at = half
while piece := new.read(half):
    old.seek(at)
    old.write(piece)
    at += 2 * half
END
manifest=$(publish 1.1.0 | jq -r .manifest_digest)
ota_admin deltas perf --wait >/dev/null
object=$(find "$work/data/objects/deltas" -type f)
[ -f "$object" ] || { echo "perf/serve.sh: there is no delta" >&2; exit 1; }
digest=$(basename "$object") bytes=$(stat -c %s "$object")

# nginx serves a copy of the object with the same key.
mkdir "$work/www" "$work/nginx"
cp "$object" "$work/www/object"
cp "$work/data/tls.key" "$work/data/tls.crt" "$work/nginx/"
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
plain=$(free_port) tls=$(free_port)
cat >"$work/nginx.conf" <<END
daemon off;
master_process off;
worker_processes 1;
pid $work/nginx/pid;
error_log $work/nginx/error.log;
events { worker_connections 512; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  client_body_temp_path $work/nginx/body;
  proxy_temp_path $work/nginx/proxy;
  fastcgi_temp_path $work/nginx/fastcgi;
  uwsgi_temp_path $work/nginx/uwsgi;
  scgi_temp_path $work/nginx/scgi;
  keepalive_requests 1000000;
  server {
    listen 127.0.0.1:$plain;
    listen 127.0.0.1:$tls ssl;
    ssl_certificate $work/nginx/tls.crt;
    ssl_certificate_key $work/nginx/tls.key;
    ssl_protocols TLSv1.3;
    root $work/www;
  }
}
END
nginx -p "$work/nginx" -c "$work/nginx.conf" 2>"$work/nginx/stderr" &
nginx_pid=$!

ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }
# cost PID GIGABYTES URL...: the CPU seconds per GB of a process while curl gets a URL again and again.
cost() {
  local pid=$1 times=$(($2 * 1000000000 / bytes)) url=$3 before
  shift 3
  before=$(ticks "$pid")
  curl -sS --no-progress-meter --fail -k --http1.1 --tlsv1.3 --parallel --parallel-max 4 "$@" "$url?[1-$times]" -o /dev/null
  awk -v ticks=$(($(ticks "$pid") - before)) -v hz="$(getconf CLK_TCK)" -v bytes=$((times * bytes)) \
    'BEGIN { printf "%.4f\n", ticks / hz / bytes * 1e9 }'
}
least() { sort -g "$1" | head -1; }
authorization="authorization: Bearer $(cat "$work/data/admin.token")"
path=v1/manifests/$manifest/deltas/$digest
# The same bytes from both, and everything warm.
for url in "${server_http%/}/$path" "${server_tls%/}/$path" "http://127.0.0.1:$plain/object" \
  "https://127.0.0.1:$tls/object"; do
  curl -sS --fail -k --retry 20 --retry-connrefused --retry-delay 1 -H "$authorization" "$url" | cmp - "$object"
done
for ((round = 0; round < rounds; round++)); do
  cost "$nginx_pid" "$gigabytes" "http://127.0.0.1:$plain/object" >>"$work/nginx-plain"
  cost "$server_pid" "$gigabytes" "${server_http%/}/$path" -H "$authorization" >>"$work/ours-plain"
  cost "$nginx_pid" $(((gigabytes + 1) / 2)) "https://127.0.0.1:$tls/object" >>"$work/nginx-tls"
  cost "$server_pid" $(((gigabytes + 1) / 2)) "${server_tls%/}/$path" -H "$authorization" >>"$work/ours-tls"
done
ratio() { awk -v a="$(least "$1")" -v b="$(least "$2")" 'BEGIN { printf "%.2f", a / b }'; }
figure "nginx, sendfile" "$(least "$work/nginx-plain")" "CPU s per GB"
figure "ota-server, Listen:Http" "$(least "$work/ours-plain")" "CPU s per GB"
figure "ota-server against nginx, plain" "$(ratio "$work/ours-plain" "$work/nginx-plain")" "times" 1.5
figure "nginx, TLS 1.3" "$(least "$work/nginx-tls")" "CPU s per GB"
figure "ota-server, Listen:Tls" "$(least "$work/ours-tls")" "CPU s per GB"
figure "ota-server against nginx, TLS 1.3" "$(ratio "$work/ours-tls" "$work/nginx-tls")" "times" 1.5
figure "ota-server, peak memory" "$(awk '/^VmHWM/ { print $2 * 1024 }' "/proc/$server_pid/status")" "bytes"

[ -z "$json" ] || all_figures object_bytes "$bytes" rounds "$rounds" gigabytes "$gigabytes"
all_met
