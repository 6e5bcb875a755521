#!/usr/bin/env bash
# Publishes ota-agent as one fully static file: artifacts/ota-agent.
set -euo pipefail
exec "$(dirname "$0")/../../eng/native/publish.sh" Agent/Cli ota-agent 14000000
