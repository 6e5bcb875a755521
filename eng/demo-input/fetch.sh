#!/usr/bin/env bash
# Fetches the ASP.NET runtime for linux-x64, versions 10.0.13 and 10.0.14, as the trees OUT/10.0.13 and OUT/10.0.14.
# usage: eng/demo-input/fetch.sh OUT
set -euo pipefail

out=${1:?usage: fetch.sh OUT}
here=$(cd "$(dirname "$0")" && pwd)
if [ -e "$out/10.0.13/.complete" ] && [ -e "$out/10.0.14/.complete" ]; then exit 0; fi

# NuGet leaves its folder of temporary files.
NUGET_SCRATCH=$(mktemp -d)
export NUGET_SCRATCH
trap 'rm -rf "$NUGET_SCRATCH"' EXIT
dotnet restore "$here" --nologo -v q >&2
root=$(dotnet msbuild "$here" -nologo -v:m -t:PrintPackageRoot | tr -d ' \r' | tail -1)
for version in 10.0.13 10.0.14; do
  rm -rf "${out:?}/$version"
  mkdir -p "$out/$version/tree"
  for package in microsoft.netcore.app.runtime.linux-x64 microsoft.aspnetcore.app.runtime.linux-x64; do
    for part in "$root$package/$version"/runtimes/*/lib/*/* "$root$package/$version"/runtimes/*/native/*; do
      if [ -f "$part" ]; then cp "$part" "$out/$version/tree/"; fi
    done
  done
  touch "$out/$version/.complete"
done
