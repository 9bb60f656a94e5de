"""What the buyer page shows: one decision and the evidence behind it, as plain values."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from math import isfinite
from typing import Any
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from features.catalog import CATALOG, column
from features.context import SECTION
from features.facts import Keys
from models.assessment import ANEW, Assessment, assess
from models.credit_model import CreditModel
from models.explanation import Language
from models.rating import MasterScale
from models.statistics.jeffreys import jeffreys_interval
from serving.conclude import Conclusion
from serving.decide import Desk
from serving.portfolio import Portfolio
from serving.what_if import FASTER, MOST_DAYS, PULLED, conclude_if, reach
from serving.workbench import charts, evidence, why, words
from serving.workbench.formats import formats
from serving.workbench.history import history
from serving.workbench.language import LOCALES, catalogue
from serving.workbench.question import Question

QUARTERS = 8  # of trend before the day asked about
DAYS_A_QUARTER = 91


def buyer_page(desk: Desk, question: Question, language: Language) -> dict[str, Any]:
    """Everything the buyer's template needs. Raises serving.problems.Problem."""
    now = desk.conclude(question.plain)
    then = conclude_if(desk, question.asked, question.changes) if question.is_what_if else now
    model, keys = desk.champion.now.model, now.assessment.keys
    code = desk.portfolio.facts.code_of(now.answer["buyer_id"])
    usual = desk.peers.usual(code, int(keys.as_of[0]))
    past = _past(model, now)
    grades_past = _grades_past(past, model.policy.master_scale.names, language)
    return {
        "question": question,
        "answer": then.answer,
        "now": now.answer,
        "buyer": identity(desk.portfolio, code, language),
        "grades": model.policy.master_scale.names,
        "track": track_record(model, then.answer["grade"]),
        "band": band(model.policy.master_scale, then.answer["grade"], language),
        "usual": usual,
        "topics": why.topics(then.answer, usual.medians, language),
        "currency": why.currency(then.answer),
        "moved": why.moved(model, now.assessment, then.assessment, language),
        "candidates": why.candidates(then.answer),
        "reach": _reach(now),
        "top_up_until": question.plain.as_of_date + timedelta(model.policy.top_up.most_days),
        "trend": _probability_trend(past, grades_past, language),
        "grades_past": grades_past,
        "lateness": _lateness_trend(past, language),
        "behaviour": evidence.behaviour(now.assessment, usual.medians, language),
        "ageing": evidence.ageing(now.facts, keys),
        "accounts": evidence.accounts(now.facts, keys, usual.medians, language),
        "next_accounts": evidence.next_accounts(now.facts, keys),
        "stale_after": model.policy.stale_accounts.after_months,
        "incidents": evidence.incidents(now.facts, keys),
        "quality": evidence.quality(model, now.facts, now.assessment, language),
        "history": history(desk.store, now.answer["buyer_id"]),
    }


def track_record(model: CreditModel, grade: str) -> dict[str, float] | None:
    """Buyers and defaults of a grade when the model was validated, with Jeffreys' 95 % interval of
    the rate; None where it was not."""
    observed = (model.validation or {}).get("grades", {}).get(grade)
    if not observed:
        return None
    rate = jeffreys_interval(observed["n"], observed["defaults"])
    counts = {"count": observed["n"], "defaults": observed["defaults"]}
    return {"rate": rate.value, "low": rate.low, "high": rate.high, **counts}


def band(scale: MasterScale, grade: str, language: Language) -> str:
    """The probabilities that a grade stands for, in words."""
    _, place = catalogue(language).gettext, scale.names.index(grade)
    if place == scale.default_grade:
        return _("in default")
    ends = [formats(language).percent(bound) for bound in scale.bounds[place : place + 2]]
    if place == 0:
        return _("below %(high)s") % {"high": ends[1]}
    if place == scale.default_grade - 1:
        return _("from %(low)s") % {"low": ends[0]}
    return _("%(low)s to %(high)s") % {"low": ends[0], "high": ends[1]}


