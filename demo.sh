#!/usr/bin/env bash
# Publishes two versions of the ASP.NET runtime, installs the first, upgrades to the second and reverts, with a real
# server and agent on this machine. Measurements: artifacts/demo.json.
# usage: ./demo.sh [firmware]
#   firmware  images in two slots instead: an upgrade by delta, a bad image that is left, a changed slot that is refused
set -euo pipefail
cd "$(dirname "$0")"
case "${1:-}" in
  '') ;;
  firmware) exec eng/demo-input/firmware.sh ;;
  *) echo "demo.sh: unknown demonstration $1: it is firmware, or none" >&2; exit 2 ;;
esac

eng/packages.sh run
. eng/lib.sh

work=$(mktemp -d)
trap 'stop_server; rm -rf "$work"' EXIT
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

say "Building (the first time takes a minute)"
build_programs

say "Fetching two versions of the ASP.NET runtime for linux-x64"
eng/demo-input/fetch.sh artifacts/demo-input
old=artifacts/demo-input/10.0.13/tree
new=artifacts/demo-input/10.0.14/tree
echo "10.0.13: $(megabytes "$(du -sb "$old" | cut -f1)"), 10.0.14: $(megabytes "$(du -sb "$new" | cut -f1)")"

say "Starting a server"
start_server "$work/data"
echo "$server_tls"
export OTA_SERVER=$server_tls OTA_TOKEN=@$work/data/admin.token
admin() { ota_admin "$@" --ca "$work/data/tls.crt"; }
agent() { ota_agent "$@" --home "$work/home"; }

say "Creating the publisher's keys and registering the product"
ota_admin keys init --out "$work/keys"
admin products create aspnet --root "$work/keys/root.json"
admin tokens create --role install --product aspnet --channel stable --root "$work/keys/root.json" >"$work/install.token"
chmod 600 "$work/install.token"

publish() {
  admin publish "$1" --product aspnet --version "$2" --platform linux-x64 --channel stable --keys "$work/keys" --json \
    >"$work/publish-$2.json"
  jq -r '"published \(.product) \(.version): \(.new_stored_bytes / 1e6 * 100 | round / 100) MB stored for \(
    .logical_bytes / 1e6 * 100 | round / 100) MB, \(.new_chunks) of \(.distinct_chunks) chunks new"' "$work/publish-$2.json"
}

say "Publishing 10.0.13"
publish "$old" 10.0.13

say "Installing it"
agent install aspnet --server "$server_tls" --install-token "@$work/install.token" --json >"$work/install.json"
jq -r '"installed \(.product) \(.version)"' "$work/install.json"
agent list

say "Publishing 10.0.14"
publish "$new" 10.0.14

say "Waiting for the server to build the delta"
admin deltas aspnet --wait

say "Upgrading"
agent upgrade aspnet --json >"$work/upgrade.json"
jq -r '"installed \(.product) \(.version)"' "$work/upgrade.json"
diff -r "$new" "$work/home/aspnet/current/"
echo "the installed tree equals the published one, byte for byte"

say "Reverting"
agent revert aspnet --json >"$work/revert.json"
jq -r '"reverted \(.product) \(.version)"' "$work/revert.json"
diff -r "$old" "$work/home/aspnet/current/"
echo "the installed tree is 10.0.13 again"

say "Chunk reuse"
admin stats aspnet
admin stats aspnet --json >"$work/stats.json"

mkdir -p artifacts
jq -n --slurpfile publish_old "$work/publish-10.0.13.json" --slurpfile publish_new "$work/publish-10.0.14.json" \
  --slurpfile install "$work/install.json" --slurpfile upgrade "$work/upgrade.json" \
  --slurpfile revert "$work/revert.json" --slurpfile stats "$work/stats.json" \
  '{publish: [$publish_old[0], $publish_new[0]], install: $install[0], upgrade: $upgrade[0], revert: $revert[0],
    stats: $stats[0]}' >artifacts/demo.json

say "Downloaded"
jq -r '"install: \(.install.wire_bytes_down / 1e6 * 100 | round / 100) MB for a tree of \(
    .install.tree_bytes / 1e6 * 100 | round / 100) MB
upgrade: \(.upgrade.wire_bytes_down / 1e6 * 100 | round / 100) MB down, \(.upgrade.wire_bytes_up / 1e6 * 1000 | round / 1000) MB up for a tree of \(
    .upgrade.tree_bytes / 1e6 * 100 | round / 100) MB (\(.upgrade.wire_bytes_down * 1000 / .upgrade.tree_bytes | round / 10) %)
revert: nothing"' artifacts/demo.json
echo "measurements: artifacts/demo.json"
