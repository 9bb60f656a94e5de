"""Why this probability and this limit: drivers in words, topics in log-odds, probability and money.

Drivers are exact SHAP values in log-odds. Money is not additive in log-odds: the limit is
g(base + Σ topic contributions) with g monotone and stepped. Over k topics the exact Shapley value
of g (Shapley 1953) is 2^k evaluations of g, so each topic gets its effect in currency and the
column adds up: g(base) + Σ effects = g(all).
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import comb, exp, expm1, isnan
from typing import Literal, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.feature import TOPICS, Feature

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")
Say = Callable[[float, float], str]  # value, contribution -> words

_DIRECTION = {
    "en": ("raises the risk", "lowers the risk", "does not matter here", "not known"),
    "fr": ("augmente le risque", "réduit le risque", "sans effet ici", "non connu"),
}


def topic_sums(
    topics: tuple[str, ...], contributions: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Contributions (n, features) summed by topic: topic -> (n,), in the order of TOPICS."""
    present, place = _places(topics)
    return dict(zip(present, _sums(contributions, place, len(present)), strict=True))


@lru_cache(maxsize=32)
def _places(topics: tuple[str, ...]) -> tuple[list[str], NDArray[np.int64]]:
    """The topics there are, in the order of TOPICS, and which of them each feature is of."""
    present = [topic for topic in TOPICS if topic in topics]
    return present, np.array([present.index(topic) for topic in topics])


@njit(cache=True, nogil=True)
def _sums(
    contributions: NDArray[np.float64], place: NDArray[np.int64], topics: int
) -> NDArray[np.float64]:
    sums = np.zeros((topics, len(contributions)))
    for row in range(len(contributions)):
        for feature in range(len(place)):
            sums[place[feature], row] += contributions[row, feature]
    return sums