def enough(desk: Desk, question: Question) -> dict[str, Any]:
    """What the buyer could change to gain a grade or have its request covered, and the fields of
    the what-if that try it. Raises serving.problems.Problem."""
    helps = desk.what_would_help(question.asked)
    return {
        "found": [{**one, "tried": _tried(one["changes"])} for one in helps["counterfactuals"]],
        "reason": helps["reason"],
    }


def _tried(changes: Sequence[Mapping[str, Any]]) -> str:
    steps = {change["lever"]: change["steps"] for change in changes}
    if FASTER in steps:
        steps["payment_days"] = -steps.pop(FASTER)
    return urlencode(steps)


def identity(portfolio: Portfolio, code: int, language: Language = "en") -> dict[str, Any]:
    """Who the buyer is, "" where not known."""
    texts = {
        name: portfolio.text(name, code)
        for name in ("name", "country", "sector", "legal_form", "group_id")
    }
    return {
        **texts,
        "buyer_id": str(portfolio.facts.buyer_ids[code]),
        "country_name": LOCALES[language].territories.get(texts["country"], texts["country"]),
        "section": words.SECTIONS.get(texts["sector"][:SECTION], ""),
        "group_size": _group_size(portfolio, code) if texts["group_id"] else 0,
    }


def _group_size(portfolio: Portfolio, code: int) -> int:
    """Companies of the buyer's group, itself included."""
    buyers = portfolio.facts["buyers"]
    groups = buyers["group_id"]
    return int((groups == groups[buyers.start[code]]).sum())


def _reach(now: Conclusion) -> dict[str, int]:
    """How far each field of the what-if goes: days sooner or later, steps of each lever."""
    steps = reach(now)
    return {
        "sooner": min(steps[FASTER], MOST_DAYS),
        "later": MOST_DAYS if now.assessment.matrix[0, column("invoices_12m")] > 0 else 0,
        **{name: steps[name] for name in PULLED},
    }


def _past(model: CreditModel, now: Conclusion) -> Assessment:
    """The same buyer at the end of each of the last quarters, as it was known then."""
    keys = now.assessment.keys
    days = keys.as_of[0] - DAYS_A_QUARTER * np.arange(QUARTERS, -1, -1, dtype=np.int32)
    return assess(model, now.facts, Keys(np.repeat(keys.buyer, len(days)), days), ANEW)


def _trend(
    past: Assessment,
    what: str,
    values: NDArray[np.float64],
    say: Callable[[float], str],
    language: Language,
    notes: Sequence[str] = (),
) -> charts.Line:
    labels = [formats(language).month(evidence.as_date(day)) for day in past.keys.as_of]
    return charts.line(what, values.tolist(), labels, [say(value) for value in values], notes)


def _probability_trend(
    past: Assessment, grades: Sequence[Mapping[str, str]], language: Language
) -> charts.Line:
    """The probability by quarter; each point says its grade, too."""
    _ = catalogue(language).gettext
    what, notes = (
        _("Default probability by quarter"),
        [f"{_('grade')} {q['grade']}" for q in grades],
    )
    return _trend(past, what, past.default_probability, formats(language).percent, language, notes)


def _lateness_trend(past: Assessment, language: Language) -> charts.Line:
    what = catalogue(language).gettext("Days beyond terms by quarter")
    place = column("dbt_3m")

    def say(days: float) -> str:
        return why.value(CATALOG[place], round(days) if isfinite(days) else days, language)

    return _trend(past, what, past.matrix[:, place], say, language)


def _grades_past(
    past: Assessment, names: tuple[str, ...], language: Language
) -> list[dict[str, str]]:
    return [
        {"grade": names[grade], "on": formats(language).month(evidence.as_date(day))}
        for grade, day in zip(past.limits.grade, past.keys.as_of, strict=True)
    ]
