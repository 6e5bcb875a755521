#!/usr/bin/env bash
# Builds everything and runs the tests; the last line is `N passed, N failed, N skipped`.
#   ./test.sh             all tests, those of Chunker and Store on managed zstd as well, and the white space
#   ./test.sh managed     only the tests of Chunker and Store on managed zstd
#   ./test.sh fast        the inner loop: the white space, and tests but the slow ones and those of static programs
#   ./test.sh AREA ...    builds and runs only these areas, e.g. `./test.sh Chunker Store`
# Areas, each a project below Tests/: Architecture Chunker Protos Store Agent Server EndToEnd
set -uo pipefail
cd "$(dirname "$0")"

# The quick ones first: a fault shows where it is.
areas=(Architecture Chunker Protos Store Agent Server EndToEnd)
whole_solution=yes
filter=
needs_static_programs=yes
checks_format=yes
zstd='native managed'
case "${1:-}" in
  -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
  fast) filter='Category!=Slow&Category!=StaticProgram'; needs_static_programs=no zstd=native ;;
  managed) needs_static_programs=no checks_format=no zstd=managed ;;
  '') ;;
  *)
    whole_solution=no needs_static_programs=no checks_format=no zstd=native
    for area in "$@"; do
      [[ " ${areas[*]} " == *" $area "* ]] || { echo "test.sh: unknown area $area; areas: ${areas[*]}" >&2; exit 2; }
      if [ "$area" = EndToEnd ]; then needs_static_programs=yes; fi
    done
    areas=("$@") ;;
esac

packages="run test"
if [ $needs_static_programs = yes ]; then packages="$packages aot arm64"; fi
# shellcheck disable=SC2086
eng/packages.sh $packages || exit 1

build() { dotnet build "$1" -c Release --nologo -v q -clp:NoSummary "${@:2}"; }
if [ $whole_solution = yes ] && [[ $zstd =~ native ]]; then
  build ChunkOta.sln || exit 1
elif [ $whole_solution = no ]; then
  for area in "${areas[@]}"; do build "Tests/$area" || exit 1; done
fi
# The build holds code to style and analyzers; white space is what it leaves.
if [ $checks_format = yes ]; then dotnet format whitespace ChunkOta.sln --verify-no-changes --no-restore || exit 1; fi
if [ $needs_static_programs = yes ]; then
  for rid in linux-x64 linux-arm64; do Agent/Cli/publish.sh --rid $rid || exit 1; done
  Server/Admin/publish.sh || exit 1
fi
# What every platform but Linux gets, built apart; the ordinary build analyzes that code as well.
managed=(-p:ManagedZstd=true -p:RunAnalyzers=false)
managed_areas=(Chunker Store)
if [[ $zstd =~ managed ]]; then
  for area in "${managed_areas[@]}"; do build "Tests/$area" "${managed[@]}" || exit 1; done
fi

# The run's folder is named in the environment of every process that a test starts, and the tests have their temporary
# files in it (Tests/Support/TestRun.cs): what is left of either at the end was left by a test.
run=$(mktemp -d)
results=$run/results
trap 'rm -rf "$run"' EXIT
mkdir "$run/temporary"

outcome=0
run_tests() { # ZSTD AREA [OPTION ...]
  OTA_TEST_RUN=$run MSBUILDDISABLENODEREUSE=1 dotnet test "Tests/$2" -c Release --no-build --nologo \
    --logger "trx;LogFileName=$1-$2.trx" --results-directory "$results" ${filter:+--filter "$filter"} \
    --blame-hang-timeout 10m "${@:3}" || outcome=1
}
if [[ $zstd =~ native ]]; then
  for area in "${areas[@]}"; do run_tests native "$area"; done
fi
if [[ $zstd =~ managed ]]; then
  for area in "${managed_areas[@]}"; do run_tests managed "$area" "${managed[@]}"; done
fi
eng/left-behind.sh "$run" || outcome=1

counters=$(grep -oh '<Counters [^>]*>' "$results"/*.trx 2>/dev/null)
count() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters" | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(count passed) failed=$(count failed) skipped=$(($(count total) - $(count executed)))
if [ "$passed" -eq 0 ]; then echo "test.sh: no test ran" >&2; outcome=1; fi
if [ "${CI:-}" = true ] && [ "$skipped" -ne 0 ]; then echo "test.sh: CI must not skip tests" >&2; outcome=1; fi
echo "$passed passed, $failed failed, $skipped skipped"
exit $outcome
