#!/usr/bin/env bash
# Compares our kernels and our publish with their peers, in one run on one machine: ratios of CPU seconds, one JSON object.
# Peers: b3sum, casync make, casync extract, zstd --patch-from (eng/packages.sh perf installs them); the Blake3 package
# is compared with our hash in one process.
# usage: perf/side-by-side.sh OLD_DIR NEW_DIR
set -euo pipefail

[ $# -eq 2 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
old=$(cd "$1" && pwd)
new=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
"$here/../eng/packages.sh" run perf
. "$here/../eng/lib.sh"
publish_programs
dotnet build "$repo/perf" -c Release --nologo -v q -clp:NoSummary >&2

work=$(mktemp -d -p "${OTA_PERF_DIR:-/dev/shm}")
trap 'stop_server; rm -rf "$work"' EXIT

# cost COMMAND...: runs it and prints its CPU seconds (user and system, children too), the least of three runs.
cost() {
  local i
  for i in 1 2 3; do
    /usr/bin/time -a -o "$work/times" -f '%U %S' "$@" >/dev/null
  done
  awk '{ t = $1 + $2; if (NR == 1 || t < m) m = t } END { print m }' "$work/times"
  rm "$work/times"
}

# Kernels: one GiB that does not compress, in memory.
head -c 1073741824 /dev/urandom >"$work/noise"
dotnet "$repo/perf/bin/Release/net10.0/ChunkOta.Perf.dll" throughput "$work/noise" >"$work/kernels.json"
b3sum_seconds=$(cost b3sum --num-threads 1 --no-mmap "$work/noise")
b3sum_mmap_seconds=$(cost b3sum --num-threads 1 "$work/noise")
rm "$work/noise"

# Publishing: first, unchanged, changed; casync's chunks of the same average size.
start_server "$work/data"
export OTA_SERVER=$server_grpc OTA_TOKEN=@$work/data/admin.token
ota_admin keys init --out "$work/keys" >/dev/null
ota_admin products create perf --root "$work/keys/root.json" >/dev/null
publish() {
  ota_admin publish "$1" --product perf --version "$2" --platform any --channel stable --keys "$work/keys" \
    --links keep --portable off --json
}
publish "$old" 1.0.0 >"$work/publish-first.json"
least=
for i in 1 2 3; do
  publish "$old" "1.0.$i" >"$work/publish-$i.json"
  seconds=$(jq .cpu_seconds "$work/publish-$i.json")
  if [ -z "$least" ] || awk -v a="$seconds" -v b="$least" 'BEGIN { exit !(a < b) }'; then least=$seconds; fi
done
publish "$new" 2.0.0 >"$work/publish-new.json"

# casync has no memory of a tree: it reads, cuts and hashes all of it again, and compresses what its store lacks.
casync_seconds=$(/usr/bin/time -f '%U %S' casync make --with=unix --chunk-size=65536 --store="$work/castr" "$work/tree.caidx" "$old" 2>&1 >/dev/null | awk 'END { print $1 + $2 }')
casync_again_seconds=$(cost casync make --with=unix --chunk-size=65536 --store="$work/castr" "$work/again.caidx" "$old")
casync_extract_seconds=$(/usr/bin/time -f '%U %S' casync extract --with=unix --store="$work/castr" "$work/tree.caidx" "$work/extracted" 2>&1 >/dev/null | awk 'END { print $1 + $2 }')

patch_bytes=null patch_seconds=null
if [ "$(du -sm "$new" | cut -f1)" -le 512 ]; then # a window of the whole tree at level 19 takes minutes a GB
tar -C "$old" --sort=name --mtime=@0 -cf "$work/old.tar" .
tar -C "$new" --sort=name --mtime=@0 -cf "$work/new.tar" .
/usr/bin/time -o "$work/zstd.time" -f '%U %S' zstd -q -19 --long=31 --patch-from="$work/old.tar" "$work/new.tar" -o "$work/patch.zst"
patch_bytes=$(stat -c %s "$work/patch.zst") patch_seconds=$(awk '{ print $1 + $2 }' "$work/zstd.time")
fi

jq -n --slurpfile kernels "$work/kernels.json" \
  --argjson b3sum "$b3sum_seconds" --argjson b3sum_mmap "$b3sum_mmap_seconds" \
  --slurpfile first "$work/publish-first.json" --argjson unchanged "$least" --slurpfile changed "$work/publish-new.json" \
  --argjson casync "$casync_seconds" --argjson casync_again "$casync_again_seconds" --argjson casync_extract "$casync_extract_seconds" \
  --argjson patch_bytes "$patch_bytes" --argjson patch_seconds "$patch_seconds" \
  --arg date "$(date -u +%F)" --arg commit "$(git -C "$repo" rev-parse --short HEAD 2>/dev/null || echo none)" \
  --arg machine "$(uname -m), $(nproc) cores,$(sed -n 's/^model name.*://p' /proc/cpuinfo | head -1)" '
  def two: . * 100 | round / 100;
  {blake3: {seconds_per_gib: $kernels[0].blake3_file_seconds, b3sum_one_thread_seconds: $b3sum,
            b3sum_mmap_seconds: $b3sum_mmap, ratio_to_b3sum: ($b3sum / $kernels[0].blake3_file_seconds | two),
            kernel: $kernels[0].kernel},
   blake3_package: $kernels[0].blake3_package,
   fastcdc: {seconds_per_gib: $kernels[0].fastcdc_memory_seconds, blake3_seconds_per_gib: $kernels[0].blake3_memory_seconds,
             ratio_to_our_blake3: ($kernels[0].blake3_memory_seconds / $kernels[0].fastcdc_memory_seconds | two)},
   publish: {first_cpu_seconds: $first[0].cpu_seconds, unchanged_cpu_seconds: $unchanged,
             changed_cpu_seconds: $changed[0].cpu_seconds, casync_make_cpu_seconds: $casync,
             casync_make_again_cpu_seconds: $casync_again,
             unchanged_ratio_to_casync_make: ($casync / $unchanged | two),
             unchanged_ratio_to_casync_make_again: ($casync_again / $unchanged | two)},
   casync_extract_cpu_seconds: $casync_extract,
   zstd_patch_from: {bytes: $patch_bytes, cpu_seconds: $patch_seconds},
   date: $date, commit: $commit, machine: $machine}'
