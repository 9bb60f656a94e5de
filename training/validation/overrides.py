"""17 Overrides: how often people overrule the model, which way, and who was right."""

import numpy as np
import pandas as pd

from features.facts import Keys
from models.label import label
from models.statistics.jeffreys import jeffreys_interval
from training.validation.case import Case
from training.validation.check import Check, Section, at_most, not_judged, shown

COLUMNS = ("buyer_id", "as_of_date", "model_limit", "limit")
MOST = (0.10, 0.25)  # share of decisions overruled


def section(case: Case) -> Section:
    """Rate and direction of the overrides in `case.overrides`, and the defaults that followed."""
    title, name = "Overrides", "overrides"
    if case.overrides is None:
        why = "none given (`encours validate … --overrides FILE`)"
        return Section(title, (not_judged(name, why),), (_asked(),))
    if missing := [column for column in COLUMNS if column not in case.overrides]:
        raise ValueError(f"overrides lack the columns {missing}; they need {', '.join(COLUMNS)}")
    table = _outcomes(case, case.overrides)
    return Section(title, (_rate(case.overrides), *_hits(table)), (_asked(), table))


def _asked() -> str:
    return (
        "A decision is overruled where the limit granted is not the model's. Overrides upward that "
        "default more often than the decisions left alone cost money; overrides downward whose "
        f"buyers never default cost sales. Asked: one row a decision, {', '.join(COLUMNS)}."
    )


def _rate(decisions: pd.DataFrame) -> Check:
    overruled = decisions["limit"] != decisions["model_limit"]
    return at_most(
        "overrides",
        float(overruled.mean()),
        *MOST,
        value=f"{overruled.mean():.1%} of {len(decisions):,} decisions; "
        f"{(decisions['limit'] > decisions['model_limit']).mean():.1%} upward",
    )


def _outcomes(case: Case, decisions: pd.DataFrame) -> pd.DataFrame:
    """Decisions by direction, those whose horizon has closed, and their default rate."""
    days = decisions["as_of_date"].to_numpy("datetime64[D]")
    known = decisions["buyer_id"].isin(case.facts.buyer_ids)
    keys = case.facts.keys(decisions.loc[known, "buyer_id"].tolist(), days[known])
    found = label(case.facts, keys, case.config.label)
    default = pd.Series(found.default, pd.Index(_pairs(found.keys), tupleize_cols=False))
    moved = np.sign(decisions["limit"] - decisions["model_limit"])[known].map(
        {-1.0: "down", 0.0: "left alone", 1.0: "up"}
    )
    frame = pd.DataFrame({"direction": moved.to_numpy(), "pair": _pairs(keys)})
    frame["default"] = default[~default.index.duplicated()].reindex(frame["pair"]).to_numpy()
    rows: dict[object, dict[str, object]] = {}
    for direction, part in frame.groupby("direction"):
        closed = part["default"].dropna().astype(bool)
        rows[direction] = {
            "decisions": len(part),
            "closed": len(closed),
            "defaults": int(closed.sum()),
        }
        if len(closed):
            rows[direction]["default rate"] = shown(
                jeffreys_interval(len(closed), int(closed.sum()))
            )
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("direction")


def _pairs(keys: Keys) -> list[tuple[int, int]]:
    return list(zip(keys.buyer.tolist(), keys.as_of.tolist(), strict=True))


def _hits(table: pd.DataFrame) -> tuple[Check, ...]:
    """Whether limits raised by people default more than those left alone, for certain."""
    name = "raised limits default no more"
    if not {"up", "left alone"} <= set(table.index) or not (table["closed"] > 0).all():
        return (not_judged(name, "too few closed decisions in either direction"),)
    up, alone = (
        jeffreys_interval(int(table.loc[d, "closed"]), int(table.loc[d, "defaults"]))
        for d in ("up", "left alone")
    )
    return (
        at_most(
            name, up.low - alone.high, 0.0, value=f"{shown(up)} raised, {shown(alone)} left alone"
        ),
    )
