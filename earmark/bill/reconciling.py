"""Asking the wallet for the foot of a bill."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from earmark.bill.foot import anchors_of, foot_of
from earmark.bill.values import Shown
from earmark.bill.wallet import read
from earmark.wallet_ends import KEY, account, set_key
from manifests.exits import Exit
from runner.api.client import AudioPod
from runner.api.errors import ApiError
from runner.ledger import identity
from runner.ledger.billing import owner


def reconciled(
    shown: Shown,
    environ: Mapping[str, str],
    *,
    offline: bool,
    api: Callable[[Mapping[str, str]], AudioPod] = account,
) -> tuple[Shown, Exit]:
    """The bill with its foot, or with the reason why it has none; and the exit code of that."""
    key, ledger = set_key(environ), shown.bill.ledger
    if offline:
        return replace(shown, why_no_foot="the wallet was not asked (--offline)"), Exit.DONE
    if not key:
        return replace(shown, why_no_foot=f"no key is set ({KEY}), so the wallet was not asked"), Exit.DONE
    if identity.kinship(ledger, key) is identity.Kinship.OTHER:
        why = f"the ledger {ledger.place} has not seen this key, which may be another wallet's"
        return replace(shown, why_no_foot=why), Exit.KEY
    period = shown.bill.period
    anchors = anchors_of(shown.bill.runs, period, time.time())
    try:
        with api(environ) as asked:
            told = read(asked.balance, asked.usage_pages, asked.topups, anchors.back_to(period), time.time)
    except ApiError as error:
        return replace(shown, why_no_foot=str(error)), Exit(error.exit_code)
    found = foot_of(period, anchors, told, partial(owner, ledger), shown.total.unverified)
    return replace(shown, foot=found, steady=told.steady), Exit.DONE
