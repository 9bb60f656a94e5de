"""Audit of a portfolio folder on one day: what is owed, granted and at risk, and how well known."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from features.context import sections
from features.facts import Facts, Keys
from features.ledgers.staging import REFUSED_FILE
from features.payments.ageing import DISPUTED, UNKNOWN, balances
from models.assessment import Assessment, assess
from models.credit_model import CreditModel
from models.decision import THIN_FILE_MONTHS
from models.limits.loss import expected_loss
from models.policy import Policy
from serving.portfolio import everyone
from serving.reports.audit_money import money_columns, money_table

AMOUNTS = (
    "open", "overdue", "disputed", "exposure", "limit", "granted",
    "above_limit", "above_granted", "uninsured", "expected_loss", "insurer_expected_loss",
)  # fmt: skip
BANDS = (0.0, 10e3, 25e3, 50e3, 100e3, 250e3, 1e6)
BAND_NAMES = ("none", *(f"up to {top / 1e3:,.0f}k" for top in BANDS[1:]), "above 1,000k")
LARGEST = (1, 5, 10)


@dataclass(frozen=True)
class AuditSummary:
    """A portfolio on one day, amounts in `currency`.

    `buyers` by buyer_id: name, country, sector (NACE section), group (itself where none is known),
    grade, default_probability, limit, granted (in force, NaN where none), open (net of credits, NaN
    where no balance is known), overdue, disputed, exposure (open, at least 0), above_limit and
    above_granted (parts of the exposure), expected_loss (on the exposure, certain for a buyer in
    default), the columns of `money_columns`, and the flags no_accounts, stale_accounts,
    thin_history. `refused` counts the rows that the import refused, by reason; `persons` the
    natural persons and sole traders, who are not scored.
    """

    as_of_date: date
    currency: str
    policy: Policy
    buyers: pd.DataFrame
    refused: pd.Series
    persons: int

    def totals(self) -> pd.Series:
        """The amounts over all buyers, summed in whole cents."""
        return (_cents(self.buyers[list(AMOUNTS)]).sum() / 100).rename(self.currency)

    def segments(self, by: str) -> pd.DataFrame:
        """Buyers and amounts by grade, sector, country or group, and the limits' use in percent."""
        key = self.buyers[by]
        found = _cents(self.buyers[list(AMOUNTS)]).groupby(key, observed=True).sum() / 100
        found.insert(0, "buyers", key.groupby(key, observed=True).size())
        limit = found["limit"].where(found["limit"] > 0)
        return found.assign(**{"use of limits, %": 100 * found["exposure"] / limit})

    def bands(self, by: str) -> pd.DataFrame:
        """Buyers of each segment by the band of their limit."""
        return pd.crosstab(self.buyers[by], band(self.buyers["limit"])).rename_axis(columns="limit")

    def granted_against_limit(self) -> pd.DataFrame:
        """Buyers by the band of what is granted to them and of the limit computed here."""
        held = self.buyers[self.buyers["granted"].notna()]
        return pd.crosstab(band(held["granted"]), band(held["limit"])).rename_axis(
            index="granted", columns="limit"
        )

    def concentration(self) -> pd.DataFrame:
        """Herfindahl index of the exposure (1: all on one name), the number of equal names it is
        like, and the share in percent of the largest 1, 5 and 10; by buyer, group, sector and
        country."""
        rows = {}
        whole = self.buyers["exposure"].sum()
        for by in ("buyer_id", "group", "sector", "country"):
            shares = self.buyers.groupby(by, observed=True)["exposure"].sum()
            shares = (shares / whole if whole else shares).sort_values(ascending=False)
            index = float((shares**2).sum())
            rows[by] = {
                "HHI": index,
                "like": 1 / index if index else np.nan,
                **{f"top {n}, %": 100 * shares.head(n).sum() for n in LARGEST},
            }
        return pd.DataFrame.from_dict(rows, orient="index")

    def groups_above_cap(self) -> pd.DataFrame:
        """Groups whose limits or exposure, together, exceed the policy's cap for a group."""
        groups = self.segments("group")[["buyers", "exposure", "limit"]]
        return groups[groups[["exposure", "limit"]].max(axis=1) > self.policy.caps.group]

    def largest(self, amount: str) -> pd.DataFrame:
        """The ten buyers with most of an amount, above zero."""
        shown = ["name", "country", "grade", "default_probability", "exposure", "limit"]
        found = self.buyers.nlargest(10, amount, keep="all").head(10)
        return found.loc[found[amount] > 0, [*dict.fromkeys([*shown, amount])]]

    def money(self) -> pd.DataFrame:
        """What the exposure costs and earns in a year, by grade; see `money_table`."""
        return money_table(self.policy, self.buyers)

    def quality(self) -> pd.DataFrame:
        """What is missing or in doubt: count, and share in percent of buyers or of the balance."""
        buyers, totals = self.buyers, self.totals()
        flags = {
            "buyers without accounts": buyers["no_accounts"],
            "buyers with stale accounts": buyers["stale_accounts"],
            f"buyers with under {THIN_FILE_MONTHS} months of invoices": buyers["thin_history"],
            "buyers without a balance": buyers["open"].isna(),
            "buyers without a sector": buyers["sector"] == "",
        }
        rows = {name: (int(flag.sum()), 100 * flag.mean()) for name, flag in flags.items()}
        for name in ("disputed", "overdue"):
            share = totals[name] / totals["exposure"] if totals["exposure"] else 0.0
            rows[f"amount {name}"] = (totals[name], 100 * share)
        rows["natural persons, not scored"] = (self.persons, np.nan)
        rows["rows refused by the import"] = (int(self.refused.sum()), np.nan)
        return pd.DataFrame.from_dict(rows, orient="index", columns=["count", "share, %"])


