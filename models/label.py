"""Labels: did the buyer default within the horizon after as_of_date, and could we have seen it?

A default is an episode [begin, end) of one buyer. A pair (buyer, as_of) inside an episode is
already in default and leaves the cohort; y = 1 if an episode begins within (as_of, as_of +
horizon]; y = 0 only if the horizon was observed to its end. A fact counts only if it was known by
as_of + horizon + reporting lag, so that a label never changes once it could be given.
Basel's and the insurers' definitions: domain notes 3.1; CRR article 178.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from features.calendar import day_number
from features.currency import rates
from features.facts import NEVER, Facts, Keys
from features.pairs import occurs_within, owner, pair

DefaultKind = Literal["insolvency_opened", "claim", "protracted_default", "unpaid"]
Days = Annotated[int, Field(ge=0, le=3660)]


@dataclass(frozen=True)
class LabelRule:
    """What counts as default, and within how many days of as_of_date.

    `default_is` lists incident kinds and `unpaid`: undisputed invoices worth `materiality` or more
    (in the config's currency, together) unpaid for more than `waiting_days` beyond terms. What is
    paid within `technical_days` after that was late by a bank or a system, not by the buyer: no
    default (EBA/GL/2016/07, 23: the time from receipt of a payment to its allocation). A cured
    default ends `probation_days` after its cure. Facts are awaited until `reporting_lag_days` after
    the horizon; nothing is observed after `observed_until` (absent: the last day in the tables).
    `at_risk = "invoiced"` asks of every row an invoice that can become late within the horizon.
    """

    default_is: tuple[DefaultKind, ...] = ("insolvency_opened", "claim", "protracted_default")
    horizon_days: Annotated[int, Field(ge=1, le=3660)] = 365
    waiting_days: Days = 180
    technical_days: Days = 3
    materiality: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 500.0
    probation_days: Days = 90
    reporting_lag_days: Days = 0
    observed_until: date | None = None
    at_risk: Literal["everyone", "invoiced"] = "everyone"

    @property
    def window(self) -> timedelta:
        """From as_of_date until every outcome is known: the horizon and the reporting lag."""
        return timedelta(days=self.horizon_days + self.reporting_lag_days)

    def __post_init__(self) -> None:
        if not self.default_is:
            raise ValueError(
                f"default_is is empty: name what counts, of {', '.join(get_args(DefaultKind))}"
            )


@dataclass(frozen=True)
class Labelled:
    """A cohort with its labels: `default` is bool, `default_on` the day and `default_type` the
    kind of the first default (NEVER and "" where none); `counts` says what was left out and why."""

    keys: Keys
    default: NDArray[np.bool]
    default_on: NDArray[np.int32]
    default_type: NDArray[np.str_]
    counts: dict[str, int]


def label(facts: Facts, keys: Keys, rule: LabelRule) -> Labelled:
    """Label `keys`, leaving out buyers in default, the unobserved and those never at risk."""
    in_default, default_on, default_type = _outcomes(keys, default_episodes(facts, rule), rule)
    closes = keys.as_of + rule.window.days
    observed = closes <= observed_until(facts, rule)
    exposed = _at_risk(facts, keys, rule)
    keep = ~in_default & observed & exposed
    default = default_on[keep] != NEVER
    counts = {
        "candidates": len(keys),
        "in_default": int(in_default.sum()),
        "censored": int((~in_default & ~observed).sum()),
        "not_at_risk": int((~in_default & observed & ~exposed).sum()),
        "rows": int(keep.sum()),
        "defaults": int(default.sum()),
    }
    kept = Keys(keys.buyer[keep], keys.as_of[keep])
    return Labelled(kept, default, default_on[keep], default_type[keep], counts)


def observed_until(facts: Facts, rule: LabelRule) -> int:
    """Last observed day: as configured, else the last day something became known."""
    if rule.observed_until is not None:
        return day_number(rule.observed_until)
    known = [facts[name].known for name in ("invoices", "payments", "incidents", "statements")]
    days = np.concatenate(known)
    return int(days[days != NEVER].max(initial=np.iinfo(np.int32).min))


def default_episodes(facts: Facts, rule: LabelRule) -> pd.DataFrame:
    """Every default as buyer, begin, known, end (days; end excluded, NEVER if not cured), kind."""
    episodes = _incident_episodes(facts, rule)
    if "unpaid" in rule.default_is:
        episodes = pd.concat([episodes, _unpaid_episodes(facts, rule)])
    return episodes.sort_values(["buyer", "begin", "kind"], ignore_index=True)


def _incident_episodes(facts: Facts, rule: LabelRule) -> pd.DataFrame:
    rows = facts["incidents"]
    incidents = pd.DataFrame(
        {
            "buyer": owner(rows),
            "begin": rows["event_date"].astype(np.int64),
            "known": rows.known.astype(np.int64),
            "kind": np.append(rows.labels["kind"], "")[rows["kind"]].astype(object),
        }
    ).sort_values("begin", kind="stable")
    counted = incidents["kind"].isin(rule.default_is) & (rows["disputed"] != 1)[incidents.index]
    cures = incidents.loc[incidents["kind"] == "cure", ["buyer", "begin", "known"]]
    episodes = pd.merge_asof(
        incidents[counted],
        cures.rename(columns={"known": "cured"}),
        on="begin",
        by="buyer",
        direction="forward",
        allow_exact_matches=False,
    )
    episodes["end"] = (episodes.pop("cured") + rule.probation_days).fillna(NEVER).astype(np.int64)
    return episodes


def _unpaid_episodes(facts: Facts, rule: LabelRule) -> pd.DataFrame:
    """Spells during which undisputed invoices unpaid past the waiting period reach materiality;
    the day of payment still belongs to the spell. One that ends within the technical days is no
    default, and none is known before they are over."""
    invoices = facts["invoices"]
    begin = invoices["due_on"] + (rule.waiting_days + 1)
    late = np.flatnonzero(
        (invoices["paid_on"] >= begin)
        & (invoices["disputed_on"] >= begin)
        & (invoices["amount"] > 0)
    )
    cents = _cents_unpaid(facts, late, begin[late])
    buyer, after = owner(invoices)[late], invoices["paid_on"][late].astype(np.int64) + 1
    moves = pd.DataFrame(
        {
            "buyer": np.concatenate([buyer, buyer]),
            "begin": np.concatenate([begin[late], after]),
            "cents": np.concatenate([cents, -cents]),
        }
    )
    level = moves.groupby(["buyer", "begin"])["cents"].sum().groupby(level="buyer").cumsum()
    spells = (level >= max(1, round(rule.materiality * 100))).rename("unpaid").reset_index()
    before = spells.groupby("buyer")["unpaid"].shift(fill_value=False)
    turns = spells[spells["unpaid"] != before]
    turns = turns.assign(end=turns.groupby("buyer")["begin"].shift(-1, fill_value=NEVER))
    episodes = turns.loc[turns["unpaid"], ["buyer", "begin", "end"]]
    settled = episodes["begin"] + rule.technical_days
    episodes = episodes.assign(known=settled)[episodes["end"] > settled]
    end = np.minimum(episodes["end"] + rule.probation_days, NEVER)
    return episodes.assign(end=end, kind="unpaid")


def _cents_unpaid(facts: Facts, late: NDArray[np.int64], on: NDArray[np.int32]) -> NDArray:
    """What remains unpaid of invoices `late` on days `on`, whole cents of `facts.currency`.

    Whole cents: sums are exact, so a spell begins and ends on the same day on any machine.
    """
    invoices, payments = facts["invoices"], facts["payments"]
    numbers = pd.Index(invoices.labels["invoice_id"][invoices["invoice_id"][late]])
    row = numbers.get_indexer(payments.labels["invoice_id"])[payments["invoice_id"]]
    part = (row >= 0) & (payments["paid_on"] <= on[row])
    paid = np.bincount(row[part], payments["amount"][part], minlength=len(late))
    currency = invoices["currency"][late]
    rate = rates(facts, invoices.labels["currency"], on)[np.arange(len(late)), currency]
    if (unknown := np.isnan(rate)).any():
        first = int(np.argmax(unknown))
        raise ValueError(
            f"table 'fx' gives no rate of {invoices.labels['currency'][currency[first]]} known on "
            f"{on[first].astype('datetime64[D]')}; materiality cannot be told without one"
        )
    return np.round((invoices["amount"][late] - paid) * rate * 100).astype(np.int64)


def _outcomes(
    keys: Keys, episodes: pd.DataFrame, rule: LabelRule
) -> tuple[NDArray[np.bool], NDArray[np.int32], NDArray[np.str_]]:
    """For each key: whether in default on as_of; day and kind of the first default after."""
    rows = pd.DataFrame({"buyer": keys.buyer, "as_of": keys.as_of.astype(np.int64)})
    met = rows.reset_index(names="row").merge(episodes, on="buyer")
    met = met[met["known"] <= met["as_of"] + rule.window.days]
    running = met[(met["begin"] <= met["as_of"]) & (met["as_of"] < met["end"])]
    begun = met[(met["begin"] > met["as_of"]) & (met["begin"] <= met["as_of"] + rule.horizon_days)]
    first = begun.sort_values(["row", "begin", "kind"]).drop_duplicates("row")
    in_default = np.zeros(len(keys), bool)
    in_default[running["row"]] = True
    default_on = np.full(len(keys), NEVER)
    default_on[first["row"]] = first["begin"]
    default_type = np.full(len(keys), "", dtype="<U24")
    default_type[first["row"]] = first["kind"]
    return in_default, default_on, default_type


def _at_risk(facts: Facts, keys: Keys, rule: LabelRule) -> NDArray[np.bool]:
    """Whether the buyer has an invoice that can become late within the horizon."""
    if rule.at_risk == "everyone":
        return np.ones(len(keys), bool)
    invoices = facts["invoices"]
    turns_late = np.sort(pair(owner(invoices), invoices["due_on"] + (rule.waiting_days + 1)))
    return occurs_within(turns_late, pair(keys.buyer, keys.as_of), rule.horizon_days)
