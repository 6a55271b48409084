#!/usr/bin/env bash
# Plans; a plan above its cap (exit 3) is for the gate, which comes after the comment.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[[ $INPUT_NAME =~ ^[A-Za-z0-9_.]+(-[A-Za-z0-9_.]+)*$ && ${#INPUT_NAME} -le 64 ]] ||
  fail 'name takes up to 64 letters, digits, _ and ., with single - between: caches and the comment are found by it'
args=(-o "$INPUT_MANIFEST" --name "$INPUT_NAME")
what_to_buy
# before a run its own gate refuses: it first brings what earlier runs have paid for
if [ "${INPUT_RUN-}" != true ] || [ "$INPUT_FIT" = true ]; then given --max-spend "$INPUT_MAX_SPEND"; fi
[ "$INPUT_FIT" != true ] || args+=(--fit)
# purchases that the last run left under way keep their place in the ledger: the new plan has the same name
if [ -f "$INPUT_MANIFEST" ] && earmark status -- "$INPUT_MANIFEST" > /dev/null 2>&1; then args+=(--force); fi
args+=(--)
each '' "$INPUT_PATHS"

code=0
plan "${args[@]}" || code=$?
echo "exit=$code" >> "$GITHUB_OUTPUT"
[ "$code" = 3 ] || exit "$code"
