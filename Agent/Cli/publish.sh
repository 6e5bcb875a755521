#!/usr/bin/env bash
# Publishes ota-agent as one fully static file: artifacts/ota-agent, or artifacts/linux-arm64/ota-agent.
# usage: Agent/Cli/publish.sh [--rid linux-x64|linux-arm64] [--if-changed]
set -euo pipefail
exec "$(dirname "$0")/../../eng/native/publish.sh" Agent/Cli ota-agent 14000000 "$@"
