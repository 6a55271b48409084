#!/usr/bin/env bash
# Plans and buys from cron, within a cap; prints only what somebody has to know, so that cron's mail is worth reading.
#
#   15 2 * * *  AUDIOPOD_API_KEY_FILE=$HOME/.audiopod-key /path/to/cron.sh $HOME/podcasts transcription 20
#
# Three words: the folder, the service, and the most that may ever be spent on this folder, in dollars. Manifest,
# results and the log lie in the folder. What it ends with is the exit code of plan or run (docs/exit-codes.md).
set -uo pipefail

if [ $# -ne 3 ]; then
  echo "usage: $0 FOLDER SERVICE MAX-SPEND" >&2
  exit 2
fi
folder=$1 service=$2 cap=$3
cd -- "$folder" || exit 2
log=earmark.log
manifest=manifest.yaml

# two at once would be refused by the ledger's lock: the second one has nothing to say about it
exec 9> .earmark.lock
command -v flock > /dev/null || { echo "earmark: $0 needs flock (util-linux)" >&2; exit 10; }
flock -n 9 || exit 0

# the log keeps everything with its time; `last` is this time's part of it
last=$(mktemp) || exit 10
trap 'rm -f "$last"' EXIT
note() { tee -a "$last" | while IFS= read -r line; do printf '%s %s\n' "$(date -u +%FT%TZ)" "$line"; done >> "$log"; }

# ended CODE: tells what somebody has to do, and ends with the code
ended() {
  case $1 in
    0) exit 0 ;;
    3) echo "earmark: $folder: above $cap dollars, or the wallet has too little; nothing new was bought" ;;
    4) echo "earmark: $folder: out of money in the middle, nothing is lost; top up:" ;;
    5) echo "earmark: $folder: the key is missing or refused" ;;
    7) echo "earmark: $folder: answers were lost, money is set aside for them: earmark reconcile $folder/$manifest" ;;
    8) exit 8 ;; # the service is down: the next time goes on, nobody has to do anything
    9) exit 9 ;; # stopped as told
    130 | 143) exit "$1" ;;
    *) echo "earmark: $folder: ended with exit code $1" ;;
  esac
  # what to type next, as the commands themselves said it; else their last words
  grep -E '^ *(Go on:|top up|[0-9]\. )|earmark (wallet topup|reconcile)' "$last" || tail -n 15 "$last"
  echo "all of it: $folder/$log"
  exit "$1"
}

# purchases that the last run left under way keep their place in the ledger: the new plan has the same name
force=()
[ -f "$manifest" ] && earmark status -- "$manifest" > /dev/null 2>&1 && force=(--force)

# the cap is the folder's, however it is written in the crontab; it is for `run` to refuse what is above it, which
# first brings what earlier nights have paid for
plan "${force[@]}" -o "$manifest" --name "$(pwd -P)" --service "$service" -- . 2>&1 | note
code=${PIPESTATUS[0]}
# a limit of earmark.toml refuses the plan: what earlier nights have paid for is brought by the last one
if [ "$code" -eq 3 ] && [ -f "$manifest" ]; then earmark fetch -- "$manifest" 2>&1 | note; fi
[ "$code" -eq 0 ] || ended "$code"
run --max-spend "$cap" --yes -- "$manifest" 2>&1 | note
ended "${PIPESTATUS[0]}"
