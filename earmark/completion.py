"""Completion by Tab in bash, zsh and fish: the scripts, and how each shell is answered.

Click knows what may follow; its scripts do not know that bash splits words at `:` and `=`, which services and
options are full of, nor files of one kind. The kinds of an answer: plain, part (no blank follows), file, dir,
glob (files that match, and folders).
"""

import os
from collections.abc import Sequence

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

PART = "part"
"""The kind of what is to be typed on."""

COMMANDS = ("earmark", "plan", "run")
"""Commands that the scripts complete."""

HELP_WIDTH = 60
"""Characters of what stands beside a completion."""

_BREAKS = "=:"

_BASH = r"""%(complete_func)s() {
    local IFS=$'\n' type value cur=${COMP_WORDS[COMP_CWORD]}
    [[ $cur == [=:] ]] && cur=
    cur=${cur#[\"\']}
    cur=${cur//\\/}
    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            plain) COMPREPLY+=("$value") ;;
            part) COMPREPLY+=("$value"); compopt -o nospace 2>/dev/null ;;
            dir) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -d -- "$cur")) ;;
            file) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "$cur")) ;;
            glob)
                compopt -o filenames 2>/dev/null
                COMPREPLY+=($(compgen -d -- "$cur") $(compgen -f -X "!$value" -- "$cur")) ;;
        esac
    done < <(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD \
        COMP_BREAKS="$COMP_WORDBREAKS" %(complete_var)s=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null \
    || complete -F %(complete_func)s %(prog_name)s
"""

_ZSH = r"""%(complete_func)s() {
    local -a plain described parts lines
    local type key descr
    (( ! $+commands[%(prog_name)s] )) && return 1
    lines=("${(@f)$(COMP_WORDS="${(F)words}" COMP_CWORD=$((CURRENT-1)) \
        %(complete_var)s=zsh_complete %(prog_name)s 2>/dev/null)}")
    for type key descr in "${lines[@]}"; do
        case $type in
            plain) if [[ $descr == _ ]]; then plain+=("$key"); else described+=("$key:$descr"); fi ;;
            part) parts+=("$key") ;;
            dir) _path_files -/ ;;
            file) _path_files -f ;;
            glob) _files -g "$key" ;;
        esac
    done
    (( $#described )) && _describe -V unsorted described -U
    (( $#plain )) && compadd -U -V unsorted -a plain
    (( $#parts )) && compadd -U -S '' -V unsorted -a parts
    return 0
}
compdef %(complete_func)s %(prog_name)s
"""

_FISH = r"""function %(complete_func)s
    set -l words (commandline -cp | string collect)
    set -l word (commandline -ct | string collect)
    for line in (env COMP_WORDS="$words" COMP_CWORD="$word" %(complete_var)s=fish_complete \
            %(prog_name)s 2>/dev/null)
        set -l answer (string split -m 1 "," -- $line)
        switch $answer[1]
            case dir
                __fish_complete_directories (commandline -ct)
            case file
                __fish_complete_path (commandline -ct)
            case glob
                __fish_complete_suffix (string replace "*" "" -- $answer[2])
            case '*'
                echo $answer[2]
        end
    end
end
complete --no-files --keep-order --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class Bash(BashComplete):
    """Bash, which hands words over that it split at `:` and `=`."""

    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words as they were typed."""
        words = os.environ["COMP_WORDS"].split("\n")[: int(os.environ["COMP_CWORD"]) + 1]
        whole = [_unquoted(each) for each in joined(words)]
        return whole[1:-1], whole[-1]

    def complete(self) -> str:
        """What bash puts in the place of the last part of the word alone."""
        args, incomplete = self.get_completion_args()
        breaks = [each for each in _BREAKS if each in os.environ.get("COMP_BREAKS", _BREAKS)]
        known = max((incomplete.rfind(each) for each in breaks), default=-1) + 1
        found = self.get_completions(args, incomplete)
        return "".join(f"{item.type},{_rest(item, known)}\n" for item in found)


class Zsh(ZshComplete):
    """Zsh."""

    source_template = _ZSH

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words, a line each."""
        words = [_unquoted(each) for each in os.environ["COMP_WORDS"].split("\n")]
        position = int(os.environ["COMP_CWORD"])
        return words[1:position], words[position] if position < len(words) else ""

    def format_completion(self, item: "CompletionItem[str]") -> str:
        """Three lines; what is typed on has no words beside it, as zsh would take its `:` for their start."""
        words = None if item.type == PART else _short(item.help)
        value = item.value.replace(":", r"\:") if words else item.value
        return f"{item.type}\n{value}\n{words or '_'}"


class Fish(FishComplete):
    """Fish."""

    source_template = _FISH

    def format_completion(self, item: "CompletionItem[str]") -> str:
        """One line."""
        words = _short(item.help)
        return f"{item.type},{item.value}\t{words}" if words else f"{item.type},{item.value}"


SHELLS: dict[str, type[ShellComplete]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}


def register() -> None:
    """Have click answer these shells so."""
    for name, kind in SHELLS.items():
        add_completion_class(kind, name)


def script(shell: str) -> str:
    """The script of a shell, for all commands."""
    import click

    nothing = click.Command("")
    made = (SHELLS[shell](nothing, {}, name, f"_{name.upper()}_COMPLETE") for name in COMMANDS)
    return "\n".join(each.source_template % each.source_vars() for each in made)


def joined(words: Sequence[str]) -> list[str]:
    """Words that bash split at `:` and `=`, put together again; the last one may be empty."""
    whole: list[str] = []
    glue = False
    for word in words:
        breaks = bool(word) and not word.strip(_BREAKS)
        if whole and (breaks or (glue and word)):
            whole[-1] += word
        else:
            whole.append(word)
        glue = breaks
    return whole


def _rest(item: "CompletionItem[str]", known: int) -> str:
    return item.value[known:] if item.type in ("plain", PART) else item.value


def _unquoted(word: str) -> str:
    """A word without the quotes and backslashes that a shell needs."""
    from click.shell_completion import split_arg_string

    return next(iter(split_arg_string(word)), "")


def _short(text: str | None) -> str | None:
    """What stands beside a completion, on one line."""
    if not text:
        return None
    line = " ".join(text.split())
    return line if len(line) <= HELP_WIDTH else f"{line[: HELP_WIDTH - 1]}…"
