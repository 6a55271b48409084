#!/usr/bin/env bash
# Installs this very checkout of Earmark into an environment of its own, and puts its commands on the PATH.
set -euo pipefail

for python in python3 python3.13 python3.12 python3.11 python; do
  "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break
  python=
done
if [ -z "$python" ]; then
  echo '::error title=earmark::Python 3.11 or newer is needed: put actions/setup-python before this step'
  exit 2
fi

home="$RUNNER_TEMP/earmark-venv"
"$python" -m venv "$home"
"$home/bin/python" -m pip install --quiet --disable-pip-version-check "$GITHUB_ACTION_PATH"
echo "$home/bin" >> "$GITHUB_PATH"
