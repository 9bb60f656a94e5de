"""History as a backtest sees it: limits set on what was known, beside what came after.

Every row is a buyer on a day out of time: the limit and its need as of that day, then the sales of
the year that followed and what was owed when the buyer defaulted in it. Limits stand for the whole
year: no surveillance cuts them. They are set anew, whatever was in force.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from features.build import feature_matrix
from features.calendar import day_number
from features.catalog import column
from features.facts import NEVER, Facts, Keys
from features.payments import ageing, payments
from features.payments.ageing import OPEN_AMOUNT
from models.assessment import ANEW, Assessment, conclude
from models.credit_model import CreditModel
from models.label import Labelled, label
from models.limits.limit_reasons import CANDIDATES
from training.cohort import cohort
from training.config import TrainingConfig
from training.split import hash_share, split

Floats = NDArray[np.float64]

PURCHASES = [feature.name for feature in payments.FEATURES].index("purchases_12m")
SHARE_OF_REVENUE = 0.0001  # what a mid-sized supplier sells a listed firm, where it is unknown


@dataclass(frozen=True)
class History:
    """One row a buyer and as_of day, amounts in `currency`.

    Known on the day: `need`, `limit` (model and policy, at most the need), `net_worth`,
    `loss_given_default`. Known after: `sales` of the horizon before VAT, `owed` at default (0 where
    none came). `assumption` says where need, sales and exposure come from.
    """

    buyer: NDArray[np.int64]
    as_of: NDArray[np.int32]
    default: NDArray[np.bool]
    need: Floats
    limit: Floats
    net_worth: Floats
    loss_given_default: Floats
    sales: Floats
    owed: Floats
    currency: str
    assumption: str

    def __len__(self) -> int:
        return len(self.buyer)


def history(
    facts: Facts,
    config: TrainingConfig,
    model: CreditModel,
) -> History:
    """The test slice of `config` under `model`, for buyers whose need is known.

    ValueError where the model could have learned from the slice, or where nothing is left.
    """
    found = _test_slice(facts, config)
    refuse_known(model, int(found.keys.as_of.min()))
    matrix = feature_matrix(facts, found.keys)
    if len(facts["invoices"]):
        assessment = conclude(model, facts, found.keys, matrix, ANEW)
        sales, owed = _from_ledger(facts, found, config.label.horizon_days)
        assumption = (
            "need from the purchases of the year before; sales and exposure at default as they "
            "were in the ledger"
        )
    else:
        purchases = SHARE_OF_REVENUE * np.maximum(matrix[:, column("turnover")], 0.0)
        assessment = conclude(model, facts, found.keys, matrix, {"purchases": purchases, **ANEW})
        sales, owed = purchases, np.where(found.default, _need(assessment), 0.0)
        assumption = (
            f"no trade is known, so by assumption: purchases of {SHARE_OF_REVENUE:.2%} of revenue "
            "on the policy's terms, and the need fully used at default"
        )
    return _history(found, assessment, model, (sales, owed, config.currency, assumption))


def refuse_known(model: CreditModel, first: int) -> None:
    """ValueError where an outcome that `model` learned from was open on the day `first`."""
    try:
        learned = model.metadata["config"]
        until = date.fromisoformat(learned["split"]["calibrate_until"])
        days = learned["label"]["horizon_days"] + learned["label"]["reporting_lag_days"]
    except KeyError as error:
        raise ValueError(
            f"the bundle does not say what it learned from: metadata.json lacks {error}; "
            "train it with `encours train`"
        ) from error
    closed = until + timedelta(days=days)
    if first < day_number(closed):
        raise ValueError(
            f"the model learned from outcomes up to {closed}, the test begins on "
            f"{np.datetime64(first, 'D')}: not out of time; train on earlier data or move [split]"
        )


def _test_slice(facts: Facts, config: TrainingConfig) -> Labelled:
    found = label(facts, cohort(facts, config.cohort), config.label)
    place = hash_share(facts.buyer_ids, "split")[found.keys.buyer]
    rows = split(found.keys.as_of, place, config.split, config.label).test
    if not found.default[rows].any():
        raise ValueError("the test slice holds no default to test on; move the dates in [split]")
    return Labelled(
        Keys(found.keys.buyer[rows], found.keys.as_of[rows]),
        found.default[rows],
        found.default_on[rows],
        found.default_type[rows],
        found.counts,
    )


def _from_ledger(facts: Facts, found: Labelled, horizon: int) -> tuple[Floats, Floats]:
    """Purchases of the horizon, VAT included, and the open balance on the day of default."""
    keys = found.keys
    later = Keys(keys.buyer, (keys.as_of + horizon).astype(np.int32))
    bought = payments.build(facts, later)[:, PURCHASES]
    failed = found.default_on != NEVER
    at_default = Keys(keys.buyer[failed], found.default_on[failed].astype(np.int32))
    owed = np.zeros(len(keys))
    owed[failed] = ageing.build(facts, at_default)[:, OPEN_AMOUNT]
    return np.fmax(bought, 0.0), np.fmax(owed, 0.0)


def _need(assessment: Assessment) -> Floats:
    return assessment.limits.candidates[:, CANDIDATES.index("need")]


def _history(
    found: Labelled,
    assessment: Assessment,
    model: CreditModel,
    outcome: tuple[Floats, Floats, str, str],
) -> History:
    need = _need(assessment)
    kept = need > 0  # NaN: none known
    if not kept.any():
        raise ValueError("no buyer of the test slice has a known need: no invoices, no revenue")
    purchases, owed, currency, assumption = outcome
    return History(
        found.keys.buyer[kept],
        found.keys.as_of[kept],
        found.default[kept],
        need[kept],
        assessment.limits.limit[kept],
        assessment.column("net_worth")[kept],
        assessment.limits.loss_given_default[kept],
        purchases[kept] / (1.0 + model.policy.cover.vat_rate),
        owed[kept],
        currency,
        assumption,
    )
