"""The life of each firm, a Markov chain in months, and its exact 12-month default probability.

States: 41 levels of a firm's fortune, months 1 to 6 in arrears (at the level it fell from),
protracted default, insolvent. Fortune x is an Ehrenfest urn (Ehrenfest 1907), the discrete twin of
a mean-reverting diffusion: level k of N falls with probability MOVE k/N, rises with MOVE (1 - k/N),
so that x = (2k - N)/sqrt(N) has mean 0, variance 1 and a correlation of (1 - 2 MOVE/N)^months.

A solvent firm, its liquidity w = its norm + SWING x, falls into arrears with the logistic hazard of
Shumway (2001),

    1 / (1 + exp(-(risk - LIQUIDITY w))),

risk and norm being those of training.economy.firms. A firm in arrears pays nobody; each month it
becomes insolvent, resumes, or comes a month nearer to the end of the waiting period, which is
protracted default. That may be cured or end in insolvency.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from training.economy.firms import Firms
from training.economy.world import HORIZON, World

LIQUIDITY = 2.3  # log-odds of a month's fall into arrears per unit of liquidity lost
SWING = 0.5  # liquidity per unit of fortune
STEPS = 40  # N: the levels are 0..N
MOVE = 0.2
WAITING = 6  # months in arrears until protracted default
INSOLVENCY, RESUMPTION = 0.12, 0.06  # monthly, in arrears
CURE, INSOLVENCY_LATER = 0.05, 0.06  # monthly, in protracted default
GROUP_TIE = 0.5  # share of months in which the head's luck is the member's

SOLVENT, PROTRACTED, INSOLVENT = 0, WAITING + 1, WAITING + 2  # 1..WAITING: month in arrears


@dataclass(frozen=True)
class Lives:
    """What became of each firm, (firms, months): status, the day in the month on which the status
    changed (if it did), the level of fortune, and liquidity."""

    status: NDArray[np.int8]
    day: NDArray[np.int32]
    level: NDArray[np.int8]
    liquidity: NDArray[np.float64]

    @property
    def defaults(self) -> NDArray[np.bool]:
        """Months in which a default began: insolvency, or protracted default."""
        before, now = self.status[:, :-1], self.status[:, 1:]
        return np.pad((before < PROTRACTED) & (now >= PROTRACTED), ((0, 0), (1, 0)))


def live(firms: Firms, world: World, rng: np.random.Generator) -> Lives:
    """Draw the life of each firm; members of a group share some of their head's luck."""
    shape = (len(firms), world.calendar.months)
    luck = rng.random((2, *shape))
    tied = rng.random(shape) < GROUP_TIE
    luck = np.where(tied, luck[:, firms.head], luck)
    urn = rng.binomial(STEPS, 0.5, len(firms)).astype(np.int8)
    odds, relief = _odds(firms, world)
    level, status = _simulate(urn, firms.birth, odds, relief, luck[0], luck[1])
    day = world.calendar.day(np.arange(shape[1])[None, :], rng.random(shape))
    return Lives(status, day, level, firms.norm(world) + SWING * _fortune(level))


def truth(firms: Firms, world: World, lives: Lives) -> pa.Table:
    """One row per buyer at risk and snapshot: default_probability, exact given the buyer's state
    and the cycles; default_on, the day of default within the 12 months, null if none."""
    months = world.calendar.snapshots
    at_risk = (lives.status[:, months] < PROTRACTED) & (firms.birth[:, None] <= months)
    firm, column = np.nonzero(at_risk)
    month = months[column]
    odds, relief = _odds(firms, world)
    first = _first_default(lives)[firm, month + 1]
    within = first <= month + HORIZON
    return pa.table(
        {
            "buyer_id": firms.ids.take(firm),
            "as_of_date": pa.array(world.calendar.last_day(month), pa.date32()),
            "default_probability": _default_probability(
                firm, month, lives.level, lives.status, odds, relief
            ),
            "default_on": pa.array(
                lives.day[firm, np.where(within, first, 0)], pa.date32(), mask=~within
            ),
        }
    )


