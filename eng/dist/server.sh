#!/usr/bin/env bash
# Publishes ota-server self-contained, compiled ahead of time, into artifacts/server/RID, with the libraries that it
# needs besides the C and C++ run time: SQLite and libsodium from their packages; zstd and OpenSSL from Debian.
# usage: eng/dist/server.sh linux-x64|linux-arm64
set -euo pipefail
cd "$(dirname "$0")/../.."

rid=$1
. eng/dist/architectures.sh "$rid"
output=artifacts/server/$rid
debian=artifacts/debian/$debian_architecture

# zlib and libsodium are linked into the native programs: only their licences are read here.
eng/fetch-debian.sh "$debian_architecture" "$debian" \
  gcc-12-base libc6 libgcc-s1 libsodium23 libssl3 libstdc++6 libzstd1 zlib1g
rm -rf "$output"
dotnet publish Server/Host -c Release -r "$rid" --self-contained -o "$output" --nologo -v q \
  -p:PublishSingleFile=true -p:PublishReadyToRun=true -p:PublishReadyToRunComposite=false -p:DebugType=none \
  -p:PublishDocumentationFiles=false -p:PublishReferencesDocumentationFiles=false >&2

for library in libzstd.so.1 libssl.so.3 libcrypto.so.3; do
  cp --dereference "$debian/usr/lib/$gnu_triplet/$library" "$output/"
done
"$gnu_triplet-strip" --strip-unneeded "$output/libe_sqlite3.so"
chmod 644 "$output"/lib*.so*
