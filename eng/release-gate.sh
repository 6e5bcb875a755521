#!/usr/bin/env bash
# Runs the random and the crash tests for longer than test.sh does, and the mutants, before a release.
# usage: eng/release-gate.sh [--quick|--full] [--seed N]
#   --quick   a few passes, at most 30 minutes (the default)
#   --full    many passes, for a night
#   --seed N  the first pass's seed; each pass adds one (default: 1)
# The faults that were injected add up in perf/results/faults.json; docs/reliability.md says what they are.
# Every step of a pass is a line of perf/results/release-gate-COMMIT.jsonl. A step that passed there is not run again,
# so an interrupted gate continues. To repeat a failed step: OTA_TEST_SEED and OTA_TEST_ROUNDS as in its line.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=quick seed=1
while [ $# -gt 0 ]; do
  case $1 in
    --quick | --full) mode=${1#--}; shift ;;
    --seed)
      [[ "${2:-}" =~ ^[0-9]{1,9}$ ]] || { echo "eng/release-gate.sh: --seed needs a number of at most 9 digits" >&2; exit 2; }
      seed=$2
      shift 2 ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "eng/release-gate.sh: unknown option $1; see --help" >&2; exit 2 ;;
  esac
done
if [ $mode = quick ]; then passes=3 rounds=5; else passes=40 rounds=50; fi

commit=$(git rev-parse --short=12 HEAD)
[ -z "$(git status --porcelain --untracked-files=no)" ] || commit=$commit-changed
log=perf/results/release-gate-$commit.jsonl
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
mkdir "$run/temporary"
chmod 711 "$run" "$run/temporary" # some tests act as another user as well

eng/packages.sh run test aot
for area in Chunker Protos Store Faults Server EndToEnd; do
  dotnet build "Tests/$area" -c Release --nologo -v q -clp:NoSummary
done
# The agent that is killed is the one that ships.
Agent/Cli/publish.sh --if-changed
Server/Admin/publish.sh --if-changed
export OTA_TEST_PROGRAMS=static

failed=0
step() { # AREA FILTER SEED ROUNDS
  local area=$1 filter=$2 key trx started=$SECONDS counters
  key=$(jq -nc --arg area "$area" --arg filter "$filter" --argjson seed "$3" --argjson rounds "$4" \
    '{area: $area, filter: $filter, seed: $seed, rounds: $rounds}')
  if [ -f "$log" ] && jq -es --argjson key "$key" \
    'any(.[]; . + $key == . and .failed == 0 and .passed > 0)' "$log" >/dev/null; then
    echo "done before: $key" >&2
    return
  fi
  trx=$run/$area.trx
  rm -f "$trx" "$run/faults.json"
  OTA_TEST_RUN=$run OTA_TEST_SEED=$3 OTA_TEST_ROUNDS=$4 OTA_FAULT_FIGURES=$run/faults.json dotnet test \
    "Tests/$area/bin/Release/net10.0/ChunkOta.Tests.$area.dll" --nologo --filter "$filter" \
    --logger "trx;LogFileName=$area.trx" --results-directory "$run" --blame-hang-timeout 60m >"$run/output" 2>&1 || true
  counters=$(grep -oh '<Counters [^>]*>' "$trx" 2>/dev/null || true)
  jq -c --argjson passed "$(count passed "$counters")" --argjson failed "$(count failed "$counters")" \
    --argjson seconds $((SECONDS - started)) --arg commit "$commit" --arg date "$(date -u +%FT%TZ)" \
    '. + {passed: $passed, failed: $failed, seconds: $seconds, commit: $commit, date: $date}' <<<"$key" | tee -a "$log"
  if [ -f "$run/faults.json" ]; then add_faults "$area" "$3"; fi
  if [ "$(count passed "$counters")" -eq 0 ] || [ "$(count failed "$counters")" -ne 0 ]; then
    cat "$run/output" >&2
    failed=1
  fi
}
# add_faults AREA SEED: adds what a step has counted to the faults of all gates.
add_faults() {
  local all=perf/results/faults.json
  [ -f "$all" ] || echo '{"total": {}, "runs": []}' >"$all"
  jq --slurpfile faults "$run/faults.json" --arg commit "$commit" --arg date "$(date -u +%F)" --arg area "$1" \
    --argjson seed "$2" '.runs += [{commit: $commit, date: $date, area: $area, seed: $seed} + $faults[0]]
      | .total = reduce (.runs[] | del(.commit, .date, .area, .seed) | to_entries[]) as $figure
          ({}; .[$figure.key] += $figure.value)' "$all" >"$run/all-faults.json"
  mv "$run/all-faults.json" "$all"
}
count() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$2" | awk '{ n += $1 } END { print n + 0 }'; }

for ((pass = 0; pass < passes; pass++)); do
  step Chunker Category=Random $((seed + pass)) $rounds
  step Protos Category=Random $((seed + pass)) $rounds
  # A pass has 3,000 kill points, 1,000 power cuts, 300 compound faults and 50,000 crash states.
  if [ $mode = full ] || [ $pass -eq 0 ]; then
    step Faults 'FullyQualifiedName~Faults' $((seed + pass)) 10
    step EndToEnd 'FullyQualifiedName~KilledAgent|FullyQualifiedName~CutConnection' $((seed + pass)) 10
  fi
  # Killed and failing at each step, which takes no seed; a repetition meets other timings.
  if [ $mode = full ] || [ $pass -eq 0 ]; then
    step Store 'FullyQualifiedName~Crash' $((seed + pass)) 1
    step Server 'FullyQualifiedName~Crash' $((seed + pass)) 1
    step EndToEnd 'FullyQualifiedName~Interrupted|FullyQualifiedName~Tampered' $((seed + pass)) 1
  fi
done
eng/mutants.sh --seed "$seed" || failed=1
eng/left-behind.sh "$run" || failed=1

if [ $failed -ne 0 ]; then echo "eng/release-gate.sh: failed; see $log" >&2; exit 1; fi
echo "passed: $passes passes from seed $seed, commit $commit: $log"
