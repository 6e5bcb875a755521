#!/usr/bin/env bash
# Publishes a program as one fully static file: artifacts/NAME for linux-x64, artifacts/linux-arm64/NAME for linux-arm64
# (symbols beside it: NAME.dbg).
# Fails on any warning except those listed below, on code that is known to throw, and if the file is not static or too large.
# With --if-changed it keeps a file that is newer than all that it is made of.
# usage: eng/native/publish.sh FOLDER NAME LIMIT_BYTES [--rid linux-x64|linux-arm64] [--if-changed]
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$1 name=$2 limit_bytes=$3
shift 3
refuse() { echo "$folder/publish.sh: $1; see $folder/publish.sh --help" >&2; exit 2; }
rid=linux-x64 if_changed=no
while [ $# -gt 0 ]; do
  case $1 in
    --rid)
      [ $# -ge 2 ] || refuse "--rid needs a value"
      rid=$2
      shift 2 ;;
    --if-changed) if_changed=yes; shift ;;
    -h | --help)
      echo "Publishes $name as one fully static file."
      echo "usage: $folder/publish.sh [--rid linux-x64|linux-arm64] [--if-changed]"
      echo "linux-x64, the default, goes to artifacts/$name, linux-arm64 to artifacts/linux-arm64/$name."
      echo "With --if-changed a file that is newer than all that it is made of is kept."
      exit 0 ;;
    *) refuse "unknown option $1" ;;
  esac
done
case $rid in
  linux-x64) output=artifacts packages=aot ;;
  linux-arm64) output=artifacts/linux-arm64 packages="aot arm64" ;;
  *) refuse "unknown RID $rid" ;;
esac
sources=(Agent Chunker CommandLine Protos Server/Admin Store/Durable eng/native Directory.*.props Directory.*.targets)
if [ $if_changed = yes ] && [ -e $output/$name ] && [ -z "$(find "${sources[@]}" -type f -newer $output/$name \
  -not -path '*/obj/*' -not -path '*/bin/*' -not -name '*.md' -print -quit)" ]; then
  echo "$output/$name: unchanged"
  exit 0
fi
# These hold code that a trimmer cannot follow, which the programs never reach.
known='warning IL2104: Assembly .(Google\.Protobuf|System\.CommandLine). produced trim warnings'

# shellcheck disable=SC2086
eng/packages.sh $packages
if [ $rid = linux-arm64 ]; then
  eng/native/sysroot.sh
  export TARGET_TRIPLE=aarch64-linux-gnu TARGET_SYSROOT=$PWD/artifacts/sysroot/linux-arm64
fi
eng/native/openssl.sh --rid $rid
export OPENSSL_FOLDER=$PWD/artifacts/openssl/$rid/usr
log=$(mktemp)
trap 'rm -f "$log" "$log.start"' EXIT
touch "$log.start"
fail() { echo "eng/native/publish.sh: $name for $rid: $1" >&2; exit 1; }

# Compiled again each time: a skipped compiler reports no warnings.
intermediate=$folder/obj/Release/net10.0/$rid
rm -rf "$intermediate"/{native,libs}
# For the OpenSSL shim that comes with the runtime: the linker drops the functions that nothing calls.
CFLAGS="-Os -ffunction-sections -fno-asynchronous-unwind-tables -Wno-unused-value" \
  CMAKE_TOOLCHAIN_FILE=$PWD/eng/native/toolchain.cmake \
  dotnet publish "$folder" -c Release -r $rid -p:StaticProgram=true --nologo -v m >"$log" 2>&1 ||
  { cat "$log" >&2; fail "the build failed"; }
if grep -iE '(: |CMake )warning' "$log" | grep -vE "$known" >&2; then fail "warnings"; fi
if grep -E 'ILC: .*will always throw' "$log" >&2; then fail "a call was compiled into a throw"; fi
grep -q 'Generating native code' "$log" || fail "the native compiler did not run"
# The shim leaves out what its probes do not find in OpenSSL, and says nothing.
for function in ALPN CHACHA20POLY1305; do
  grep -q "HAVE_OPENSSL_$function 1" "$intermediate"/libs/*/build/pal_crypto_config.h ||
    fail "the OpenSSL shim found no $function"
done

built=$folder/bin/Release/net10.0/$rid/publish
if readelf --wide --segments "$built/$name" | grep INTERP >&2; then fail "not static: it asks for a loader"; fi
if readelf --wide --dynamic "$built/$name" | grep NEEDED >&2; then fail "not static: it asks for libraries"; fi
size=$(stat -c %s "$built/$name")
[ "$size" -le "$limit_bytes" ] || fail "the file is $size bytes, more than $limit_bytes"

mkdir -p $output
cp "$built/$name" "$built/$name.dbg" $output/
# As old as the start of this run: a source that changed since then is newer.
touch -r "$log.start" $output/$name
echo "$output/$name: $size bytes"
