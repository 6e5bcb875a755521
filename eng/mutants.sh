#!/usr/bin/env bash
# Builds the product once with all faults of eng/mutants/list, and checks that the tests find each of them.
# usage: eng/mutants.sh [--seed N] [--only NUMBER]
#   --seed N       the seed of the random tests (default: 1)
#   --only NUMBER  one of them
# The build is a copy of the sources in artifacts/mutants, with the constant MUTANTS: nothing of it can be shipped. The
# last line is `N mutants, N killed`.
set -euo pipefail
cd "$(dirname "$0")/.."

seed=1 only=
while [ $# -gt 0 ]; do
  case $1 in
    --seed | --only)
      [[ "${2:-}" =~ ^[0-9]{1,9}$ ]] || { echo "eng/mutants.sh: $1 needs a number" >&2; exit 2; }
      if [ "$1" = --seed ]; then seed=$2; else only=$2; fi
      shift 2 ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "eng/mutants.sh: unknown option $1; see --help" >&2; exit 2 ;;
  esac
done

copy=artifacts/mutants
mkdir -p "$copy"
# What is built there stays: the next run compiles only what has changed.
git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -xf - -C "$copy"

numbers=() titles=() areas=() classes=()
number=0 file= old= new=
apply() {
  [ -n "$old" ] || return 0
  local text rest
  text=$(cat "$copy/$file"; printf x)
  text=${text%x}
  rest=${text/"${old%$'\n'}"/}
  if [ "$rest" = "$text" ]; then
    echo "eng/mutants.sh: mutant $number: $file has no such text" >&2
    exit 1
  fi
  if [ "${rest/"${old%$'\n'}"/}" != "$rest" ]; then
    echo "eng/mutants.sh: mutant $number: $file has that text twice" >&2
    exit 1
  fi
  new=${new//MUTANT/"global::ChunkOta.Chunking.Mutants.Is($number)"}
  printf %s "${text/"${old%$'\n'}"/"${new%$'\n'}"}" >"$copy/$file"
  old= new=
}
while IFS= read -r line; do
  case $line in
    'mutant '*)
      apply
      number=${line#mutant }
      titles+=("${number#* }")
      number=${number%% *}
      numbers+=("$number") ;;
    'file '*) file=${line#file } ;;
    'test '*)
      line=${line#test }
      areas+=("${line%% *}")
      classes+=("${line#* }") ;;
    -*) old+=${line#-}$'\n' ;;
    +*) new+=${line#+}$'\n' ;;
  esac
done <eng/mutants/list
apply

cat >"$copy/Chunker/Mutants.cs" <<'CODE'
#if MUTANTS
namespace ChunkOta.Chunking;

/// <summary>Tells which fault this process has.</summary>
public static class Mutants
{
    private static readonly string? Selected = System.Environment.GetEnvironmentVariable("OTA_MUTANT");

    /// <summary>Tells whether this process has a fault.</summary>
    public static bool Is(int number) =>
        Selected == number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
#endif
CODE
sed -i 's|</Product>|</Product>\n    <DefineConstants>$(DefineConstants);MUTANTS</DefineConstants>|' \
  "$copy/Directory.Build.props"

run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
mkdir "$run/temporary"
chmod 711 "$run" "$run/temporary" # some tests act as another user as well
for area in $(printf '%s\n' "${areas[@]}" | sort -u); do
  dotnet build "$copy/Tests/$area" -c Release --nologo -v q -clp:NoSummary -p:RunAnalyzers=false \
    -p:TreatWarningsAsErrors=false -p:EnforceCodeStyleInBuild=false -p:NoWarn=CS1591 >&2
done

# Prints passed or failed; a run without any test is neither.
tests() { # NUMBER AREA CLASS
  local name=$1-$2-${3//[^A-Za-z0-9]/-} outcome
  OTA_MUTANT=$1 OTA_TEST_RUN=$run OTA_TEST_SEED=$seed OTA_FAULT_FIGURES=$run/$name.json dotnet test \
    "$copy/Tests/$2/bin/Release/net10.0/ChunkOta.Tests.$2.dll" --nologo --filter "FullyQualifiedName~$3" \
    --logger "trx;LogFileName=$name.trx" --results-directory "$run" --blame-hang-timeout 5m \
    -- xUnit.StopOnFail=true >"$run/$name.output" 2>&1 || true
  outcome=$(grep -oh '<Counters [^>]*>' "$run/$name.trx" 2>/dev/null || true)
  if [[ "$outcome" =~ \ failed=\"[1-9] ]] || grep -q 'hang timeout' "$run/$name.output"; then echo failed
  elif [[ "$outcome" =~ \ passed=\"[1-9] ]]; then echo passed
  else cat "$run/$name.output" >&2; echo nothing; fi
}
# Reads lines of NUMBER AREA CLASS TITLE; prints each with its outcome before it, as they end. As many run at once as
# there are cores.
all_tests() {
  local number area class title
  while read -r number area class title; do
    [ -n "$number" ] || continue
    while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
    { outcome=$(tests "$number" "$area" "$class"); echo "$outcome $number $class $title"; } &
  done
  wait
}

list=$(for i in "${!numbers[@]}"; do
  if [ -z "$only" ] || [ "${numbers[i]}" = "$only" ]; then
    echo "${numbers[i]} ${areas[i]} ${classes[i]} ${titles[i]}"
  fi
done)
# Without a fault all of these tests pass.
while read -r outcome _ class _; do
  if [ "$outcome" != passed ]; then
    echo "eng/mutants.sh: $class does not pass without a fault" >&2
    exit 1
  fi
done < <(cut -d' ' -f2,3 <<<"$list" | sort -u | sed 's/^/0 /' | all_tests)
tried=0 killed=0
while read -r outcome number class title; do
  tried=$((tried + 1))
  if [ "$outcome" = failed ]; then
    killed=$((killed + 1))
    echo "killed: $number: $title" >&2
  else
    echo "ALIVE: $number: $title ($class)" >&2
  fi
done < <(all_tests <<<"$list")
echo "$tried mutants, $killed killed"
[ "$killed" -eq "$tried" ]
