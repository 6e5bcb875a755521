#!/usr/bin/env bash
# Fetches the headers and libraries that linux-arm64 programs are linked with, from Debian's arm64 packages, into
# artifacts/sysroot/linux-arm64.
# usage: eng/native/sysroot.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

exec eng/fetch-debian.sh --dependencies arm64 artifacts/sysroot/linux-arm64 \
  libc6-dev libgcc-12-dev libzstd-dev libsodium-dev zlib1g-dev
