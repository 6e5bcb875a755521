#!/usr/bin/env bash
# Builds everything and runs the tests; the last line is `N passed, N failed, N skipped`.
#   ./test.sh             all tests, those of Chunker and Store on managed zstd as well, and the white space
#   ./test.sh managed     only the tests of Chunker and Store on managed zstd
#   ./test.sh fast        the inner loop: the white space, and tests but the slow ones and those of programs as they ship
#   ./test.sh AREA ...    builds and runs only these areas, e.g. `./test.sh Chunker Store`
# Areas, each a project below Tests/: Architecture Chunker Protos Store Agent Faults Server EndToEnd
set -uo pipefail
cd "$(dirname "$0")"

# The quick ones first: a fault shows where it is.
areas=(Architecture Chunker Protos Store Agent Faults Server EndToEnd)
whole_solution=yes
filter=
needs_static_programs=yes
checks_format=yes
zstd='native managed'
case "${1:-}" in
  -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
  fast) filter='Category!=Slow&Category!=StaticProgram&Category!=Package'; needs_static_programs=no zstd=native ;;
  managed) needs_static_programs=no checks_format=no zstd=managed areas=() ;;
  '') ;;
  *)
    whole_solution=no needs_static_programs=no checks_format=no zstd=native
    for area in "$@"; do
      [[ " ${areas[*]} " == *" $area "* ]] || { echo "test.sh: unknown area $area; areas: ${areas[*]}" >&2; exit 2; }
      if [ "$area" = EndToEnd ]; then needs_static_programs=yes; fi
    done
    areas=("$@") ;;
esac

# What another codec cannot change: databases, buckets, deaths of processes.
codec_tests='FullyQualifiedName!~Store.Model&FullyQualifiedName!~Store.Crashes'
codec_tests+='&FullyQualifiedName!~Store.Postgres&FullyQualifiedName!~Store.S3'

packages="run test"
if [ $needs_static_programs = yes ]; then packages="$packages aot arm64 dist install"; fi
# shellcheck disable=SC2086
eng/packages.sh $packages || exit 1

# Which step takes how long.
begin() { echo "test.sh: $1 (at $SECONDS s)" >&2; }

build() { begin "build $1 ${2:-}"; dotnet build "$1" -c Release --nologo -v q -clp:NoSummary "${@:2}"; }
if [ $whole_solution = no ]; then
  for area in "${areas[@]}"; do build "Tests/$area" || exit 1; done
elif [[ $zstd =~ native ]]; then
  build ChunkOta.sln || exit 1
fi

# The run's folder is named in the environment of every process that a test starts, and the tests have their temporary
# files in it (Tests/Support/TestRun.cs): what is left of either at the end was left by a test.
run=$(mktemp -d)
results=$run/results
beside=
trap 'if [ -n "$beside" ]; then kill -- -"$beside" 2>/dev/null; fi; rm -rf "$run"' EXIT
trap 'exit 130' INT TERM
mkdir "$run/temporary"
chmod 711 "$run" "$run/temporary" # some tests act as another user as well

# The injected faults, and the steps at which processes are killed, are others for every commit; what was found is in
# artifacts/faults.json.
faults_seed=${OTA_TEST_SEED:-$((16#$(git rev-parse --short=7 HEAD 2>/dev/null || echo 1) % 1000000000))}
export OTA_TEST_SAMPLE=${OTA_TEST_SAMPLE:-$faults_seed}
rm -f artifacts/faults.json

outcome=0
run_tests() { # NAME ASSEMBLY [FILTER]
  begin "test $1"
  local filter=${3:-$filter}
  OTA_TEST_RUN=$run dotnet test "$2" --nologo \
    --logger "trx;LogFileName=$1.trx" --results-directory "$results" ${filter:+--filter "$filter"} \
    --blame-hang-timeout 10m || outcome=1
}
run_area() {
  local seed=${OTA_TEST_SEED:-}
  if [[ $1 =~ ^(Faults|Server|EndToEnd)$ ]]; then seed=$faults_seed; fi
  OTA_TEST_SEED=$seed run_tests "$1" "Tests/$1/bin/Release/net10.0/ChunkOta.Tests.$1.dll"
}

# What needs no test's result, mostly work for one core. It runs beside the tests, and says when the programs are built.
run_beside() {
  if [ $needs_static_programs = yes ]; then
    begin "build what users install"
    CHUNKOTA_BUILD=no ./dist.sh && eng/debian-machine/root.sh && eng/debian-machine/kernel.sh || return 1
    touch "$run/programs"
  fi
  # The build holds code to style and analyzers; white space is what it leaves.
  if [ $checks_format = yes ]; then
    begin "white space"
    dotnet format whitespace ChunkOta.sln --verify-no-changes --no-restore || outcome=1
  fi
  # What every platform but Linux gets, built apart; the ordinary build analyzes that code as well.
  if [[ $zstd =~ managed ]]; then
    for area in Chunker Store; do build "Tests/$area" -p:ManagedZstd=true -p:RunAnalyzers=false || return 1; done
    for area in Chunker Store; do
      run_tests "$area-managed" "artifacts/managed-zstd/bin/ChunkOta.Tests.$area/release/ChunkOta.Tests.$area.dll" \
        "$codec_tests"
    done
  fi
  return $outcome
}

# These tests list the folders of the checkout, which must not change meanwhile.
if [[ " ${areas[*]} " == *" Architecture "* ]]; then run_area Architecture; fi
if [ ${#areas[@]} -eq 0 ]; then
  run_beside || outcome=1
else
  set -m # a process group of its own, to end it with all that it started
  run_beside >"$run/beside.log" 2>&1 </dev/null &
  beside=$!
  set +m
fi
for area in "${areas[@]}"; do
  if [ "$area" = Architecture ]; then continue; fi
  if [ "$area" = EndToEnd ] && [ $needs_static_programs = yes ]; then
    while [ ! -e "$run/programs" ] && kill -0 "$beside" 2>/dev/null; do sleep 0.2; done
    [ -e "$run/programs" ] || { cat "$run/beside.log"; echo "test.sh: the static programs were not built" >&2; exit 1; }
    # They start in a fraction of the time that the assemblies need.
    export OTA_TEST_PROGRAMS=static
  fi
  run_area "$area"
done
if [ -n "$beside" ]; then
  wait "$beside" || outcome=1
  beside=
  cat "$run/beside.log"
fi
eng/left-behind.sh "$run" || outcome=1
begin "done"

counters=$(grep -oh '<Counters [^>]*>' "$results"/*.trx 2>/dev/null)
count() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters" | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(count passed) failed=$(count failed) skipped=$(($(count total) - $(count executed)))
if [ "$failed" -ne 0 ]; then eng/failed-tests.sh "$results"; fi
if [ "$passed" -eq 0 ]; then echo "test.sh: no test ran" >&2; outcome=1; fi
if [ "${CI:-}" = true ] && [ "$skipped" -ne 0 ]; then echo "test.sh: CI must not skip tests" >&2; outcome=1; fi
echo "$passed passed, $failed failed, $skipped skipped"
exit $outcome
