#!/usr/bin/env bash
# Publishes ota-admin as one fully static file: artifacts/ota-admin.
set -euo pipefail
exec "$(dirname "$0")/../../eng/native/publish.sh" Server/Admin ota-admin 17000000
