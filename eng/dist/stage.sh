#!/usr/bin/env bash
# Lays out each program with its documents as its archive has them, in artifacts/stage/RID/PROGRAM.
# usage: eng/dist/stage.sh linux-x64|linux-arm64
set -euo pipefail
cd "$(dirname "$0")/../.."

rid=$1
stage=artifacts/stage/$rid
case $rid in
  linux-x64) native=artifacts ;;
  *) native=artifacts/$rid ;;
esac

mkdir -p "$stage"/ota-{admin,agent}
cp -r "artifacts/server/$rid" "$stage/ota-server"
for program in ota-admin ota-agent; do cp "$native/$program" "$stage/$program/"; done
for program in ota-server ota-admin ota-agent; do
  cp -r LICENSE "artifacts/documents/$program/." "$stage/$program/"
done
cp docs/server.md deploy/server.json "$stage/ota-server/"
mkdir "$stage"/ota-{server,agent}/systemd
cp deploy/systemd/chunkota-server.* "$stage/ota-server/systemd/"
cp -R deploy/systemd/chunkota-agent.* deploy/systemd/user "$stage/ota-agent/systemd/"
find "$stage" -type d -exec chmod 755 {} +
find "$stage" -type f -exec chmod 644 {} +
chmod 755 "$stage"/*/ota-{server,admin,agent} 2>/dev/null || true
