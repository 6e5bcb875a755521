#!/usr/bin/env bash
# Publishes ota-agent for linux-x64 as one fully static file, artifacts/ota-agent (symbols: artifacts/ota-agent.dbg).
# Fails on any warning but the two named below, on code that is known to throw, on a file that is not static or too large.
set -euo pipefail
cd "$(dirname "$0")/../.."

limit_bytes=14000000
# These two hold code that a trimmer cannot follow, which the agent never reaches.
known='warning IL2104: Assembly .(Google\.Protobuf|System\.CommandLine). produced trim warnings'

eng/packages.sh aot
framework=$(dotnet msbuild Agent/Cli -getProperty:AotFramework)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
fail() { echo "publish.sh: $1" >&2; exit 1; }

# Compiled anew each time: a compiler that is skipped warns of nothing.
rm -rf "Agent/Cli/obj/Release/$framework/linux-x64/native"
# The C warning is in the OpenSSL shim that comes with the runtime.
CFLAGS=-Wno-unused-value dotnet publish Agent/Cli -c Release -f "$framework" -r linux-x64 --nologo -v m >"$log" 2>&1 ||
  { cat "$log" >&2; fail "the build failed"; }
if grep -E ': warning ' "$log" | grep -vE "$known" >&2; then fail "warnings"; fi
if grep -E 'ILC: .*will always throw' "$log" >&2; then fail "a call was compiled into a throw"; fi
grep -q 'Generating native code' "$log" || fail "the native compiler did not run"

built=Agent/Cli/bin/Release/$framework/linux-x64/publish
if readelf --wide --segments "$built/ota-agent" | grep INTERP >&2; then fail "not static: it asks for a loader"; fi
if readelf --wide --dynamic "$built/ota-agent" | grep NEEDED >&2; then fail "not static: it asks for libraries"; fi
size=$(stat -c %s "$built/ota-agent")
[ "$size" -le $limit_bytes ] || fail "ota-agent is $size bytes, more than $limit_bytes"

mkdir -p artifacts
cp "$built/ota-agent" "$built/ota-agent.dbg" artifacts/
echo "artifacts/ota-agent: $size bytes"
