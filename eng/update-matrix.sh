#!/usr/bin/env bash
# Upgrades devices from every earlier release of three real programs to the newest one, by chunks and by delta, and
# compares each result with a fresh install and with what was published.
# usage: eng/update-matrix.sh
# The releases come from perf/peers/fetch.sh, stay in artifacts/update-matrix, and must have the digests of
# eng/update-matrix.tsv. The last line is `N updates, N as fresh installs`.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -ne 0 ]; then sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2; fi
eng/packages.sh run
. eng/lib.sh
build_programs
if [ "${OTA_TEST_PROGRAMS:-}" = static ]; then
  OTA_AGENT=$repo/artifacts/ota-agent
  admin=("$repo/artifacts/ota-admin")
fi

inputs=artifacts/update-matrix/inputs
work=$(mktemp -d)
trap 'stop_server; rm -rf "$work"' EXIT
tried=0 equal=0

# tree_digest TREE: of the names and bytes of its files.
tree_digest() {
  (cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum | cut -d' ' -f1
}
fetch() { # FAMILY VERSION DIGEST
  local found
  perf/peers/fetch.sh "$inputs" "$1" "$2"
  found=$(tree_digest "$inputs/$1/$2")
  [ "$found" = "$3" ] || { echo "update-matrix.sh: $1 $2 is $found, not $3" >&2; exit 1; }
}
agent() { # HOME ARGUMENTS
  ota_agent "${@:2}" --home "$work/$method/$1"
}
install() { # FAMILY HOME
  agent "$2" install "$1" --platform any --server "$server_grpc" --install-token "@$work/$1.token" >&2
}
publish() { # FAMILY VERSION
  ota_admin publish "$inputs/$1/$2" --product "$1" --version "$2" --platform any --channel stable \
    --keys "$work/$method/keys" --links keep --portable off >&2
}

# update FAMILY VERSION NEWEST: upgrades a device, and looks at what it has then.
update() {
  local result as_asked
  tried=$((tried + 1))
  result=$(agent "$1-$2" upgrade "$1" --json)
  as_asked='.fetched_delta_bytes > 0 and .fetched_chunk_bytes == 0'
  [ "$method" = deltas ] || as_asked='.fetched_delta_bytes == 0 and .fetched_chunk_bytes > 0'
  if jq -e "$as_asked" <<<"$result" >/dev/null && agent "$1-$2" verify "$1" >&2 \
    && perf/same-tree.sh "$inputs/$1/$3" "$work/$method/$1-$2/$1/current" \
    && perf/same-tree.sh "$work/$method/$1-fresh/$1/current" "$work/$method/$1-$2/$1/current"; then
    equal=$((equal + 1))
  else
    echo "update-matrix.sh: $1 $2 to $3 by $method: not as a fresh install: $result" >&2
  fi
}

# family FAMILY VERSION...: every version, the oldest first.
family() {
  local name=$1 newest=${*: -1} version
  shift
  ota_admin products create "$name" --root "$work/$method/keys/root.json" >/dev/null
  ota_admin tokens create --role install --product "$name" --channel stable --uses unlimited \
    --root "$work/$method/keys/root.json" >"$work/$name.token"
  for version in "$@"; do
    publish "$name" "$version"
    if [ "$version" = "$newest" ]; then install "$name" "$name-fresh"; else install "$name" "$name-$version"; fi
  done
  if [ "$method" = deltas ]; then ota_admin deltas "$name" --wait >&2; fi
  for version in "${@:1:$#-1}"; do update "$name" "$version" "$newest"; done
}

families=()
while IFS=$'\t' read -r name version digest; do
  [[ $name != \#* ]] || continue
  fetch "$name" "$version" "$digest"
  if [[ " ${families[*]-} " != *" $name "* ]]; then families+=("$name"); fi
done <eng/update-matrix.tsv

for method in chunks deltas; do
  mkdir "$work/$method"
  workers=0
  if [ $method = deltas ]; then workers=2; fi
  start_server "$work/$method/data" "Deltas:Workers=$workers"
  export OTA_SERVER=$server_grpc OTA_TOKEN=@$work/$method/data/admin.token
  ota_admin keys init --out "$work/$method/keys" >/dev/null
  for name in "${families[@]}"; do
    mapfile -t versions < <(awk -F'\t' -v name="$name" '$1 == name { print $2 }' eng/update-matrix.tsv)
    family "$name" "${versions[@]}"
  done
  stop_server
done

echo "$tried updates, $equal as fresh installs"
[ "$tried" -gt 0 ] && [ "$tried" -eq "$equal" ]
