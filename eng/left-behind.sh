#!/usr/bin/env bash
# Fails if a test run left processes or files behind, and lists them. A port that is still open belongs to such a process.
# usage: eng/left-behind.sh RUN
# RUN is the folder that the run had in OTA_TEST_RUN; RUN/temporary was its temporary folder.
set -euo pipefail

run=$1
left=0

for environment in /proc/[0-9]*/environ; do
  process=${environment%/environ}
  # A process can end, or start another program, while it is examined.
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
