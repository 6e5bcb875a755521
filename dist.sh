#!/usr/bin/env bash
# Builds what users install into artifacts/dist/, for linux-x64 and linux-arm64: archives, Debian packages, an OCI image,
# an SBOM of each program, and SHA256SUMS over all of it. Same source, same date, same bytes.
# usage: ./dist.sh
set -euo pipefail
cd "$(dirname "$0")"

rids=(linux-x64 linux-arm64)
case "${1:-}" in
  '') ;;
  -h | --help) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "dist.sh: unknown argument: $1: see dist.sh --help" >&2; exit 2 ;;
esac

eng/packages.sh run aot arm64 dist
VERSION=$(sed -n 's|.*<VersionPrefix>\(.*\)</VersionPrefix>.*|\1|p' Directory.Build.props)
# The date of all files: that of the commit, so that a second build of it has the same bytes.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Directory.Build.props)}
export VERSION SOURCE_DATE_EPOCH

rm -rf artifacts/dist artifacts/stage
mkdir -p artifacts/dist
for rid in "${rids[@]}"; do
  Agent/Cli/publish.sh --rid "$rid" --if-changed
  Server/Admin/publish.sh --rid "$rid" --if-changed
  eng/dist/server.sh "$rid"
done
eng/dist/sbom.sh
eng/dist/documents.sh
for rid in "${rids[@]}"; do
  eng/dist/stage.sh "$rid"
  eng/dist/archives.sh "$rid"
  eng/dist/debian.sh "$rid"
  eng/dist/image.sh "$rid"
done

cd artifacts/dist
sha256sum -- * >SHA256SUMS
ls -l --block-size=1 | awk 'NR > 1 { printf "%11d  %s\n", $5, $NF }'
