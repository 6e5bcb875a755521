#!/usr/bin/env bash
# Boots a Debian that was unpacked into a folder, with systemd as its first process, in namespaces of its own: it has a
# loopback interface alone, and what it mounts is gone when it ends. It ends with this script's process.
# usage, as root: eng/debian-machine/boot.sh ROOT
set -euo pipefail

if [ "${2:-}" != inside ]; then
  exec unshare --mount --net --pid --uts --ipc --cgroup --fork --kill-child "$0" "$1" inside
fi

mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs tmpfs sys/fs/cgroup
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount --rbind /dev dev
ip link set lo up
mkdir -p .old
pivot_root . .old
umount -l /.old
rmdir /.old
exec env -i container=chunkota-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --unit=multi-user.target --show-status=no --log-target=null