def audit(model: CreditModel, portfolio: Path, as_of_date: date) -> AuditSummary:
    """Look at every legal entity of a portfolio folder on one day, by the path of a request."""
    facts, keys = everyone(portfolio, model.policy, as_of_date)
    assessment = assess(model, facts, keys)
    buyers = (
        _identity(facts, keys) | _judgment(model, assessment) | _amounts(facts, keys, assessment)
    )
    frame = pd.DataFrame(buyers, index=pd.Index(facts.buyer_ids[keys.buyer], name="buyer_id"))
    frame["above_limit"] = (frame["exposure"] - frame["limit"]).clip(lower=0.0)
    frame["above_granted"] = (frame["exposure"] - frame["granted"]).clip(lower=0.0)
    certain = frame["grade"] == model.policy.master_scale.names[-1]
    probability = frame["default_probability"].mask(certain, 1.0)
    frame["expected_loss"] = expected_loss(
        probability, assessment.limits.loss_given_default, frame["exposure"]
    )
    policy, exposure = model.policy, frame["exposure"].to_numpy()
    money = money_columns(policy, assessment, exposure, probability.to_numpy())
    return AuditSummary(
        as_of_date,
        policy.currency,
        policy,
        frame.assign(**money),
        _refused(portfolio),
        len(facts.buyers) - len(keys),
    )


def band(limit: pd.Series) -> pd.Categorical:
    """The band of each limit: none, then by its upper bound."""
    codes = np.searchsorted(BANDS, limit.to_numpy(), side="left")
    return pd.Categorical.from_codes(codes, categories=list(BAND_NAMES), ordered=True)


def _cents(amounts: pd.DataFrame) -> pd.DataFrame:
    """Whole cents, so that sums are exact whatever their order; what is unknown adds nothing."""
    return (100 * amounts.fillna(0.0)).round()


def _identity(facts: Facts, keys: Keys) -> dict[str, NDArray]:
    buyers = facts["buyers"]
    first = buyers.start[keys.buyer]

    def text(name: str) -> NDArray[np.str_]:
        return np.append(buyers.labels[name], "")[buyers[name][first]]  # unknown, -1, is empty

    group = text("group_id")
    return {
        "name": text("name"),
        "country": text("country"),
        "sector": sections(text("sector")),
        "group": np.where(group == "", facts.buyer_ids[keys.buyer], group),
    }


def _judgment(model: CreditModel, assessment: Assessment) -> dict[str, NDArray | pd.Categorical]:
    age = assessment.column("accounts_age_months")
    return {
        "grade": pd.Categorical.from_codes(
            assessment.limits.grade, categories=list(model.policy.master_scale.names), ordered=True
        ),
        "default_probability": assessment.default_probability,
        "limit": assessment.limits.limit,
        "no_accounts": np.isnan(age),
        "stale_accounts": age > model.policy.stale_accounts.after_months,
        "thin_history": ~(assessment.column("months_of_history") >= THIN_FILE_MONTHS),
    }


def _amounts(facts: Facts, keys: Keys, assessment: Assessment) -> dict[str, NDArray]:
    disputed = balances(facts, keys)[:, DISPUTED]
    open_amount = assessment.column("open_amount")
    return {
        "open": open_amount,
        "overdue": assessment.column("overdue_amount"),
        "disputed": np.where(disputed == UNKNOWN, np.nan, disputed / 100),
        "exposure": np.fmax(open_amount, 0.0),
        "granted": assessment.granted.amount,
    }


def _refused(portfolio: Path) -> pd.Series:
    """Rows refused by the import that made the folder, by reason; empty where it left no list."""
    file = portfolio / REFUSED_FILE
    if not file.is_file():
        return pd.Series(dtype="int64")
    return pa_csv.read_csv(file)["reason"].to_pandas().value_counts()
