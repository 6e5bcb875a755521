#!/usr/bin/env bash
# Unpacks Debian packages of any architecture into a folder. The packages and architectures of this machine stay as they
# are. A complete folder is kept: to get newer packages, remove it first.
# usage: eng/fetch-debian.sh [--dependencies] amd64|arm64 FOLDER PACKAGE...
set -euo pipefail

command=download
if [ "$1" = --dependencies ]; then command=install; shift; fi
architecture=$1 folder=$2
shift 2
# Written last, so that an interrupted run is repeated, and so is one for other packages.
complete=$folder/complete.txt
if [ "$(head -n 1 "$complete" 2>/dev/null)" = "$*" ]; then exit 0; fi

echo "fetching packages for $architecture into $folder" >&2
rm -rf "$folder"
mkdir -p "$folder"
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
archives=$state/cache/archives
mkdir -p "$state/lists/partial" "$archives/partial"
touch "$state/status"
# The sources and keys are those of this machine, so apt verifies what it downloads.
apt=(
  apt-get -qq
  -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" -o APT::Sandbox::User=root
  -o Acquire::Languages=none -o Acquire::Retries=3
  -o Dir::State::lists="$state/lists" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache"
)
"${apt[@]}" update >&2
if [ $command = install ]; then
  "${apt[@]}" --download-only --no-install-recommends install "$@" >&2
else
  (cd "$archives" && "${apt[@]}" download "$@" >&2)
fi
for package in "$archives"/*.deb; do dpkg -x "$package" "$folder"; done
(echo "$*" && cd "$archives" && ls ./*.deb) >"$complete"
