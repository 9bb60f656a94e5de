"""The limit in force: cut at once, raised when it is granted, confirmed or set by a person."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.assessment import Assessment
from models.limits.cover import covered_outstanding, held_limit, is_enough
from models.limits.limit_reasons import CANDIDATES
from models.limits.rounding import round_down
from models.policy import Policy
from serving.surveillance.before import Before
from serving.surveillance.beside import Beside

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEED, HARD_STOP = CANDIDATES.index("need"), CANDIDATES.index("hard_stop")
NOT_ABLE = [NEED, CANDIDATES.index("unconfirmed_raise")]  # no bounds of what we could grant


@dataclass(frozen=True)
class InForce:
    """Columns (n,), amounts in the policy's currency.

    `grade` is the buyer's when its limit was set; `use` is what is `owed` over the limit, inf where
    that is 0; `raise_progress` the limit computed over the least that would be worth a raise (1 or
    more: the raise waits for confirmation); `proposed` that limit where it waits, else NaN.
    """

    limit: Floats
    grade: Ints
    covered_outstanding: Floats
    owed: Floats
    use: Floats
    raise_progress: Floats
    proposed: Floats


def in_force(
    policy: Policy,
    assessment: Assessment,
    before: Before,
    buyers: pa.ChunkedArray,
    beside: Beside,
) -> InForce:
    """The limits that hold now: what table `exposures` newly grants, else what held in the run
    before, else what is computed.

    What is asked is whether we would still grant the limit that stands, even where the buyer needs
    less by now: a quiet month is no reason to cut.
    """
    grade = assessment.limits.grade
    current = _current(assessment, before)
    set_at = np.where(before.known, before.values("limit_grade"), grade)
    able, new = _able_and_new(policy, assessment, current)
    enough = is_enough(policy, able, current, set_at - grade)
    confirmed = _among(buyers, beside.confirmed)
    held = held_limit(new, current, enough & confirmed)
    limit = np.where(np.isnan(held), new, held)
    limit = _overridden(assessment, buyers, beside.overridden, limit)
    owed = np.maximum(np.nan_to_num(assessment.column("open_amount")), 0.0)
    covered = np.where(before.known, before.values("covered_outstanding"), current)
    with np.errstate(divide="ignore", invalid="ignore"):
        use = np.where(owed > 0, owed / limit, 0.0)
        progress = np.nan_to_num(
            new / (limit * (1 + policy.hysteresis.minimum_raise)), posinf=np.inf
        )
    waits = (new > limit) & enough
    return InForce(
        limit=limit,
        grade=np.where(limit == current, set_at, grade),
        covered_outstanding=covered_outstanding(limit, np.fmin(covered, owed), owed),
        owed=owed,
        use=use,
        raise_progress=np.where(waits, np.maximum(progress, 1.0), np.minimum(progress, 1 - 1e-9)),
        proposed=np.where(waits, new, np.nan),
    )


def _current(assessment: Assessment, before: Before) -> Floats:
    """The limit that stands; NaN for who has none. What was granted anew replaces what held."""
    granted = assessment.granted.amount
    then = np.where(before.known, before.values("granted"), np.nan)
    anew = ~np.isnan(granted) & ~(granted == then)
    held = np.where(before.known, before.values("limit_in_force"), np.nan)
    return np.where(anew, granted, held)


def _able_and_new(policy: Policy, assessment: Assessment, current: Floats) -> tuple[Floats, Floats]:
    """What we could grant, and what we would, where the buyer needs at least what it has."""
    candidates = assessment.limits.candidates
    able = np.fmin.reduce(np.delete(candidates, NOT_ABLE, axis=1), axis=1)
    wanted = np.maximum(candidates[:, NEED], np.nan_to_num(current))  # NaN: need unknown, no bound
    new = round_down(policy, np.fmin(wanted, able))
    return able, np.where(current <= able, np.fmax(new, current), new)  # `current` may be off grid


def _overridden(
    assessment: Assessment,
    buyers: pa.ChunkedArray,
    overridden: Mapping[str, float],
    limit: Floats,
) -> Floats:
    """A person's limit stands for itself, but not against a hard stop."""
    places = np.flatnonzero(_among(buyers, overridden))
    stopped = assessment.limits.candidates[:, HARD_STOP] == 0
    limit = limit.copy()
    for place in places[~stopped[places]].tolist():
        limit[place] = overridden[buyers[place].as_py()]
    return limit


def _among(buyers: pa.ChunkedArray, some: Collection[str]) -> NDArray[np.bool_]:
    return pc.is_in(buyers, pa.array(sorted(some), pa.string())).to_numpy()
