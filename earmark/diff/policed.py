"""What `earmark.toml` says is bought, asked for each of the two trees; amounts it sets are no matter here."""

from dataclasses import replace

from earmark.plan_values import PlanOptions
from earmark.policy.planning import Typed, with_policy
from manifests import catalogue
from manifests.limits import NONE

_GIVEN = ("paths", "output", "services", "settings", "rules", "include", "exclude", "prefer")


def policed(options: PlanOptions) -> PlanOptions:
    """The options with what the files in the planned folder and above it add.

    Raises:
        UsageError: a file cannot be read, or something in it is wrong.
    """
    values = {name: getattr(options, name) for name in _GIVEN}
    found = with_policy(Typed(values, {"output", "prefer"}), {}, catalogue.load())
    policy = replace(found.pop("policy"), limits=NONE, warn=None)
    return replace(options, **found, policy=policy)
