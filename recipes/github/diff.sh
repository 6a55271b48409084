#!/usr/bin/env bash
# Says what a change costs, under the pull request or on the job's page; what it refuses (exit 3) is for the gate.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# A checkout of a pull request is its merge into the base as that is now, and the event may tell of an older one.
if [ -z "$INPUT_BASE" ] && [ -n "$PULL_BASE" ]; then
  INPUT_BASE=$PULL_BASE
  read -r first second _ <<< "$(git cat-file commit HEAD | sed -n 's/^parent //p; /^$/q' | tr '\n' ' ')"
  [ "$second" != "$PULL_HEAD" ] || INPUT_BASE=$first
fi
if [ -z "$INPUT_BASE" ]; then
  echo 'No pull request, and no base to compare with.'
  exit 0
fi
case $INPUT_BASE in -*) fail 'base is no name of a commit' ;; esac
# a checkout brings one commit only; of the base as much is enough
if ! git rev-parse --verify --quiet --end-of-options "$INPUT_BASE^{commit}" > /dev/null; then
  git fetch --quiet --no-tags --depth=1 origin "$INPUT_BASE"
  # a branch that was fetched by its name has none here
  git rev-parse --verify --quiet --end-of-options "$INPUT_BASE^{commit}" > /dev/null || INPUT_BASE=FETCH_HEAD
fi

args=(--base "$INPUT_BASE" --name "$INPUT_NAME")
what_to_buy
given --fail-above "$INPUT_FAIL_ABOVE"
given --fail-above-percent "$INPUT_FAIL_ABOVE_PERCENT"
page=
case $INPUT_COMMENT:$GITHUB_EVENT_NAME in
  true:pull_request | true:pull_request_target) args+=(--comment) ;;
  *)
    args+=(--format markdown)
    page=${GITHUB_STEP_SUMMARY-}
    ;;
esac
args+=(--)
each '' "$INPUT_PATHS"

code=0
if [ -n "$page" ]; then
  earmark diff "${args[@]}" >> "$page" || code=$?
else
  earmark diff "${args[@]}" || code=$?
fi
echo "exit=$code" >> "$GITHUB_OUTPUT"
[ "$code" = 3 ] || exit "$code"
