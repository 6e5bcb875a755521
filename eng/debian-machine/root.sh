#!/usr/bin/env bash
# Makes the files of a fresh Debian 12 with systemd, for tests that install packages: artifacts/debian-root.tar.zst, from
# this machine's own apt mirror. A complete file is kept: to get newer packages, remove it first.
# usage: eng/debian-machine/root.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=adduser,ca-certificates,libssl3,libstdc++6,libzstd1,sudo,systemd,systemd-sysv
archive=artifacts/debian-root.tar.zst
if [ "$(cat "$archive.packages" 2>/dev/null)" = "$packages" ] && [ -s "$archive" ]; then exit 0; fi

sudo=
if [ "$(id -u)" -ne 0 ]; then sudo=sudo; fi
mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
  awk '$1 == "bookworm" && $2 == "main" { print $3; exit }')
[ -n "$mirror" ] || { echo "debian-machine/root.sh: this machine has no apt source of Debian 12" >&2; exit 1; }
eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
work=$(mktemp -d)
trap '$sudo rm -rf "$work"' EXIT

echo "fetching Debian 12 for the tests of packages" >&2
$sudo env ${http_proxy:+http_proxy="$http_proxy"} debootstrap --variant=minbase --include="$packages" bookworm \
  "$work/root" "$mirror" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }
$sudo rm -rf "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/* "$work"/root/usr/share/locale
mkdir -p artifacts
$sudo tar --create --directory "$work/root" --numeric-owner . | zstd -q -3 -T0 -o "$work/archive"
mv "$work/archive" "$archive"
echo "$packages" >"$archive.packages"
