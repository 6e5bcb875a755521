#!/usr/bin/env bash
# Unpacks the kernel of Debian's cloud images, for the test that boots a machine: artifacts/kernel. A complete folder is
# kept: to get a newer kernel, remove it first.
# usage: eng/debian-machine/kernel.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ -s artifacts/kernel/complete.txt ]; then exit 0; fi
sudo=
if [ "$(id -u)" -ne 0 ]; then sudo=sudo; fi

# The package that has the kernel carries its version in its name.
find_package() { apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '$2 ~ /^linux-image-/ { print $2; exit }'; }
package=$(find_package)
if [ -z "$package" ]; then
  $sudo apt-get update -qq >&2
  package=$(find_package)
fi
[ -n "$package" ] || { echo "debian-machine/kernel.sh: this machine has no apt source of Debian" >&2; exit 1; }
eng/fetch-debian.sh amd64 artifacts/kernel "$package"
