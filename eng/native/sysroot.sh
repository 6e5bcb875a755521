#!/usr/bin/env bash
# Fetches the headers and libraries that linux-arm64 programs are linked with, from Debian's arm64 packages, into
# artifacts/sysroot/linux-arm64. The packages and architectures of this machine stay as they are. A complete sysroot is
# kept: to link with newer packages, remove its folder first.
# usage: eng/native/sysroot.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

packages="libc6-dev libgcc-12-dev libssl-dev libzstd-dev libsodium-dev zlib1g-dev"
sysroot=artifacts/sysroot/linux-arm64
# Written last, so that an interrupted run is repeated, and so is one for other packages.
complete=$sysroot/complete.txt
if [ "$(head -n 1 "$complete" 2>/dev/null)" = "$packages" ]; then exit 0; fi

echo "fetching the sysroot for linux-arm64" >&2
rm -rf "$sysroot"
mkdir -p "$sysroot"
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
touch "$state/status"
# The sources and keys are those of this machine, so apt verifies what it downloads.
apt=(
  apt-get -qq
  -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root
  -o Acquire::Languages=none -o Acquire::Retries=3
  -o Dir::State::lists="$state/lists" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache"
)
"${apt[@]}" update >&2
# shellcheck disable=SC2086
"${apt[@]}" --download-only --no-install-recommends install $packages >&2
for package in "$state"/cache/archives/*.deb; do dpkg -x "$package" "$sysroot"; done
(echo "$packages" && cd "$state/cache/archives" && ls ./*.deb) >"$complete"
