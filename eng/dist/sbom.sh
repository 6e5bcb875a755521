#!/usr/bin/env bash
# Writes an SBOM of each program, CycloneDX JSON, into artifacts/dist: the packages of its project, the .NET runtime and
# the libraries from Debian.
# usage: VERSION=… SOURCE_DATE_EPOCH=… eng/dist/sbom.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

dotnet tool restore >&2
runtime=$(sed -n 's|.*<NativePackVersion>\(.*\)</NativePackVersion>.*|\1|p' Directory.Build.targets)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What static programs are linked with is installed or, OpenSSL, built from Debian's source; what the server brings along
# was fetched.
version_of() {
  case $1 in
    openssl) sed -n 2p artifacts/openssl/linux-x64/complete.txt ;;
    *-dev) dpkg-query -W -f '${Version}' "$1" ;;
    *) cat artifacts/debian/*/complete.txt | sed -n "s|^\./$1_\(.*\)_.*|\1|p" | head -n 1 ;;
  esac
}

# from_debian SOURCE/PACKAGE ...: a component for each.
from_debian() {
  local pair
  for pair in "$@"; do printf '%s %s\n' "${pair%/*}" "$(version_of "${pair#*/}")"; done | jq -R 'split(" ") | {type: "library", name: .[0], version: .[1],
    purl: "pkg:deb/debian/\(.[0])@\(.[1] | @uri)?distro=debian-12&arch=source", "bom-ref": "debian/\(.[0])"}'
}

# sbom PROGRAM PROJECT EXCLUDED DEBIAN...
sbom() {
  local program=$1 project=$2 excluded=$3
  shift 3
  dotnet tool run dotnet-CycloneDX -- "$project" --recursive --disable-package-restore --framework net10.0 \
    --output "$work" --filename "$program.json" --output-format Json --no-serial-number \
    --set-name "$program" --set-version "$VERSION" >&2
  from_debian "$@" | jq -s --slurpfile found "$work/$program.json" --arg excluded "$excluded" \
    --arg runtime "$runtime" --arg date "$(date -u -d "@$SOURCE_DATE_EPOCH" +%FT%TZ)" '
    . as $debian | $found[0]
    | .components |= [.[] | select(.scope != "excluded" and (.name | IN($excluded | splits(" ")) | not))]
    | (.components | map(."bom-ref")) as $kept
    | .dependencies |= [.[]? | select(.ref | IN($kept[])) | .dependsOn |= [.[]? | select(IN($kept[]))]]
    | .components += $debian + [{type: "framework", name: "Microsoft.NETCore.App", version: $runtime,
        licenses: [{license: {id: "MIT"}}], "bom-ref": "dotnet-runtime"}]
    | .metadata.timestamp = $date
    | .metadata.component.licenses = [{license: {id: "AGPL-3.0-or-later"}}]' \
    >"artifacts/dist/$program-$VERSION.cdx.json"
}

# The static programs have libsodium linked in, and no NSec.
static=(glibc/libc6-dev openssl/openssl libzstd/libzstd-dev libsodium/libsodium-dev zlib/zlib1g-dev)
sbom ota-admin Server/Admin/ChunkOta.Server.Admin.csproj "NSec.Cryptography libsodium" "${static[@]}"
sbom ota-agent Agent/Cli/ChunkOta.Agent.Cli.csproj "NSec.Cryptography libsodium" "${static[@]}"
sbom ota-server Server/Host/ChunkOta.Server.Host.csproj "" openssl/libssl3 libzstd/libzstd1
