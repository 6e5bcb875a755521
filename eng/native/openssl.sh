#!/usr/bin/env bash
# Builds the OpenSSL that a static program is linked with: Debian's source and patches without what its TLS never uses,
# into artifacts/openssl/RID/usr. libcrypto.a holds libssl too. complete.txt names the build and Debian's version.
# A complete folder is kept: to get a newer version, remove it first.
# usage: eng/native/openssl.sh --rid linux-x64|linux-arm64
set -euo pipefail
cd "$(dirname "$0")/../.."

[ "${1:-}" = --rid ] || { echo "usage: eng/native/openssl.sh --rid linux-x64|linux-arm64" >&2; exit 2; }
rid=${2:-}
case $rid in
  linux-x64) packages=aot target=linux-x86_64 compiler=clang binutils= ;;
  # The sysroot by a relative path: OpenSSL keeps the compiler's command line in the library.
  linux-arm64)
    packages="aot arm64" target=linux-aarch64 binutils=aarch64-linux-gnu-
    compiler="clang --target=aarch64-linux-gnu --sysroot=sysroot" ;;
  *) echo "eng/native/openssl.sh: unknown RID $rid" >&2; exit 2 ;;
esac

options=(
  # One static library for one program.
  no-shared no-pic no-tests no-engine no-dso no-module no-legacy no-async no-filenames no-ui-console
  # .NET speaks TLS 1.2 and 1.3, and 1.2 only with ECDHE.
  no-dtls no-ssl3 no-tls1 no-tls1_1 no-comp no-srp no-srtp no-psk no-dh no-gost no-nextprotoneg no-ct no-multiblock
  # No document but certificates and keys is read.
  no-cms no-cmp no-ts no-rfc3779
  # What no certificate and no cipher suite that .NET offers is made with.
  no-aria no-bf no-blake2 no-camellia no-cast no-ec2m no-idea no-md4 no-mdc2 no-ocb no-rc2 no-rc4 no-rc5 no-rmd160
  no-scrypt no-seed no-siphash no-siv no-sm2 no-sm3 no-sm4 no-whirlpool
  # As Debian has it: random numbers come from the kernel.
  no-rdrand
)
# In sections, of which the linker drops those that nothing refers to. No exception passes through C: no unwind tables.
# Without its table of 150 kB, P-256 takes a millisecond longer; X25519 comes before it.
flags="-Os -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -UECP_NISTZ256_ASM"

repository=$PWD
output=artifacts/openssl/$rid
complete=$output/complete.txt
build_id=$(sha256sum eng/native/openssl.sh | cut -d ' ' -f 1)
if [ "$(head -n 1 "$complete" 2>/dev/null)" = "$build_id" ]; then exit 0; fi

# shellcheck disable=SC2086
eng/packages.sh $packages
if [ "$rid" = linux-arm64 ]; then eng/native/sysroot.sh; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The sources of this machine's own packages, with its keys, so apt verifies what it downloads.
mkdir -p "$work"/{sources,lists/partial,cache/archives/partial,download}
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [ ! -e "$list" ] || sed -n 's/^deb[[:space:]]/deb-src /p' "$list" >"$work/sources/${list##*/}.list"
done
for list in /etc/apt/sources.list.d/*.sources; do
  [ ! -e "$list" ] || sed 's/^Types:.*/Types: deb-src/' "$list" >"$work/sources/${list##*/}"
done
apt=(
  -qq -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3
  -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/sources"
  -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache"
)
apt-get "${apt[@]}" update >&2
# A mirror may list a version whose files it lacks; an older one is then better than none, if it is said.
version=
for candidate in $(apt-cache "${apt[@]}" showsrc openssl | sed -n 's/^Version: //p' | sort -rVu); do
  if (cd "$work/download" && apt-get "${apt[@]}" --download-only source "openssl=$candidate" >&2); then
    version=$candidate
    break
  fi
  echo "eng/native/openssl.sh: warning: the source of openssl $candidate cannot be fetched" >&2
done
[ -n "$version" ] || { echo "eng/native/openssl.sh: no source of openssl can be fetched" >&2; exit 1; }

echo "building openssl $version for $rid" >&2
# apt has verified the files against the signed index.
dpkg-source --no-check -x "$work"/download/openssl_"${version#*:}".dsc "$work/source" >"$work/log"
cd "$work/source"
ln -s "$repository/artifacts/sysroot/linux-arm64" sysroot
# The date of this version: same source, same bytes.
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -S Timestamp)
export SOURCE_DATE_EPOCH
if ! {
  ./Configure $target --prefix=/usr --libdir=lib --openssldir=/usr/lib/ssl "${options[@]}" \
    CC="$compiler" AR="${binutils}ar" RANLIB="${binutils}ranlib" CFLAGS="$flags" &&
    make --jobs "$(nproc)" build_libs && make DESTDIR="$work/install" install_dev
} >>"$work/log" 2>&1; then
  tail -n 40 "$work/log" >&2
  exit 1
fi

cd "$work/install/usr/lib"
# In one library, as the OpenSSL shim of .NET looks for functions of libssl with libcrypto before it.
printf '%s\n' 'open libcrypto.a' 'addlib libssl.a' save end | "${binutils}ar" -M
rm libssl.a
"${binutils}ar" rc libssl.a
# What assembly brings along.
"${binutils}objcopy" --remove-section .eh_frame libcrypto.a

cd "$repository"
rm -rf "$output"
mkdir -p "$output"
cp -r "$work/install/usr" "$output/"
printf '%s\n' "$build_id" "$version" >"$complete"
