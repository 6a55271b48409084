#!/usr/bin/env bash
# Stops here what plan or diff refused, after both have said so.
set -euo pipefail

if [ "${DIFF_EXIT:-0}" = 3 ]; then
  echo '::error title=earmark::the change costs more than fail-above or fail-above-percent allow'
fi
if [ "${PLAN_EXIT:-0}" = 3 ]; then
  echo '::error title=earmark::the plan costs more than max-spend, or a limit of earmark.toml, allows'
fi
case ${DIFF_EXIT:-0}:${PLAN_EXIT:-0} in
  3:* | *:3) exit 3 ;;
esac
