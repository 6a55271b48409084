"""What text and comment say alike: figures with their signs, and the sentence that comes first."""

from earmark.diff.document import Amounts, Compared, Diff, Line
from earmark.screens.money import credits_
from earmark.screens.words import some
from earmark.terminal import printable
from manifests.money import show

SIGNS = {"added": "+", "removed": "-", "changed": "~", "renamed": "="}
COUNTED = ("added", "removed", "changed", "renamed")
COMMIT_DIGITS = 10


def signed(cents: int) -> str:
    """A difference: `+$0.43`, `-$0.31`, `$0.00`."""
    return f"+{show(cents)}" if cents > 0 else show(cents)


def counts(document: Diff) -> str:
    """`2 added, 1 removed, 384 as before`."""
    found = {kind: sum(1 for each in document.lines if each.kind == kind) for kind in COUNTED}
    parts = [f"{found[kind]:,} {kind}" for kind in COUNTED if found[kind]]
    return ", ".join([*parts, f"{document.same:,} as before"])


def price(amounts: Amounts, *, sign: bool = False) -> str:
    """What it costs in each purse: `$0.31`, `+$0.31`, `660 credits`, `$0.31 and 660 credits`."""
    dollars = signed(amounts.cents) if sign else show(amounts.cents)
    if not (amounts.credits or amounts.credits_ceiling):
        return dollars
    plus = "+" if sign and amounts.credits > 0 else ""
    count = f"{plus}{credits_(amounts.credits)}"
    return f"{dollars} and {count}" if amounts.cents or amounts.ceiling else count


def at_most(amounts: Amounts) -> str:
    """The ceiling where it is another amount: `, at most $4.58`."""
    parts = [show(amounts.ceiling)] if amounts.ceiling != amounts.cents else []
    if amounts.credits_ceiling != amounts.credits:
        parts.append(credits_(amounts.credits_ceiling))
    return f", at most {' and '.join(parts)}" if parts else ""


def costs(document: Diff) -> str:
    """The sentence that matters: what the change costs."""
    unread = document.unread
    missing = [each for each in unread if each.kind != "removed"]
    more = f", and {some(len(missing), 'recording')} of unknown length" if missing else ""
    pay = document.to_pay
    if not (pay.ceiling or pay.credits_ceiling):
        return f"this change costs nothing{more}"
    return f"this change costs {price(pay)}{at_most(pay)}{more}"


def reasons(line: Line) -> str:
    """Why a line is in the list, in a few words."""
    told = [each.words for each in line.reasons]
    if line.kind == "renamed":
        free = "" if line.to_pay.ceiling or line.to_pay.credits_ceiling else ", costs nothing"
        told.insert(0, f"was {printable(line.old_file or line.file)}{free}")
    if line.paid_before:
        told.append("paid before")
    return "; ".join(told)


def named(compared: Compared) -> str:
    """A side: the manifest's path, or the ref with its commit."""
    if compared.commit is None:
        return printable(compared.name) if compared.name else "the files here"
    where = ", where this branch left it" if compared.fork else ""
    name = "" if compared.name == compared.commit else f"{printable(compared.name)} at "
    return f"{name}{compared.commit[:COMMIT_DIGITS]}{where}"
