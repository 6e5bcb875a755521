#!/usr/bin/env bash
# usage: eng/failed-tests.sh FOLDER
# Names each failed test in the .trx files of FOLDER, with the first ten lines of its message, at most 50 tests: a log
# of which only the end is kept still says what failed.
set -euo pipefail

find "$1" -name '*.trx' -print0 | sort -z | xargs -0 -r awk '
  /<UnitTestResult / { failed = /outcome="Failed"/ && ++tests <= 50; }
  failed && match($0, /testName="[^"]*"/) { print "failed: " substr($0, RSTART + 10, RLENGTH - 11) }
  failed && /<Message>/ { message = 1; lines = 0 }
  { ends = /<\/Message>/ }
  message && ++lines <= 10 { gsub(/^ *<Message>|<\/Message>.*/, ""); print "    " substr($0, 1, 300) }
  ends { message = 0 }
  END { if (tests > 50) print "and " tests - 50 " more failed tests" }
' | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#xD;//g; s/&amp;/\&/g'
