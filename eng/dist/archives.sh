#!/usr/bin/env bash
# Packs what eng/dist/stage.sh laid out: artifacts/dist/PROGRAM-VERSION-RID.tar.gz, byte for byte the same each time.
# usage: VERSION=… SOURCE_DATE_EPOCH=… eng/dist/archives.sh linux-x64|linux-arm64
set -euo pipefail
cd "$(dirname "$0")/../.."

rid=$1
for program in ota-server ota-admin ota-agent; do
  name=$program-$VERSION-$rid
  tar --create --directory "artifacts/stage/$rid" --transform "s|^$program|$name|" --sort=name \
    --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=gnu "$program" |
    gzip -9 --no-name >"artifacts/dist/$name.tar.gz"
done
