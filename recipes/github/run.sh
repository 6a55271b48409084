#!/usr/bin/env bash
# Buys what was planned, within max-spend.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

case $GITHUB_EVENT_NAME in
  pull_request | pull_request_target)
    fail 'run: true in a pull request, which could spend your money before anybody has read it; run on push'
    ;;
esac
[ -n "$INPUT_MAX_SPEND" ] || fail 'run: true needs max-spend, the most that may ever be spent under this name'
[ -n "$AUDIOPOD_API_KEY" ] || fail 'run: true needs api-key, from a secret'

# what is set here stands above whatever the repository says
export EARMARK_MAX_SPEND=$INPUT_MAX_SPEND
args=(--max-spend "$INPUT_MAX_SPEND" --output "$INPUT_OUTPUT" --yes)
[ "$INPUT_FIT" != true ] || args+=(--fit)
given --max-time "${INPUT_MAX_TIME-}"
# written during the run and at every end, also where nothing could be bought
mkdir -p "$INPUT_REPORT"
for view in report.json report.html junit.xml; do args+=(--report "$INPUT_REPORT/$view"); done

code=0
run "${args[@]}" -- "$INPUT_MANIFEST" || code=$?
echo "exit=$code" >> "$GITHUB_OUTPUT"
if [ "$code" = 9 ]; then
  echo '::warning title=earmark::stopped as told, work is left: the next run goes on'
  exit 0
fi
exit "$code"
