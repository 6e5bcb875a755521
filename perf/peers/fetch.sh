#!/usr/bin/env bash
# Fetches one version of a family of families.tsv as the tree INPUTS/FAMILY/VERSION; a tree that is there is left alone.
# Packages come through the clients that this machine has (npm, dotnet restore, apt-get), from the registries that these
# are set up for; a registry may have dropped an old version.
# usage: perf/peers/fetch.sh INPUTS FAMILY VERSION
set -euo pipefail

[ $# -eq 3 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
inputs=$1 family=$2 version=$3
here=$(cd "$(dirname "$0")" && pwd)
nuget=$here/../../eng/demo-input
[ ! -e "$inputs/$family/$version" ] || exit 0

row=$(awk -F'\t' -v family="$family" '$1 == family' "$here/families.tsv")
[ -n "$row" ] || { echo "fetch.sh: no family $family in families.tsv" >&2; exit 2; }
IFS=$'\t' read -r _ client list versions _ <<<"$row"
IFS=, read -ra packages <<<"$list"
mkdir -p "$inputs/$family"
partial=$(mktemp -d -p "$inputs/$family" ".$version.XXXX")
trap 'rm -rf "$partial"' EXIT
mkdir "$partial/tree"

fetch_npm() { # each package in a folder of its name's last part, a single one at the top
  local package into
  for package in "${packages[@]}"; do
    into=$partial/tree
    [ ${#packages[@]} -eq 1 ] || into=$into/${package##*/}
    mkdir -p "$into"
    (cd "$partial" && npm pack --loglevel=error "$package@$version" >/dev/null)
    tar -xzf "$partial"/*.tgz -C "$into" --strip-components=1 --no-same-owner
    rm "$partial"/*.tgz
  done
}

fetch_nuget() { # what a runtime package would put into an application's folder, flattened
  local package root file
  for package in "${packages[@]}"; do
    dotnet restore "$nuget" -p:Package="$package" -p:PackageVersion="$version" --nologo -v q >&2
    root=$(dotnet msbuild "$nuget" -nologo -v:m -t:PrintPackageRoot | tr -d ' \r' | tail -1)
    for file in "$root${package,,}/$version"/runtimes/*/lib/*/* "$root${package,,}/$version"/runtimes/*/native/*; do
      if [ -f "$file" ]; then cp "$file" "$partial/tree/"; fi
    done
  done
}

fetch_apt() { # what the packages would install, in one tree
  local package
  for package in "${packages[@]}"; do
    (cd "$partial" && apt-get download -qq "$package=$version" >&2)
    dpkg-deb -x "$partial"/*.deb "$partial/tree"
    rm "$partial"/*.deb
  done
}

fetch_compose() { # the last two versions of its members, one folder each
  local member its
  for member in "${packages[@]}"; do
    its=$(awk -F'\t' -v family="$member" '$1 == family { print $4 }' "$here/families.tsv")
    its=$(tr , '\n' <<<"$its" | tail -2)
    if [ "$version" = "${versions%,*}" ]; then its=${its%$'\n'*}; else its=${its#*$'\n'}; fi
    "$0" "$inputs" "$member" "$its"
    cp -r --reflink=auto "$(realpath "$inputs/$member/$its")" "$partial/tree/$member"
  done
}

echo "fetching $family $version" >&2
"fetch_$client"
mv "$partial/tree" "$inputs/$family/$version"
