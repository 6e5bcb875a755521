#!/usr/bin/env bash
# Fails, and names them, if processes or files of a test run are left. A port that is left belongs to such a process.
# usage: eng/left-behind.sh RUN
# RUN is the folder that the run had in OTA_TEST_RUN; RUN/temporary was its temporary folder.
set -euo pipefail

run=$1
left=0

for environment in /proc/[0-9]*/environ; do
  process=${environment%/environ}
  # A process may end, or become another, while it is looked at.
  if grep -qzFx "OTA_TEST_RUN=$run" "$environment" 2>/dev/null; then
    echo "left running: ${process#/proc/} $(tr '\0' ' ' <"$process/cmdline" 2>/dev/null)" >&2
    left=1
  fi
done

while IFS= read -r file; do
  echo "left in the temporary folder: $file" >&2
  left=1
done < <(find "$run/temporary" -mindepth 1 -maxdepth 1)

exit $left
