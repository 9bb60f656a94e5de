"""What fires, with a memory: hysteresis in columns, a row a buyer, carried from run to run.

A wobble across a bound fires once. A grade worsens at once and improves only when the probability
is below the bound by the hysteresis; drops and ratios are told against the best since the last
alert; a level that fired (use of the limit, overdue, age) is armed again only once it has fallen
below its bound by the hysteresis.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.rating import MasterScale
from serving.surveillance.rules import RULES, Rules

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

LEVELS: Final = ("overdue", "limit_use", "stale_accounts", "limit_raise")
BITS: Final = 1 << np.arange(len(RULES))


@dataclass(frozen=True)
class Seen:
    """What a run sees of each buyer, columns (n,).

    `limit` is the one in force, `limit_use` what is `owed` over it, `overdue` the amount beyond the
    rule's days, `raise_progress` the limit computed over the least that is worth a raise (1: it
    waits for confirmation), `incidents` how many events of the rule's kinds are known. NaN where
    unknown: it never fires.
    """

    grade: Ints
    probability: Floats
    limit: Floats
    owed: Floats
    limit_use: Floats
    overdue: Floats
    accounts_age: Floats
    raise_progress: Floats
    incidents: Ints


@dataclass(frozen=True)
class Memory:
    """What is carried to the next run, columns (n,). `standing` is a mask over LEVELS."""

    steady_grade: Ints
    reference_grade: Ints
    reference_probability: Floats
    reference_limit: Floats
    standing: Ints
    incidents: Ints


def remember(rules: Rules, seen: Seen, baseline: bool) -> Memory:
    """The memory of buyers never seen before. In the first run of all, the `baseline`, what stands
    already is taken as known; later, a new buyer is told of at once."""
    standing = _standing(rules, seen, np.zeros_like(seen.grade)) if baseline else 0
    return Memory(
        seen.grade,
        seen.grade,
        seen.probability,
        seen.limit,
        np.full_like(seen.grade, standing),
        seen.incidents,
    )


def watch(scale: MasterScale, rules: Rules, before: Memory, seen: Seen) -> tuple[Memory, Ints]:
    """The memory after this run, and what fires: a mask over RULES, (n,)."""
    steady = _steady(scale, rules.hysteresis, before.steady_grade, seen)
    best = np.minimum(before.reference_grade, steady)
    least = np.fmin(before.reference_probability, seen.probability * (1 + rules.hysteresis))
    highest = np.fmax(before.reference_limit, seen.limit)
    standing = _standing(rules, seen, before.standing)
    risen = standing & ~before.standing
    ratio = rules.probability_ratio
    fired = {
        "incident": seen.incidents > before.incidents,
        "grade_drop": steady - best >= rules.grade_drop.notches,
        "probability_ratio": (seen.probability >= ratio.ratio * least)
        & (seen.probability >= ratio.at_least),
        "limit_cut": seen.limit <= highest * (1 - rules.limit_cut.share),
        **{name: (risen >> bit & 1).astype(bool) for bit, name in enumerate(LEVELS)},
    }
    fired["limit_cut"] &= seen.limit < highest  # nothing is no cut of nothing
    worse = fired["grade_drop"] | fired["probability_ratio"]
    after = Memory(
        steady_grade=steady,
        reference_grade=np.where(worse, steady, best),
        reference_probability=np.where(worse, seen.probability, least),
        reference_limit=np.where(fired["limit_cut"], seen.limit, highest),
        standing=standing,
        incidents=seen.incidents,
    )
    return after, np.stack([fired[name] for name in RULES], axis=1) @ BITS


def select(known: Flags, old: Memory, new: Memory) -> Memory:
    """`old` where a buyer is known, `new` elsewhere."""
    kept = {name: np.where(known, value, getattr(new, name)) for name, value in vars(old).items()}
    return Memory(**kept)


def names(mask: int) -> list[str]:
    """The rules in a mask, gravest first."""
    return [name for bit, name in enumerate(RULES) if mask >> bit & 1]


def _steady(scale: MasterScale, hysteresis: float, before: Ints, seen: Seen) -> Ints:
    """The grade with hysteresis: worse at once, better only well below the bound."""
    cautious = scale.grades(
        np.minimum(seen.probability * (1 + hysteresis), 1.0), seen.grade == scale.default_grade
    )
    better = np.where(cautious < before, cautious, before)
    return np.where(seen.grade > before, seen.grade, better)


def _standing(rules: Rules, seen: Seen, before: Ints) -> Ints:
    """Which levels stand: reached, or reached before and not left by the hysteresis."""
    worth = seen.owed >= rules.limit_use.at_least
    levels = {
        "overdue": (seen.overdue, rules.overdue.amount),
        "limit_use": (np.where(worth, seen.limit_use, 0.0), rules.limit_use.share),
        "stale_accounts": (seen.accounts_age, float(rules.stale_accounts.months)),
        # Worth a raise, and used enough to need one.
        "limit_raise": (
            np.minimum(seen.raise_progress, seen.limit_use / rules.limit_raise.use),
            1.0,
        ),
    }
    standing = np.zeros_like(before)
    for bit, name in enumerate(LEVELS):
        value, bound = levels[name]
        stood = (before >> bit & 1) > 0
        stands = (value >= bound) | (stood & (value >= bound * (1 - rules.hysteresis)))
        standing |= stands.astype(np.int64) << bit
    return standing