def _first_default(lives: Lives) -> NDArray[np.int64]:
    """For each firm and month, the first month from then on in which a default begins."""
    months = lives.status.shape[1]
    when = np.where(lives.defaults, np.arange(months), 2 * months)
    return np.minimum.accumulate(when[:, ::-1], axis=1)[:, ::-1]


def _fortune(level: NDArray) -> NDArray[np.float64]:
    return (2.0 * level - STEPS) / np.sqrt(STEPS)


def _odds(firms: Firms, world: World) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Monthly odds of arrears at mean fortune (firms, months), and their factor by level."""
    risk = firms.risk(world.calendar) - LIQUIDITY * firms.norm(world)
    return np.exp(risk), np.exp(-LIQUIDITY * SWING * _fortune(np.arange(STEPS + 1)))


@njit(cache=True, nogil=True)
def _unsound(status: int, luck: float) -> int:
    """Next month's status of a firm that is not solvent."""
    if status < PROTRACTED:
        resumed = luck < INSOLVENCY + RESUMPTION
        return INSOLVENT if luck < INSOLVENCY else SOLVENT if resumed else status + 1
    if status == PROTRACTED:
        cured = luck < CURE
        return SOLVENT if cured else INSOLVENT if luck < CURE + INSOLVENCY_LATER else PROTRACTED
    return INSOLVENT


@njit(cache=True, nogil=True)
def _simulate(
    urn: NDArray[np.int8],
    birth: NDArray[np.int64],
    odds: NDArray[np.float64],
    relief: NDArray[np.float64],
    luck: NDArray[np.float64],
    moves: NDArray[np.float64],
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Level and status of each firm in each month; before `birth` a fall is
    a fresh start at mean fortune, so that those at risk then are survivors."""
    firms, months = odds.shape
    level = np.empty((firms, months), np.int8)
    status = np.empty((firms, months), np.int8)
    for i in range(firms):
        k, s = urn[i], SOLVENT
        for t in range(months):
            u = luck[i, t]
            if s == SOLVENT:
                hazard = odds[i, t] * relief[k]
                if u < hazard / (1 + hazard):
                    if t > birth[i]:
                        s = 1
                    else:
                        k = STEPS // 2
                elif moves[i, t] < MOVE * k / STEPS:
                    k -= 1
                elif moves[i, t] > 1 - MOVE * (STEPS - k) / STEPS:
                    k += 1
            else:
                s = _unsound(s, u)
            level[i, t], status[i, t] = k, s
    return level, status


@njit(cache=True, nogil=True)
def _default_probability(
    firm: NDArray[np.int64],
    month: NDArray[np.int64],
    level: NDArray[np.int8],
    status: NDArray[np.int8],
    odds: NDArray[np.float64],
    relief: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Probability that a default begins in the 12 months after `month`: backward induction
    (Kolmogorov's backward equation) over every state that can be reached."""
    out = np.empty(len(firm))
    # worth[s, k]: probability of default in the months left, from status s at level k
    worth = np.empty((WAITING + 2, STEPS + 1))
    after = np.empty_like(worth)
    stay = 1 - INSOLVENCY - RESUMPTION
    for row in range(len(firm)):
        i, start = firm[row], month[row]
        k0 = level[i, start]
        low, high = max(k0 - HORIZON, 0), min(k0 + HORIZON, STEPS)
        after[:PROTRACTED, low : high + 1] = 0.0
        after[PROTRACTED, low : high + 1] = 1.0
        worth[PROTRACTED, low : high + 1] = 1.0
        for t in range(start + HORIZON, start, -1):
            for k in range(low, high + 1):
                hazard = odds[i, t] * relief[k]
                fall, rise = MOVE * k / STEPS, MOVE * (STEPS - k) / STEPS
                moved = (1 - fall - rise) * after[SOLVENT, k]
                moved += fall * after[SOLVENT, max(k - 1, low)]
                moved += rise * after[SOLVENT, min(k + 1, high)]
                worth[SOLVENT, k] = (hazard * after[1, k] + moved) / (1 + hazard)
                for s in range(1, PROTRACTED):
                    worth[s, k] = (
                        INSOLVENCY + RESUMPTION * after[SOLVENT, k] + stay * after[s + 1, k]
                    )
            worth, after = after, worth
        out[row] = after[status[i, start], k0]
    return out
