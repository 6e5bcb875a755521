# Peers that make one patch from the old release to the new one. Sourced by measure.sh.

debian_version() { dpkg-query -W -f '${Version}' "$1" | sed 's/-[^-]*$//'; }

# A base window as large as the old tar; lzma for the rest, which is the smallest of what it has.
peer_xdelta3() {
  local window=1048576
  version=$(debian_version xdelta3)
  make_tars
  while [ "$window" -lt "$(stat -c %s old.tar)" ] && [ "$window" -lt 2147483648 ]; do window=$((window * 2)); done
  published xdelta3 -e -9 -S lzma -B "$window" -s old.tar new.tar patch
  bytes=$(bytes_in patch)
  applied xdelta3 -d -B "$window" -s old.tar patch made.tar
  unpack made.tar
}

peer_zstd() {
  version=$(debian_version zstd)
  make_tars
  published zstd -q -19 --long=31 --patch-from=old.tar new.tar -o patch
  bytes=$(bytes_in patch)
  applied zstd -q -d --long=31 --patch-from=old.tar patch -o made.tar
  unpack made.tar
}

peer_bsdiff() {
  version=$(debian_version bsdiff)
  published "$here/bsdiff-tree.sh" make "$old" "$new" patches
  bytes=$(bytes_in patches)
  cp -r "$old" result
  applied "$here/bsdiff-tree.sh" apply result patches
}

# The delta between two commits: superblock (with the commit) and parts. No file goes outside it, none is too large.
peer_ostree() {
  version=$(debian_version ostree)
  local from to
  ostree --repo=repo init --mode=archive
  from=$(ostree --repo=repo commit --canonical-permissions --timestamp=@0 -b release --tree=dir="$old")
  ostree --repo=client init --mode=bare-user-only
  ostree --repo=client pull-local repo "$from" >&2
  published ostree --repo=repo commit --canonical-permissions --timestamp=@1 -b release --tree=dir="$new" >commit
  to=$(cat commit)
  published ostree --repo=repo static-delta generate --from="$from" --to="$to" \
    --max-bsdiff-size=2048 --min-fallback-size=0 --max-chunk-size=2048 >&2
  bytes=$(bytes_in repo/deltas)
  applied ostree --repo=client static-delta apply-offline "$(dirname "$(find repo/deltas -name superblock)")" >&2
  applied ostree --repo=client checkout -U "$to" result
}
