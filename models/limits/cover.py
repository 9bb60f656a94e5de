"""From a computed limit to the one in force: raises that wait, deliveries already made, temporary
top-ups, and what a group's cap leaves each of its companies."""

from typing import Final

import numpy as np

from models.limits.limit import Limits
from models.limits.limit_inputs import Flags, Floats, Ints
from models.limits.limit_reasons import CANDIDATES
from models.limits.rounding import round_down
from models.policy import Policy

_PORTFOLIO: Final = [
    CANDIDATES.index(f"{name}_cap") for name in ("single_name", "group", "country", "sector")
] + [CANDIDATES.index("hard_stop")]


def is_enough(policy: Policy, able: Floats, current: Floats, notches: Ints) -> Flags:
    """Whether we are `able` to exceed the limit in force by enough, or since enough `notches`
    upwards, for a raise to be more than noise."""
    rule = policy.hysteresis
    return (able >= current * (1 + rule.minimum_raise)) | (notches >= rule.minimum_notches)


def held_limit(new: Floats, current: Floats, confirmed: Flags) -> Floats:
    """The limit in force where a raise has to wait, else NaN: LimitInputs.held_limit.

    Cut at once; raise only once `confirmed`. `new` is the least of the candidates, `current` NaN
    where no limit is in force.
    """
    return np.where((new > current) & ~confirmed, current, np.nan)


def covered_outstanding(limit: Floats, current: Floats, outstanding: Floats) -> Floats:
    """What stays covered of what is owed. A cut holds for deliveries to come: what was delivered
    within the limit in force stays covered until it is paid."""
    return np.minimum(np.fmax(outstanding, 0.0), np.fmax(current, limit))


def top_up_end(policy: Policy, starts: Ints, ends: Ints) -> Ints:
    """The last day of a top-up asked for until `ends`; days since 1970-01-01."""
    return np.minimum(ends, starts + policy.top_up.most_days - 1)


def top_up(
    policy: Policy, limits: Limits, amount: Floats, starts: Ints, ends: Ints, as_of: Ints
) -> Floats:
    """What a temporary top-up adds on `as_of`, 0 outside its days; the limit itself is untouched.

    No more than the policy's share of the limit, nor than the portfolio's caps leave. Days since
    1970-01-01, both ends included.
    """
    room = np.fmin.reduce(limits.candidates[:, _PORTFOLIO], axis=1) - limits.limit
    most = np.minimum(policy.top_up.most_share * limits.limit, np.maximum(room, 0.0))
    granted = round_down(policy, np.minimum(amount, most))
    lives = (as_of >= starts) & (as_of <= top_up_end(policy, starts, ends))
    return np.where(lives, granted, 0.0)


def group_headroom(policy: Policy, used_by_others: Floats, group: Ints) -> Floats:
    """What the group's cap leaves each company: LimitInputs.group_headroom, NaN outside a group.

    `group` is -1 outside. Granted in turn, each limit in use when the next is asked for, the
    companies of a group never use more than its cap together.
    """
    return np.where(group < 0, np.nan, policy.caps.group - used_by_others)
