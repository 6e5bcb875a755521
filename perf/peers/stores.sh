# Peers that synchronise trees, and backup programs that keep releases in a store of chunks. Sourced by measure.sh.

# A daemon on loopback; the client brings its copy up to date, comparing by content. Bytes: its statistics, both ways.
peer_rsync() {
  version=$(debian_version rsync)
  cat >rsyncd.conf <<CONF
use chroot = no
address = 127.0.0.1
log file = $work/rsyncd.log
[release]
path = $new
read only = yes
CONF
  start_daemon /usr/bin/time -q -o publisher.cost -f '%U %S %M' rsync --daemon --no-detach --config=rsyncd.conf --port=@PORT@
  cp -r "$old" result
  applied rsync -rlpcyz --compress-choice=zstd --compress-level=19 --no-whole-file --delete --stats \
    "rsync://127.0.0.1:$port/release/" result/ >stats
  pkill -P "$daemon" # time(1) then writes what the daemon and its children took
  wait "$daemon" || true
  daemon=
  bytes=$(tr -d , <stats | awk '/^Total bytes (sent|received):/ { n += $NF } END { print n }')
}

# Bytes: what the second backup adds to the repository. Its client can only restore all of it.
peer_restic() {
  version=$(debian_version restic)
  local before
  export RESTIC_REPOSITORY=$work/repo RESTIC_PASSWORD=measured XDG_CACHE_HOME=$work/cache
  restic init -q
  (cd "$old" && restic backup -q --compression max .)
  before=$(bytes_in repo)
  cd "$new"
  published restic backup -q --compression max .
  cd "$work"
  bytes=$(($(bytes_in repo) - before))
  applied restic restore -q latest --target result
}

# The same with borg, its chunks of 64 KiB on average.
peer_borg() {
  version=$(debian_version borgbackup)
  local before how=(--compression zstd,19 --chunker-params "buzhash,14,18,16,4095" --files-cache disabled)
  export BORG_BASE_DIR=$work/borg
  borg init -e none repo
  (cd "$old" && borg create "${how[@]}" "$work/repo::old" .)
  before=$(bytes_in repo/data)
  cd "$new"
  published borg create "${how[@]}" "$work/repo::new" .
  cd "$work"
  bytes=$(($(bytes_in repo/data) - before))
  mkdir result
  cd result
  applied borg extract "$work/repo::new"
  cd "$work"
}
