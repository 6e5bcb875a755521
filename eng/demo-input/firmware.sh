#!/usr/bin/env bash
# Installs firmware, an image in one of two slots, with a real server and agent: an upgrade by delta, a slot that was
# changed, and an image that is left by the boot loader because nobody confirms it. The boot loader is simulated by
# `ota-agent boot`.
# usage: ./demo.sh firmware
# OTA_DEMO_QUICK=yes makes small images of the same kind, for a test.
set -euo pipefail
cd "$(dirname "$0")/../.."

eng/packages.sh run firmware
. eng/lib.sh

work=$(mktemp -d)
trap 'stop_server; rm -rf "$work"' EXIT
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

say "Building (the first time takes a minute)"
build_programs

say "Making two images, file systems of the ASP.NET runtime"
eng/demo-input/fetch.sh artifacts/demo-input
image=150M slot=160M
if [ "${OTA_DEMO_QUICK:-}" = yes ]; then image=10M slot=11M; fi
make_image() { # VERSION
  local files=artifacts/demo-input/$1/tree
  mkdir -p "$work/$1"
  if [ "${OTA_DEMO_QUICK:-}" = yes ]; then
    mkdir "$work/files-$1"
    cp "$files"/Microsoft.Extensions.* "$work/files-$1"
    files=$work/files-$1
  fi
  truncate -s $image "$work/$1/firmware.img"
  mkfs.ext4 -q -F -b 4096 -O ^has_journal,^metadata_csum -U 4c1d5d8e-6d53-4f0e-9d9f-0d2f6f6a7a10 \
    -E hash_seed=4c1d5d8e-6d53-4f0e-9d9f-0d2f6f6a7a10,root_owner=0:0 \
    -d "$files" "$work/$1/firmware.img"
}
make_image 10.0.13
make_image 10.0.14
truncate -s $slot "$work/slot-a" "$work/slot-b"
cat >"$work/ota-agent.json" <<END
{
  "Products": {
    "firmware": {
      "Slots": {
        "A": "$work/slot-a",
        "B": "$work/slot-b",
        "Bootloader": "simulated",
        "Environment": "$work/boot.env"
      },
      "Health": { "NeedsConfirmation": true, "MaxAttempts": 2 }
    }
  }
}
END

say "Starting a server"
start_server "$work/data"
export OTA_SERVER=$server_tls OTA_TOKEN=@$work/data/admin.token
admin() { ota_admin "$@" --ca "$work/data/tls.crt"; }
agent() { ota_agent "$@" --home "$work/home" --config "$work/ota-agent.json"; }
ota_admin keys init --out "$work/keys"
admin products create firmware --root "$work/keys/root.json"
admin tokens create --role install --product firmware --channel stable --root "$work/keys/root.json" \
  >"$work/install.token"
chmod 600 "$work/install.token"
publish() { # FOLDER VERSION
  admin publish "$1" --product firmware --version "$2" --platform linux-x64 --channel stable --keys "$work/keys" \
    --allow-shrink --json | jq -r '"published \(.product) \(.version): \(.logical_bytes / 1e6 | round) MB"'
}
cost() {
  jq -r '"\(.product) \(.version): \(.wire_bytes_down / 1e6 * 100 | round / 100) MB downloaded and \(
    .written_bytes / 1e6 * 100 | round / 100) MB written for an image of \(.tree_bytes / 1e6 | round) MB\(
    if .delta_files > 0 then ", by delta" else "" end); it starts at the next restart"'
}

say "Installing 10.0.13 into the slot that does not run, and restarting the machine"
publish "$work/10.0.13" 10.0.13
agent install firmware --server "$server_tls" --install-token "@$work/install.token" --json | cost
agent boot firmware
agent confirm firmware

say "Upgrading to 10.0.14 by delta"
publish "$work/10.0.14" 10.0.14
admin deltas firmware --wait
agent upgrade firmware --json | cost
agent boot firmware
agent confirm firmware

say "Changing a byte of the slot that runs: it is refused, and the other one starts"
printf 'x' | dd of="$work/slot-a" bs=1 seek=3333333 conv=notrunc status=none
agent boot firmware
agent upgrade firmware && exit 1 || echo "exit code $?"

say "The next upgrade writes what is wrong in the slot"
agent upgrade firmware --json | cost
agent boot firmware
agent confirm firmware

say "An image that nobody confirms: two starts, and the machine goes back"
mkdir "$work/10.0.15"
head -c 1000000 /dev/urandom >"$work/10.0.15/firmware.img"
publish "$work/10.0.15" 10.0.15
agent upgrade firmware --json | cost
for start in 1 2 3; do
  echo "start $start:"
  agent boot firmware
done
agent upgrade firmware && exit 1 || echo "exit code $?"
agent status firmware

say "Installed, upgraded, refused and left: as it should be"
