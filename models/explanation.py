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
def _coalitions(players: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Membership (2^k, k) of every coalition, and what its worth weighs in the effect of each of
    its members and, negative, of everyone else (2, 2^k)."""
    member = ((np.arange(2**players)[:, None] >> np.arange(players)) & 1).astype(float)
    size = member.sum(axis=1).astype(int)
    inside = [1 / (players * comb(players - 1, max(s - 1, 0))) for s in size]
    outside = [-1 / (players * comb(players - 1, min(s, players - 1))) for s in size]
    return member, np.array([inside, outside])


def _effects(worths: NDArray[np.float64], players: int) -> NDArray[np.float64]:
    """Shapley values (players, figures) from the worth of every coalition (2^players, figures).

    Σ inside·worth over the coalitions with a player + Σ outside·worth over those without, that is
    Σ outside·worth over all + Σ (inside - outside)·worth over those with it. The latter are upper
    halves: folding one player away after the other costs 2·2^k, not k·2^k.
    """
    inside, outside = _coalitions(players)[1]
    figures = np.ascontiguousarray(worths.T)
    weighed = (inside - outside) * figures
    effects = np.empty((players, len(figures)))
    for player in reversed(range(players)):
        without, with_it = weighed[:, : 2**player], weighed[:, 2**player :]
        effects[player] = with_it.sum(axis=1)
        weighed = without + with_it
    return effects + figures @ outside


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
    """Exact Shapley value of each topic for `worth`, a function of log-odds; where it tells several
    figures, (n, figures), so do the effects, (topics, figures).

    `base` is the log-odds of nobody in particular, `contributions` the topics' log-odds and `total`
    the log-odds that is served (base + Σ contributions, in the caller's order of summation, so that
    a step of `worth` is not crossed by the last bit): `start` is worth(base), `end` worth(total).

    >>> shapley_effects(0.0, [1.0, 2.0], 3.0, lambda log_odds: 10 * log_odds).of_topic
    array([10., 20.])
    """
    given = np.asarray(contributions, float)
    moving = np.flatnonzero(given)  # a topic that moves nothing has no effect, and halves the work
    member, _ = _coalitions(max(len(moving), 1))
    log_odds = base + member[:, : len(moving)] @ given[moving]
    log_odds[0], log_odds[-1] = base, total
    worths = worth(log_odds)
    effects = np.zeros((len(given), *worths.shape[1:]))
    if len(moving):
        effects[moving] = _effects(worths.reshape(len(worths), -1), len(moving)).reshape(
            len(moving), *worths.shape[1:]
        )
    return Effects(effects, worths[0], worths[-1])


def _thousands(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")


def _short(value: float, unit: str = "") -> str:
    return f"{value:.1f}".removesuffix(".0") + unit


# unit -> how a value of it is written
_WRITTEN: dict[str, dict[str, Callable[[float], str]]] = {
    "en": {
        "flag": lambda v: "yes" if v > 0 else "no",
        "share": lambda v: f"{100 * v:.1f} %",
        "rate": lambda v: f"{v:.2f} %",
        "currency": _thousands,
        "log currency": lambda v: _thousands(exp(v)),
        "log count": lambda v: _thousands(expm1(v)),
        "count": _short,
        "days": lambda v: _short(v, " days"),
        "months": lambda v: _short(v, " months"),
        "years": lambda v: _short(v, " years"),
    }
}
_WRITTEN["fr"] = {
    **_WRITTEN["en"],
    "flag": lambda v: "oui" if v > 0 else "non",
    "days": lambda v: _short(v, " jours"),
    "months": lambda v: _short(v, " mois"),
    "years": lambda v: _short(v, " ans"),
}


def say_value(feature: Feature, value: float, language: Language = "en") -> str:
    """The value with its unit, as a person reads it; a missing value is named as missing."""
    if isnan(value):
        return _DIRECTION[language][3]
    write = _WRITTEN[language].get(feature.unit)
    text = write(value) if write else f"{value:.2f}"
    return text.replace(".", ",") if language == "fr" else text


def say(feature: Feature, value: float, contribution: float, language: Language = "en") -> str:
    """One driver in words.

    >>> dbt = Feature("dbt", "payment_behaviour", "days", "", "", "", 1, "", "Days late", "Retard")
    >>> say(dbt, 34.2, 0.8)
    'Days late: 34.2 days (raises the risk)'
    >>> say(dbt, float("nan"), -0.1, "fr")
    'Retard: non connu (réduit le risque)'
    """
    raises, lowers, neutral, _ = _DIRECTION[language]
    direction = raises if contribution > 0 else lowers if contribution < 0 else neutral
    return f"{feature.labels[language]}: {say_value(feature, value, language)} ({direction})"


def reason_codes(topics: Sequence[str], effects: Sequence[float], most: int = 3) -> list[str]:
    """Topics that raise the log-odds, strongest first: the reasons of a refusal or a reduction.

    >>> reason_codes(["payment_behaviour", "liquidity", "growth"], [0.4, -0.2, 0.9])
    ['growth', 'payment_behaviour']
    """
    ranked = sorted(zip(effects, topics, strict=True), reverse=True)
    return [topic for effect, topic in ranked[:most] if effect > 0]
