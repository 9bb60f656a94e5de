"""21 Limitations, and how the model is watched once it serves."""

import numpy as np
import pandas as pd

from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import Section, holds
from training.validation.overrides import MOST


def section(case: Case) -> Section:
    """What is not claimed, what is watched with which threshold, and the way back."""
    label, test = case.config.label, case.test
    last = np.datetime64(int(test.keys.as_of.max()), "D")
    known = np.datetime64(int(case.sample.keys.as_of[case.sample.slices.calibrate].max()), "D")
    age = int((last - known).astype(int))
    limits = [
        "A point-in-time probability of twelve months: its level follows the cycle with a delay of "
        f"a horizon; the line was fitted on rows up to {known}.",
        f"Proved on {case.portfolio.name!r} only: {test.population}. Another portfolio needs its "
        "own training and its own report.",
        "Defaults of one group, sector or country come together; intervals by buyer do not cover "
        "that, the Vasicek column does in part.",
        f"A default is {', '.join(label.default_is)}; probabilities of other definitions compare "
        "by rank only.",
    ]
    if case.truth is not None:
        limits.append("The economy is generated: it proves the machinery, not your buyers.")
    p_values = "{} / {}".format(*thresholds.P_VALUE)
    watched = pd.DataFrame(
        [
            ("score, features", "PSI, CSI", "monthly",
             "{} / {} and above chance".format(*thresholds.PSI), "data scientist"),
            ("missing facts, thin files", "share", "monthly", "10 points", "data scientist"),
            ("level, each grade", "Jeffreys, Holm", "each closed quarter", p_values, "risk-admin"),
            ("ranks", "AUC decline (ECB)", "each closed quarter", p_values, "risk-admin"),
            ("early arrears", "90 days, at 3 months", "monthly", "twice expected", "risk-admin"),
            ("overrides", "share, direction, hits", "quarterly",
             "{:.0%} / {:.0%}".format(*MOST), "risk-admin"),
            ("latency", "95th percentile", "always", f"{1000 * thresholds.LATENCY:.0f} ms",
             "operations"),
        ],
        columns=["what", "measure", "how often", "warn / act", "owner"],
    )  # fmt: skip
    checks = (
        holds(
            "calibration is recent",
            age <= 2 * label.horizon_days,
            f"{age} days from the calibration slice to the last test day",
            f"≤ {2 * label.horizon_days} (two horizons)",
            "WARN",
        ),
    )
    back = (
        "Way back: `encours rollback` returns to the champion before this one; the service takes "
        "it over within a second, without a restart."
    )
    return Section("Limitations and monitoring", checks, (*limits, watched.set_index("what"), back))
