#!/usr/bin/env bash
# Runs the random and the crash tests for longer than test.sh does, real releases and the mutants, before a release.
# usage: eng/release-gate.sh [--quick|--full] [--seed N] [--area AREA]
#   --quick   one pass, about 45 minutes on two idle cores (the default)
#   --full    many passes, for a night
#   --seed N  the first pass's seed; each pass adds one (default: 1)
#   --area A  only the steps of one test area, such as Store; a gate is all of them
# The faults that were injected add up in perf/results/faults.json; docs/reliability.md says what they are.
# Every step of a pass is a line of perf/results/release-gate-COMMIT.jsonl. A step that passed there is not run again,
# so an interrupted gate continues. To repeat a failed step: OTA_TEST_SEED and OTA_TEST_ROUNDS as in its line.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=quick seed=1 only=
while [ $# -gt 0 ]; do
  case $1 in
    --quick | --full) mode=${1#--}; shift ;;
    --seed)
      [[ "${2:-}" =~ ^[0-9]{1,9}$ ]] || { echo "eng/release-gate.sh: --seed needs a number of at most 9 digits" >&2; exit 2; }
      seed=$2
      shift 2 ;;
    --area)
      [ -d "Tests/${2:?--area needs an area}" ] || { echo "eng/release-gate.sh: no area $2" >&2; exit 2; }
      only=$2
      shift 2 ;;
    -h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "eng/release-gate.sh: unknown option $1; see --help" >&2; exit 2 ;;
  esac
done
if [ $mode = quick ]; then passes=1 rounds=2; else passes=40 rounds=50; fi

commit=$(git rev-parse --short=12 HEAD)
[ -z "$(git status --porcelain --untracked-files=no)" ] || commit=$commit-changed
log=perf/results/release-gate-$commit.jsonl
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
mkdir "$run/temporary"
chmod 711 "$run" "$run/temporary" # some tests act as another user as well

eng/packages.sh run test aot fleet
for area in ${only:-Chunker Protos Store Faults Server EndToEnd}; do
  dotnet build "Tests/$area" -c Release --nologo -v q -clp:NoSummary
done
# The agent that is killed is the one that ships.
if [ "${only:-EndToEnd}" = EndToEnd ]; then
  Agent/Cli/publish.sh --if-changed
  Server/Admin/publish.sh --if-changed
fi
export OTA_TEST_PROGRAMS=static

# step AREA FILTER SEED ROUNDS: several may run at once.
step() {
  local area=$1 filter=$2 key own trx started=$SECONDS counters output figures
  [ "${only:-$1}" = "$1" ] || return 0
  key=$(jq -nc --arg area "$area" --arg filter "$filter" --argjson seed "$3" --argjson rounds "$4" \
    '{area: $area, filter: $filter, seed: $seed, rounds: $rounds}')
  if [ -f "$log" ] && jq -es --argjson key "$key" \
    'any(.[]; . + $key == . and .failed == 0 and .passed > 0)' "$log" >/dev/null; then
    echo "done before: $key" >&2
    return
  fi
  own=$(mktemp -d -p "$run")
  trx=$own/$area.trx output=$own/output figures=$own/faults.json
  OTA_TEST_RUN=$run OTA_TEST_SEED=$3 OTA_TEST_ROUNDS=$4 OTA_FAULT_FIGURES=$figures dotnet test \
    "Tests/$area/bin/Release/net10.0/ChunkOta.Tests.$area.dll" --nologo --filter "$filter" \
    --logger "trx;LogFileName=$area.trx" --results-directory "$own" --blame-hang-timeout 60m >"$output" 2>&1 || true
  counters=$(grep -oh '<Counters [^>]*>' "$trx" 2>/dev/null || true)
  jq -c --argjson passed "$(count passed "$counters")" --argjson failed "$(count failed "$counters")" \
    --argjson seconds $((SECONDS - started)) --arg commit "$commit" --arg date "$(date -u +%FT%TZ)" \
    '. + {passed: $passed, failed: $failed, seconds: $seconds, commit: $commit, date: $date}' <<<"$key" | tee -a "$log"
  if [ -f "$figures" ]; then add_faults "$figures" "$area" "$3"; fi
  if [ "$(count passed "$counters")" -eq 0 ] || [ "$(count failed "$counters")" -ne 0 ]; then
    cat "$output" >&2
    fail
  fi
}
fail() { touch "$run/failed"; }
# add_faults FIGURES AREA SEED: adds what a step has counted to the faults of all gates.
add_faults() (
  flock 9 # two steps may end at once
  all=perf/results/faults.json
  [ -f "$all" ] || echo '{"total": {}, "runs": []}' >"$all"
  jq --slurpfile faults "$1" --arg commit "$commit" --arg date "$(date -u +%F)" --arg area "$2" --argjson seed "$3" \
    '.runs += [{commit: $commit, date: $date, area: $area, seed: $seed} + $faults[0]]
      | .total = reduce (.runs[] | del(.commit, .date, .area, .seed) | to_entries[]) as $figure
          ({}; .[$figure.key] += $figure.value)' "$all" >"$run/all-faults.json"
  mv "$run/all-faults.json" "$all"
) 9>"$run/faults.lock"
count() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$2" | awk '{ n += $1 } END { print n + 0 }'; }

