"""From a computed limit to the one in force: hysteresis, deliveries already made, temporary
top-ups, and the share of a group's cap each of its companies may use."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.limits.limit import Limits
from models.limits.limit_inputs import Flags, Floats, Ints
from models.limits.limit_reasons import CANDIDATES
from models.limits.rounding import round_down
from models.policy import Policy

_PORTFOLIO: Final = slice(CANDIDATES.index("single_name_cap"), len(CANDIDATES))


@dataclass(frozen=True)
class InForce:
    """The limit for deliveries to come, what stays covered of those already made, and the room
    left: amounts (n,) in the policy's currency."""

    limit: Floats
    covered_outstanding: Floats
    headroom: Floats


def apply_hysteresis(
    policy: Policy,
    new: Floats,
    current: Floats,
    confirmed: Flags,
    *,
    notches: Ints,
    outstanding: Floats,
    covered: Floats | None = None,
) -> InForce:
    """Cut at once; raise only once `confirmed`, and by enough or after enough `notches` upwards.

    `current` is NaN where no limit is in force. A cut holds for deliveries to come: what was
    delivered within the limit of its day stays covered until it is paid. `covered` is that amount
    as last answered; by default, what is outstanding within `current`.
    """
    none = np.isnan(current)
    enough = (new >= current * (1 + policy.hysteresis.minimum_raise)) | (
        notches >= policy.hysteresis.minimum_notches
    )
    limit = np.where(none | (new < current) | (enough & confirmed), new, current)
    if covered is None:
        covered = np.where(none, 0.0, current)
    kept = np.minimum(outstanding, np.maximum(covered, limit))
    return InForce(limit, kept, np.maximum(limit - outstanding, 0.0))


def top_up(
    policy: Policy, limits: Limits, amount: Floats, starts: Ints, ends: Ints, as_of: Ints
) -> Floats:
    """What a temporary top-up adds on `as_of`, 0 outside its days; the limit itself is untouched.

    No more than the policy's share of the limit, nor than the portfolio's caps leave. Days since
    1970-01-01, both ends included.
    """
    rule = policy.top_up
    last = np.minimum(ends, starts + rule.most_days - 1)
    room = np.fmin.reduce(limits.candidates[:, _PORTFOLIO], axis=1) - limits.limit
    most = np.minimum(rule.most_share * limits.limit, np.maximum(room, 0.0))
    granted = round_down(policy, np.minimum(amount, most))
    return np.where((as_of >= starts) & (as_of <= last), granted, 0.0)


def group_headroom(policy: Policy, wanted: Floats, outstanding: Floats, group: Ints) -> Floats:
    """What the group's cap leaves each company: LimitInputs.group_headroom, NaN outside a group.

    `wanted` are the limits without the group's cap, `group` codes from 0, -1 for none. What the
    companies already use comes first, the rest in proportion to what they want; whatever the order
    of the rows, the shares of a group never add up to more than its cap.
    """
    cap = policy.caps.group
    alone = group < 0
    members = np.where(alone, group.max(initial=0) + 1, group)

    def total(amount: Floats) -> Floats:
        return np.bincount(members, weights=amount)[members].astype(np.float64)

    used = np.minimum(outstanding, wanted)
    more = wanted - used
    all_used, all_more = total(used), total(more)
    spare = cap - all_used - all_more  # of a group that wants less than its cap
    used_share = np.minimum(1.0, cap / np.maximum(all_used, 1.0))
    more_share = np.clip((cap - all_used) / np.maximum(all_more, 1.0), 0.0, 1.0)
    share = np.where(spare >= 0, wanted + spare, used * used_share + more * more_share)
    return np.where(alone, np.nan, share)
