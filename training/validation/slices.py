"""4 Split: apart in time by an embargo, and what it would matter to keep buyers apart too."""

from itertools import pairwise

import numpy as np
import pandas as pd

from training.statistics.discrimination import auc_difference_interval, auc_interval
from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import Check, Section, at_most, holds, not_judged, shown
from training.validation.refits import Change

SEEN = 0.7  # share of the buyers that the refit may learn from
LEARNED_WITHOUT = Change(buyers_below=SEEN)


def section(case: Case) -> Section:
    """Gaps between the slices against the embargo, shared buyers, and a refit without them."""
    label, keys, slices = case.config.label, case.sample.keys, case.sample.slices
    embargo = label.window.days
    table = pd.DataFrame(
        {
            name: {
                "rows": int(rows.sum()),
                "buyers": len(np.unique(keys.buyer[rows])),
                "defaults": int(case.sample.default[rows].sum()),
                "first day": str(keys.as_of[rows].min().astype("datetime64[D]")),
                "last day": str(keys.as_of[rows].max().astype("datetime64[D]")),
            }
            for name, rows in slices.items()
            if rows.any()
        }
    ).T
    days = [keys.as_of[rows] for _, rows in slices.items() if rows.any()]
    gap = min(int(later.min()) - int(sooner.max()) for sooner, later in pairwise(days))
    shared = float(np.isin(keys.buyer[slices.test], keys.buyer[slices.train]).mean())
    checks = (
        holds("embargo", gap >= embargo, f"{gap} days between two slices", f"≥ {embargo}"),
        _unseen(case, shared),
    )
    text = (
        f"{shared:.0%} of the test rows are of buyers that the training slice also holds, on "
        "earlier days (`buyer_shares` in [split] keeps them apart). "
        f"Whether the trees remember buyers is tried out: learned again on {SEEN:.0%} of the "
        "buyers, the recipe is compared on all others, out of time, with a refit that saw them."
    )
    return Section("Split by time and buyer", checks, (text, table.rename_axis("slice")))


def _unseen(case: Case, shared: float) -> Check:
    name = "buyers never learned from"
    if not shared:
        return holds(name, True, "no buyer is in both slices", "none shared")
    rows = case.test.rows[case.sample.place[case.test.rows] >= SEEN]
    default = case.sample.default[rows]
    if default.sum() < thresholds.SEGMENT_DEFAULTS:
        return not_judged(name, f"{int(default.sum())} defaults among unseen buyers: too few")
    without, with_them = case.refits.score(rows, LEARNED_WITHOUT), case.refits.score(rows)
    lost = auc_difference_interval(default, with_them, without)
    own = auc_interval(default, without)
    return at_most(
        name,
        lost.low,  # lost for certain
        thresholds.UNSEEN,
        value=f"AUC {shown(own)} unseen; {shown(lost, 4, '+')} "
        f"by having seen them, {int(default.sum())} defaults",
    )
