#!/usr/bin/env bash
# Writes the manual pages and shell completions of the three programs, from their own command lines.
# usage: eng/man-pages.sh OUTDIR
#   OUTDIR/ota-admin.1, ota-agent.1, ota-server.8
#   OUTDIR/completions/{bash/ota-admin, zsh/_ota-admin, fish/ota-admin.fish}, and so for the other two
# It builds the programs first; set CHUNKOTA_BUILD=no to use those in bin/Release as they are.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 1 ] || { sed -n '2,6s/^# //p' eng/man-pages.sh >&2; exit 2; }
out=$1

pages() { # project program section
  if [ "${CHUNKOTA_BUILD:-yes}" != no ]; then
    dotnet build "$1" -c Release --nologo -v q -clp:NoSummary >&2
  fi
  local program=("dotnet" "$1/bin/Release/net10.0/$2.dll")
  "${program[@]}" manual >"$out/$2.$3"
  "${program[@]}" completion bash >"$out/completions/bash/$2"
  "${program[@]}" completion zsh >"$out/completions/zsh/_$2"
  "${program[@]}" completion fish >"$out/completions/fish/$2.fish"
}

mkdir -p "$out"/completions/{bash,zsh,fish}
pages Server/Admin ota-admin 1
pages Agent/Cli ota-agent 1
pages Server/Host ota-server 8