@lru_cache(maxsize=32)
def _weights(players: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the worth of each coalition weighs in the effect of its members and, negative, in that
    of everyone else; a player is in the coalitions whose number has its bit."""
    sizes = [coalition.bit_count() for coalition in range(2**players)]
    inside = [1 / (players * comb(players - 1, max(size - 1, 0))) for size in sizes]
    outside = [-1 / (players * comb(players - 1, min(size, players - 1))) for size in sizes]
    return np.array(inside), np.array(outside)


@njit(cache=True, nogil=True)
def _log_odds(base: float, contributions: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    """The log-odds of every coalition, (2^players,)."""
    sums = np.full(2 ** len(contributions), base)
    for player in range(len(contributions)):
        without = 2**player
        for coalition in range(without):
            sums[without + coalition] = sums[coalition] + contributions[player]
    sums[-1] = total
    return sums


@njit(cache=True, nogil=True)
def _effects(
    players: int,
    worths: NDArray[np.float64],
    inside: NDArray[np.float64],
    outside: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Shapley values (players, figures) from the worth of every coalition (figures, 2^players).

    Σ inside·worth over the coalitions with a player + Σ outside·worth over those without, that is
    Σ outside·worth over all + Σ (inside - outside)·worth over those with it. The latter are upper
    halves: folding one player away after the other costs 2·2^k, not k·2^k.
    """
    effects = np.empty((players, len(worths)))
    coalitions = 2**players
    weighed, added = np.empty(coalitions), np.empty(coalitions)
    for figure in range(len(worths)):
        for coalition in range(coalitions):
            added[coalition] = outside[coalition] * worths[figure, coalition]
            weighed[coalition] = (inside[coalition] - outside[coalition]) * worths[
                figure, coalition
            ]
        of_all = _sum(added)
        for player in range(players - 1, -1, -1):
            half = 2**player
            for coalition in range(half):
                added[coalition] = weighed[half + coalition]
                weighed[coalition] += weighed[half + coalition]
            effects[player, figure] = of_all + _sum(added[:half])
    return effects


@njit(cache=True, nogil=True)
def _sum(values: NDArray[np.float64]) -> float:
    """The sum of 2^n values, by halves, which are added many at a time; it overwrites them."""
    left = len(values)
    while left > 1:
        left //= 2
        lower, upper = values[:left], values[left : 2 * left]
        for place in range(left):
            lower[place] += upper[place]
    return values[0]


class Effects(NamedTuple):
    """What each topic does, and where that begins and ends: start + Σ of_topic = end."""

    of_topic: NDArray[np.float64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]


def shapley_effects(
    base: float,
    contributions: Sequence[float],
    total: float,
    worth: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> Effects:
    """Exact Shapley value of each topic for `worth`, a function of log-odds (n,); where it tells
    several figures, (figures, n), the effects are (topics, figures).

    `base` is the log-odds of nobody in particular, `contributions` the topics' log-odds and `total`
    the log-odds that is served (base + Σ contributions, in the caller's order of summation, so that
    a step of `worth` is not crossed by the last bit): `start` is worth(base), `end` worth(total).

    >>> shapley_effects(0.0, [1.0, 2.0], 3.0, lambda log_odds: 10 * log_odds).of_topic
    array([10., 20.])
    """
    given = np.asarray(contributions, float)
    moving = np.flatnonzero(given)  # a topic that moves nothing has no effect, and halves the work
    worths = worth(_log_odds(base, given[moving], total))
    effects = np.zeros((*given.shape, *worths.shape[:-1]))
    if players := len(moving):
        found = _effects(players, np.atleast_2d(worths), *_weights(players))
        effects[moving] = found.reshape(players, *worths.shape[:-1])
    return Effects(effects, worths[..., 0], worths[..., -1])


def thousands(value: float) -> str:
    """A whole number for a reader.

    >>> thousands(65000.4)
    '65 000'
    """
    return f"{value:,.0f}".replace(",", " ")


def _short(unit: str = "") -> Callable[[float], str]:
    return lambda value: f"{value:.1f}".removesuffix(".0") + unit


# unit -> how a value of it is written, but for the decimal comma
_WRITTEN: dict[str, dict[str, Callable[[float], str]]] = {
    "en": {
        "flag": lambda v: "yes" if v > 0 else "no",
        "share": lambda v: f"{100 * v:.1f} %",
        "rate": lambda v: f"{v:.2f} %",
        "currency": thousands,
        "log currency": lambda v: thousands(exp(v)),
        "log count": lambda v: thousands(expm1(v)),
        "count": _short(),
        "days": _short(" days"),
        "months": _short(" months"),
        "years": _short(" years"),
    }
}
_WRITTEN["fr"] = {
    **_WRITTEN["en"],
    "flag": lambda v: "oui" if v > 0 else "non",
    "days": _short(" jours"),
    "months": _short(" mois"),
    "years": _short(" ans"),
}


def _writer(unit: str, language: Language) -> Callable[[float], str]:
    """How a value is written, two decimals where its unit asks for nothing else."""
    write = _WRITTEN[language].get(unit, lambda v: f"{v:.2f}")
    return (lambda v: write(v).replace(".", ",")) if language == "fr" else write


def say_value(feature: Feature, value: float, language: Language) -> str:
    """The value with its unit, as a person reads it; a missing value is named as missing."""
    return _DIRECTION[language][3] if isnan(value) else _writer(feature.unit, language)(value)


def sayer(feature: Feature, language: Language) -> Say:
    """How one feature is said as a driver, for the many times that it is said.

    >>> dbt = Feature("dbt", "payment_behaviour", "days", "", "", "", 1, "", "Days late", "Retard")
    >>> sayer(dbt, "en")(34.2, 0.8)
    'Days late: 34.2 days (raises the risk)'
    >>> sayer(dbt, "fr")(float("nan"), -0.1)
    'Retard: non connu (réduit le risque)'
    """
    label, write = feature.labels[language], _writer(feature.unit, language)
    raises, lowers, neutral, unknown = _DIRECTION[language]

    def say(value: float, contribution: float) -> str:
        direction = raises if contribution > 0 else lowers if contribution < 0 else neutral
        return f"{label}: {unknown if isnan(value) else write(value)} ({direction})"

    return say