for ((pass = 0; pass < passes; pass++)); do
  # A pass has 3,000 kill points, 1,000 power cuts, 300 compound faults, 50,000 crash states, 200 real SIGKILLs of
  # the agent and 30 of a server, and 5,000 connection cuts. What needs one core runs beside another such step.
  step Faults 'FullyQualifiedName~Faults' $((seed + pass)) 10
  { step Chunker Category=Random $((seed + pass)) $rounds; step Protos Category=Random $((seed + pass)) $rounds; } &
  step EndToEnd 'FullyQualifiedName~KilledAgent|FullyQualifiedName~CutConnection' $((seed + pass)) 10
  wait
  # Killed and failing at each step, of a collection's at every fourth; a repetition meets other timings.
  step Server 'FullyQualifiedName~Crash' $((seed + pass)) 5 &
  step Store 'FullyQualifiedName~Crash' $((seed + pass)) 5
  # Two servers on one PostgreSQL and one bucket are killed for ten minutes.
  step EndToEnd 'FullyQualifiedName~TwoServersTests.On_a_bucket' $((seed + pass)) 10 &
  # 100,000 operations on SQLite and a folder, and as many as for a commit, but others, on each other pair of catalogue
  # and objects; 2,000 flipped bits and 100 deleted packs are found and healed.
  step Store 'FullyQualifiedName~SqliteFolderModelTests' $((seed + pass)) 10 &
  step Store 'FullyQualifiedName~Store.Model&FullyQualifiedName!~SqliteFolder' $((seed + pass)) 1
  step Store 'FullyQualifiedName~HealingTests.Every' $((seed + pass)) 10
  step EndToEnd 'FullyQualifiedName~Interrupted|FullyQualifiedName~Tampered' $((seed + pass)) 1
  wait
done
# 500 agents install at once, none fails, and the server keeps to its memory.
OTA_PROGRAMS=built OTA_AGENT=$PWD/artifacts/ota-agent perf/fleet.sh --agents 500 || fail
# has_reached: tells whether this commit's steps made as many faults as a pass is to make.
has_reached() {
  jq -e --arg commit "$commit" '[.runs[] | select(.commit == $commit)] as $runs
    | {kill_points: 3000, sigkills: 200, power_cuts: 1000, compound_faults: 300, crash_states: 50000,
       connection_cuts: 5000, server_kills: 30, flipped_bits: 2000, deleted_packs: 100, model_operations: 100000}
    | all(to_entries[]; . as $least | ([$runs[] | .[$least.key] // 0] | add) >= $least.value)' \
    perf/results/faults.json >/dev/null
}
if [ -n "$only" ]; then
  if [ -e "$run/failed" ]; then echo "eng/release-gate.sh: failed; see $log" >&2; exit 1; fi
  echo "passed: area $only, $passes passes from seed $seed, commit $commit: $log"
  exit
fi
has_reached || { echo "eng/release-gate.sh: too few faults: see perf/results/faults.json" >&2; fail; }
eng/update-matrix.sh || fail
eng/mutants.sh --seed "$seed" || fail
eng/left-behind.sh "$run" || fail

if [ -e "$run/failed" ]; then echo "eng/release-gate.sh: failed; see $log" >&2; exit 1; fi
echo "passed: $passes passes from seed $seed, commit $commit: $log"
