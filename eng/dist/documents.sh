#!/usr/bin/env bash
# Writes what goes with each program, PROGRAM one of ota-server, ota-admin and ota-agent, into artifacts/documents/PROGRAM:
# man pages (man/), shell completions (completions/SHELL/) and the licences of others (THIRD-PARTY-NOTICES.txt).
# usage: VERSION=… eng/dist/documents.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

output=artifacts/documents
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
debian=$(echo artifacts/debian/* | cut -d' ' -f1)

# notices PROGRAM DEBIAN-PACKAGE...: the SBOM's components, then the texts of their licences.
notices() {
  local program=$1 package name version text
  shift
  echo "$program $VERSION contains the following software. Its own licence, AGPL-3.0-or-later, is in LICENSE."
  echo
  jq -r '.components[] | "\(.name) \(.version)\t\([.licenses[]?.license | .id // .name // .url] | join(", "))\t\(.copyright // "")"' \
    "artifacts/dist/$program-$VERSION.cdx.json" | sort -u
  jq -r '.components[] | select(.purl // "" | startswith("pkg:nuget/")) | "\(.name) \(.version)"' \
    "artifacts/dist/$program-$VERSION.cdx.json" | sort -u |
    while read -r name version; do
      for text in "$packages/${name,,}/$version"/{LICENSE,NOTICE,THIRD-PARTY-NOTICES}*; do
        [ -f "$text" ] || continue
        printf '\n======== %s: %s\n\n' "$name" "${text##*/}"
        cat "$text"
      done
    done
  for text in "$packages"/microsoft.netcore.app.runtime.linux-*/10.*/{LICENSE,THIRD-PARTY-NOTICES}.TXT; do echo "$text"; done |
    sort -t/ -k1,1 | awk -F/ '!seen[$NF]++' | while read -r text; do
      printf '\n======== .NET runtime: %s\n\n' "${text##*/}"
      cat "$text"
    done
  for package in "$@"; do
    printf '\n======== %s (Debian)\n\n' "$package"
    cat "$debian/usr/share/doc/$package/copyright"
  done
  for text in Apache-2.0 BSD LGPL-2.1; do
    printf '\n======== %s\n\n' "$text"
    cat "/usr/share/common-licenses/$text"
  done
}

rm -rf "$output"
for program in ota-server ota-admin ota-agent; do mkdir -p "$output/$program"; done
for program in ota-admin ota-agent; do
  notices $program libc6 libsodium23 libssl3 libzstd1 zlib1g >"$output/$program/THIRD-PARTY-NOTICES.txt"
done
notices ota-server libssl3 libzstd1 >"$output/ota-server/THIRD-PARTY-NOTICES.txt"

pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
eng/man-pages.sh "$pages"
for program in ota-server ota-admin ota-agent; do
  mkdir -p "$output/$program"/{man,completions}
  cp "$pages/$program".? "$output/$program/man/"
  cp -r "$pages/completions/." "$output/$program/completions/"
  find "$output/$program/completions" -type f -not -name "*$program*" -delete
done
