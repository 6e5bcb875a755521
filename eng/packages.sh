#!/usr/bin/env bash
# Installs the Debian packages that a task needs and this machine lacks.
# usage: eng/packages.sh run|firmware|test|aot|arm64|dist|install|perf|agent|catalogue|fleet|serve|peers [...]
set -euo pipefail

declare -A sets=(
  [run]="libzstd1 jq procps"
  [firmware]="e2fsprogs"
  [test]="b3sum btrfs-progs ceph-common ceph-mon ceph-osd curl dbus-bin dbus-daemon e2fsprogs fish git groff-base grpc-proto grub-common grub-pc-bin libsodium23 libubootenv-tool mount nginx-light openssl postgresql-15 prometheus protobuf-compiler protobuf-compiler-grpc python3-dbusmock python3-grpcio python3-protobuf qemu-system-arm qemu-system-x86 radosgw sqlite3 strace u-boot-qemu xfsprogs zsh zstd"
  [aot]="clang lld binutils cmake make dpkg-dev libzstd-dev libsodium-dev zlib1g-dev"
  [arm64]="binutils-aarch64-linux-gnu qemu-user-static"
  [dist]="buildah dpkg-dev fakeroot gzip"
  [install]="debootstrap debian-archive-keyring iproute2 lintian podman qemu-system-x86 qemu-user-static runc util-linux zstd"
  [perf]="b3sum casync zstd time"
  [agent]="b3sum mount openssl time xfsprogs"
  [catalogue]="jq postgresql-15 python3 util-linux"
  [fleet]="jq openssl procps time util-linux"
  [serve]="curl jq nginx-light openssl procps python3"
  [peers]="time casync zsync zchunk apache2-bin xdelta3 bsdiff zstd rsync ostree restic borgbackup"
)

missing=()
for set in "$@"; do
  for package in ${sets[$set]:?"unknown set $set; see $0"}; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  # Any installation of Node.js is fine.
  if [ "$set" = test ] && ! command -v npm >/dev/null; then missing+=(nodejs npm); fi
done
[ ${#missing[@]} -gt 0 ] || exit 0

# Debian starts a database of its own with the package, which nobody needs here.
case " ${missing[*]} " in *" postgresql"*)
  prepare='mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf' ;;
*) prepare=true ;;
esac

sudo=
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "eng/packages.sh: run as root: apt-get install ${missing[*]}" >&2; exit 1; }
  sudo=sudo
fi
echo "installing ${missing[*]}" >&2
$sudo sh -c "$prepare"
$sudo apt-get update -qq >&2
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
