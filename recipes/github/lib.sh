# shellcheck shell=bash
# Shared by the scripts of the action. Bash 3.2 of macOS is enough.

# each OPTION LIST: adds an option for each line of a list to `args`; blanks around lines, and empty lines, go.
each() {
  local option=$1 line
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line#"${line%%[![:space:]]*}"}
    line=${line%"${line##*[![:space:]]}"}
    [ -z "$line" ] || args+=(${option:+"$option"} "$line")
  done <<< "$2"
}

# given OPTION VALUE: adds an option if it has a value.
given() {
  [ -z "$2" ] || args+=("$1" "$2")
}

# what_to_buy: adds what plan and diff have in common; paths come last, behind `--`.
what_to_buy() {
  each --service "${INPUT_SERVICE-}"
  each --set "${INPUT_SET-}"
  given --rules "${INPUT_RULES-}"
  each --include "${INPUT_INCLUDE-}"
  each --exclude "${INPUT_EXCLUDE-}"
}

# fail MESSAGE: shows it as an annotation; a message of ours, nothing from outside.
fail() {
  echo "::error title=earmark::$1"
  exit 2
}

# An address that is not given is none, rather than an empty one.
[ -n "${AUDIOPOD_BASE_URL-}" ] || unset AUDIOPOD_BASE_URL
