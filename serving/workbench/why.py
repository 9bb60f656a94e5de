"""Why: from the average buyer to this one by topic and driver, and what a what-if moves."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.catalog import CATALOG, column
from features.feature import Feature
from models.assessment import Assessment
from models.credit_model import CreditModel
from models.explanation import Language, say_value
from serving.workbench import charts, words
from serving.workbench.formats import formats
from serving.workbench.language import catalogue

Values = NDArray[np.float64]

DRIVERS_SHOWN = 8  # of a topic; the others are summed
MOVED_SHOWN = 4
LEAST_MONEY = 0.5
LEAST_MOVE = 0.005  # log-odds: less is no news


def topics(answer: Mapping[str, Any], usual: Values, language: Language) -> list[dict[str, Any]]:
    """The waterfall, strongest topic first, each step beginning where the one before ended.

    `usual` holds the sector's medians of the catalogue. `money` is what `currency` tells.
    """
    moving = [topic for topic in answer["topics"] if topic["log_odds"]]
    ranked = sorted(moving, key=lambda topic: -abs(topic["log_odds"]))
    risk = charts.waterfall(answer["base_log_odds"], [topic["log_odds"] for topic in ranked])
    told = currency(answer)["tells"]
    money = charts.waterfall(
        answer[f"base_{told}"], [topic[f"{told}_effect"] for topic in ranked], from_zero=True
    )
    return [
        {
            **topic,
            "risk_bar": risk[i],
            "money": topic[f"{told}_effect"],
            "says": _read_out(topic, told, answer["currency"], language),
            "money_bar": money[i],
            **_drivers(
                [driver for driver in answer["drivers"] if driver["topic"] == topic["topic"]],
                usual,
                language,
            ),
        }
        for i, topic in enumerate(ranked)
    ]


def _read_out(topic: Mapping[str, Any], told: str, unit: str, language: Language) -> str:
    """A step of the waterfall in words: what pointing at it, or focusing it, shows."""
    _, say = catalogue(language).gettext, formats(language)
    direction = _("raises the risk") if topic["log_odds"] > 0 else _("lowers the risk")
    name = _("limit") if told == "limit" else _("capacity")
    effects = [
        f"{say.signed(topic['log_odds'], 2)} {_('log-odds')}",
        say.points(topic["probability_effect"]),
        f"{name} {say.signed(topic[f'{told}_effect'])} {unit}",
    ]
    return f"{topic['label']} {direction}: {', '.join(effects)}"


def currency(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What the column in currency tells: the limit; or, where the need binds so that no topic moves
    the limit, the capacity, what we would risk on the buyer whatever it needs."""
    moves = any(abs(topic["limit_effect"]) >= LEAST_MONEY for topic in answer["topics"])
    tells = "limit" if moves else "capacity"
    return {
        "tells": tells,
        "base": answer[f"base_{tells}"],
        "rounding": answer["limit_rounding"] if moves else 0.0,
        "override": answer["override_effect"] if moves else 0.0,
        "total": answer[tells],
    }


def _drivers(
    drivers: Sequence[dict[str, Any]], usual: Values, language: Language
) -> dict[str, Any]:
    """The strongest drivers of a topic, and the sum of those left out."""
    worth_telling = [one for one in drivers if abs(one["contribution"]) >= LEAST_MOVE]
    count = min(len(worth_telling), DRIVERS_SHOWN)
    shown = [
        {
            "label": (feature := CATALOG[column(driver["feature"])]).labels[language],
            "means": feature.formula,
            "value": value(feature, driver["value"], language),
            "usual": value(feature, float(usual[column(feature.name)]), language),
            "contribution": driver["contribution"],
        }
        for driver in drivers[:count]
    ]
    left_out = [driver["contribution"] for driver in drivers[count:]]
    return {"drivers": shown, "left_out": len(left_out), "left_out_sum": sum(left_out)}


def moved(
    model: CreditModel, now: Assessment, then: Assessment, language: Language
) -> list[dict[str, Any]]:
    """The drivers whose value a what-if moves, that of the greatest effect first."""
    change = then.contributions[0] - now.contributions[0]
    before, after = now.matrix[0, model.columns], then.matrix[0, model.columns]
    differs = (before != after) & ~(np.isnan(before) & np.isnan(after))
    ranked = np.argsort(-np.abs(change) * differs, kind="stable")[:MOVED_SHOWN]
    return [
        {
            "label": (feature := model.features[i]).labels[language],
            "old": value(feature, float(before[i]), language),
            "new": value(feature, float(after[i]), language),
            "change": float(change[i]),
        }
        for i in ranked
        if differs[i] and abs(change[i]) >= LEAST_MOVE
    ]


def candidates(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every amount that could bind, least first; those that do not apply come last."""
    amounts = answer["candidates"]
    # Beyond twice the limit a bar says no more than "far away".
    binding = amounts.get(answer["binding_constraint"])  # none of them where a person set the limit
    largest = 2 * max(answer["limit"], binding or 0.0) or 1.0
    return [
        {
            "name": words.CANDIDATES.get(name, words.plain(name)),
            "meaning": words.CANDIDATE_MEANINGS.get(name, ""),
            "amount": amount,
            "binds": name == answer["binding_constraint"],
            "bar": charts.share(amount or 0.0, largest),
        }
        for name, amount in sorted(
            amounts.items(), key=lambda item: np.inf if item[1] is None else item[1]
        )
    ]


def value(feature: Feature, number: float | None, language: Language) -> str:
    """A feature's value with its unit, as its reader writes it."""
    text = say_value(feature, np.nan if number is None else number, language)
    return formats(language).grouped(text)
