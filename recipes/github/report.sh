#!/usr/bin/env bash
# Writes the report of a plan that was not bought, as a page, for test viewers and for machines; a run writes its own.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ -f "$INPUT_MANIFEST" ] && [ ! -f "$INPUT_REPORT/report.json" ] || exit 0
mkdir -p "$INPUT_REPORT"
earmark report -o "$INPUT_REPORT/report.json" -- "$INPUT_MANIFEST"
for view in report.html junit.xml; do
  earmark report -o "$INPUT_REPORT/$view" -- "$INPUT_REPORT/report.json"
done
