"""What an answer says beside the limit: the limit in force, the group, overlays, a temporary
top-up, and what the cover costs and earns."""

from math import isnan
from typing import Any, NamedTuple

import numpy as np

from features.facts import Facts
from features.standing import Granted, GroupUse
from models.limits.candidates import overlays_in_force
from models.limits.cover import covered_outstanding, top_up, top_up_end
from models.limits.economics import economics
from models.limits.limit import Limits
from models.limits.limit_inputs import LimitInputs
from models.limits.limit_reasons import CANDIDATES
from models.limits.loss import premium_position
from models.policy import Policy

_HELD = CANDIDATES.index("unconfirmed_raise")


class TopUp(NamedTuple):
    """A temporary amount asked for beside the limit, until a day (since 1970-01-01)."""

    amount: float
    until: int


def in_force(granted: Granted, limits: Limits, outstanding: float) -> dict[str, Any]:
    """The limit so far and what becomes of it, of one buyer; `outstanding` NaN where not known.

    `covered_outstanding` is what stays covered of it, `available` what may still be delivered.
    """
    current, limit = float(granted.amount[0]), float(limits.limit[0])
    owed = np.fmax(outstanding, 0.0)
    return {
        "limit": _or_none(current),
        "since": None if isnan(current) else iso(granted.since[0]),
        "change": _change(current, limit, held=int(limits.binding[0]) == _HELD),
        "outstanding": _or_none(outstanding),
        "covered_outstanding": float(covered_outstanding(limits.limit, granted.amount, owed)[0]),
        "available": max(limit - float(owed), 0.0),
    }


def group(policy: Policy, facts: Facts, use: GroupUse) -> dict[str, Any] | None:
    """The group of one buyer, what its other companies use of the cap and what they leave."""
    if use.group[0] < 0:
        return None
    return {
        "group_id": str(facts["buyers"].labels["group_id"][use.group[0]]),
        "other_companies": int(use.others[0]),
        "cap": policy.caps.group,
        "used_by_others": float(use.used[0]),
        "headroom": max(policy.caps.group - float(use.used[0]), 0.0),
    }


def overlays(policy: Policy, inputs: LimitInputs) -> list[dict[str, Any]]:
    """The committee's judgments in force on one buyer, each with its owner, reason and end."""
    return [overlay.model_dump(mode="json") for overlay in overlays_in_force(policy, inputs)]


def temporary(
    policy: Policy, inputs: LimitInputs, limits: Limits, asked: TopUp | None
) -> dict[str, Any] | None:
    """What is granted of a top-up asked for on the day of the decision, and its own end."""
    if asked is None:
        return None
    today, until = inputs.as_of, np.array([asked.until])
    amount = top_up(policy, limits, np.array([asked.amount]), today, until, today)
    return {
        "asked": asked.amount,
        "granted": float(amount[0]),
        "valid_from": iso(today[0]),
        "valid_until": iso(top_up_end(policy, today, until)[0]),
        "limit_with_top_up": float(limits.limit[0] + amount[0]),
    }


def money(policy: Policy, inputs: LimitInputs, limits: Limits) -> dict[str, Any]:
    """Yearly figures of one limit used in full; see models.limits.economics."""
    figures = economics(policy, inputs, limits.loss_given_default, limits.limit)
    told = {name: _or_none(float(column[0])) for name, column in figures.items()}
    rate = told["technical_premium_rate"]
    return {
        **told,
        "premium_position": None if rate is None else premium_position(rate),
        "insured_share": policy.cover.insured_share,
        "deductible": policy.cover.deductible,
    }


def iso(day: np.integer) -> str:
    """A day since 1970-01-01 as YYYY-MM-DD."""
    return str(np.datetime64(int(day), "D"))


def _change(current: float, limit: float, *, held: bool) -> str:
    """What becomes of the limit in force."""
    if isnan(current):
        return "granted" if limit else "none"
    if limit < current:
        return "reduced" if limit else "withdrawn"
    if limit > current:
        return "raised"
    return "held" if held else "kept"


def _or_none(value: float) -> float | None:
    return None if isnan(value) else float(value)
