#!/usr/bin/env bash
# Builds the server's image from scratch: artifacts/dist/ota-server-VERSION-RID.oci.tar, an OCI archive. It holds the
# server, the C and C++ run time that it needs, and nothing else: no shell, no package manager.
# usage: VERSION=… SOURCE_DATE_EPOCH=… eng/dist/image.sh linux-x64|linux-arm64
set -euo pipefail
cd "$(dirname "$0")/../.."

rid=$1
. eng/dist/architectures.sh "$rid"
debian=artifacts/debian/$debian_architecture
uid=10001
work=$(mktemp -d)
# Files of another user need a superuser.
sudo=
if [ "$(id -u)" -ne 0 ]; then sudo=sudo; fi
trap '$sudo rm -rf "$work"' EXIT

root=$work/root
mkdir -p "$root"/{etc/chunkota,tmp,usr/bin,usr/lib,usr/share/doc,var/lib/chunkota} "$root/lib/$gnu_triplet" \
  "$root/$(dirname "$loader")"
cp --dereference "$debian/$loader" "$root/$loader"
for library in libc.so.6 libdl.so.2 libm.so.6 libpthread.so.0 librt.so.1 libgcc_s.so.1 libstdc++.so.6 libresolv.so.2 \
  libnss_files.so.2 libnss_dns.so.2; do
  cp --dereference "$(find "$debian" -name "$library" | head -n 1)" "$root/lib/$gnu_triplet/"
done
cp -r "artifacts/server/$rid" "$root/usr/lib/chunkota"
ln -s ../lib/chunkota/ota-server "$root/usr/bin/ota-server"
cp deploy/server.json "$root/etc/chunkota/"
echo "chunkota:x:$uid:$uid:ChunkOta server:/var/lib/chunkota:/usr/sbin/nologin" >"$root/etc/passwd"
echo "chunkota:x:$uid:" >"$root/etc/group"
for package in libc6 libgcc-s1 libssl3 libstdc++6 libzstd1; do
  mkdir "$root/usr/share/doc/$package"
  cp "$debian/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/"
done
mkdir "$root/usr/share/doc/chunkota-server"
cp LICENSE artifacts/documents/ota-server/THIRD-PARTY-NOTICES.txt "$root/usr/share/doc/chunkota-server/"
chmod -R u+rwX,go+rX,go-w "$root"
chmod 1777 "$root/tmp"
chmod 700 "$root/var/lib/chunkota"
$sudo chown -R 0:0 "$root"
$sudo chown $uid:$uid "$root/var/lib/chunkota"
$sudo find "$root" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +

buildah=($sudo buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run")
container=$("${buildah[@]}" from --arch "$debian_architecture" scratch)
mount=$("${buildah[@]}" mount "$container")
$sudo cp -a "$root/." "$mount/"
"${buildah[@]}" umount "$container" >/dev/null
"${buildah[@]}" config --arch "$debian_architecture" --os linux --user $uid:$uid --workingdir / \
  --entrypoint '["/usr/bin/ota-server"]' \
  --cmd 'run --data /var/lib/chunkota --config /etc/chunkota/server.json' \
  --env DOTNET_EnableDiagnostics=0 --port 7443/tcp --volume /var/lib/chunkota --stop-signal SIGTERM \
  --label org.opencontainers.image.title=ota-server --label org.opencontainers.image.version="$VERSION" \
  --label org.opencontainers.image.licenses=AGPL-3.0-or-later \
  --label org.opencontainers.image.source="$(sed -n 's|.*<RepositoryUrl>\(.*\)</RepositoryUrl>.*|\1|p' Directory.Build.props)" \
  "$container"
"${buildah[@]}" commit --quiet --format oci --timestamp "$SOURCE_DATE_EPOCH" --disable-compression=false \
  "$container" "oci:$work/oci:ota-server:$VERSION" >&2
$sudo chown -R "$(id -u):$(id -g)" "$work/oci"
tar --create --directory "$work/oci" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
  --format=gnu blobs index.json oci-layout >"artifacts/dist/ota-server-$VERSION-$rid.oci.tar"
