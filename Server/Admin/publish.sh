#!/usr/bin/env bash
# Publishes ota-admin as one fully static file: artifacts/ota-admin, or artifacts/linux-arm64/ota-admin.
# usage: Server/Admin/publish.sh [--rid linux-x64|linux-arm64] [--if-changed]
set -euo pipefail
exec "$(dirname "$0")/../../eng/native/publish.sh" Server/Admin ota-admin 17000000 "$@"
