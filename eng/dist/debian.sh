#!/usr/bin/env bash
# Builds the Debian packages of what eng/dist/stage.sh laid out: artifacts/dist/chunkota-NAME_VERSION_ARCHITECTURE.deb.
# usage: VERSION=… SOURCE_DATE_EPOCH=… eng/dist/debian.sh linux-x64|linux-arm64
set -euo pipefail
cd "$(dirname "$0")/../.."

rid=$1
. eng/dist/architectures.sh "$rid"
maintainer='The ChunkOta authors <packages@chunkota.example>'
homepage=$(sed -n 's|.*<RepositoryUrl>\(.*\)</RepositoryUrl>.*|\1|p' Directory.Build.props)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# put FILE FOLDER [NAME]: into the package, with the rights that the file has.
put() {
  mkdir -p "$root/$2"
  cp --preserve=mode "$1" "$root/$2/${3:-}"
}

build() { # NAME PROGRAM
  local package=chunkota-$1 program=$2 page shell
  local stage=artifacts/stage/$rid/$program
  root=$work/$package
  local doc=$root/usr/share/doc/$package
  mkdir -p "$doc" "$root/DEBIAN"

  if [ "$program" = ota-server ]; then
    for page in ota-server libe_sqlite3.so libsodium.so; do put "$stage/$page" usr/lib/chunkota; done
    mkdir -p "$root/usr/bin"
    ln -s ../lib/chunkota/ota-server "$root/usr/bin/ota-server"
    put "$stage/server.json" etc/chunkota
    put "$stage/server.md" "usr/share/doc/$package"
  else
    put "$stage/$program" usr/bin
  fi
  if [ -d "$stage/systemd" ]; then
    for page in "$stage"/systemd/*.service; do put "$page" lib/systemd/system; done
  fi
  if [ -d "$stage/systemd/user" ]; then
    for page in "$stage"/systemd/user/*; do put "$page" usr/lib/systemd/user; done
  fi
  for page in "$stage"/man/*; do
    mkdir -p "$root/usr/share/man/man${page##*.}"
    gzip -9 --no-name <"$page" >"$root/usr/share/man/man${page##*.}/${page##*/}.gz"
  done
  put "$stage/completions/bash/$program" usr/share/bash-completion/completions
  put "$stage/completions/zsh/_$program" usr/share/zsh/vendor-completions
  put "$stage/completions/fish/$program.fish" usr/share/fish/vendor_completions.d

  gzip -9 --no-name <"$stage/THIRD-PARTY-NOTICES.txt" >"$doc/THIRD-PARTY-NOTICES.txt.gz"
  {
    echo "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
    printf 'Upstream-Name: ChunkOta\nSource: %s\n\n' "$homepage"
    printf 'Files: *\nCopyright: The ChunkOta authors\nLicense: AGPL-3.0-or-later\n\nLicense: AGPL-3.0-or-later\n'
    sed 's/^$/./; s/^/ /' LICENSE
  } >"$doc/copyright"
  printf '%s (%s) stable; urgency=medium\n\n  * Release %s.\n\n -- %s  %s\n' "$package" "$VERSION" "$VERSION" \
    "$maintainer" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9 --no-name >"$doc/changelog.gz"
  if [ -f "deploy/debian/$package/lintian-overrides" ]; then
    put "deploy/debian/$package/lintian-overrides" usr/share/lintian/overrides "$package"
  fi

  for page in conffiles postinst prerm postrm; do
    if [ -f "deploy/debian/$package/$page" ]; then put "deploy/debian/$package/$page" DEBIAN; fi
  done
  sed "s|@VERSION@|$VERSION|; s|@ARCHITECTURE@|$debian_architecture|; s|@MAINTAINER@|$maintainer|
    s|@HOMEPAGE@|$homepage|; s|@SIZE@|$(du -sk --apparent-size "$root" | cut -f1)|" \
    "deploy/debian/$package/control" >"$root/DEBIAN/control"
  (cd "$root" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
  chmod -R u+rwX,go+rX,go-w "$root"
  find "$root" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group -Zxz -z3 --threads-max=1 --build "$root" \
    "artifacts/dist/${package}_${VERSION}_$debian_architecture.deb" >&2
}

build server ota-server
build admin ota-admin
build agent ota-agent
