"""The gate: what a model must show on its test slice before it may serve."""

from collections.abc import Mapping
from pathlib import Path

FEWEST_DEFAULTS = 30  # below, neither ranks nor level can be judged
LEAST_AUC = 0.60  # that the lower bound of the AUC must reach
SLOPES = (0.6, 1.6)  # of the calibration line


def gate(bundle: Path, metrics: Mapping[str, float]) -> list[str]:
    """Reasons against a candidate, each with its number and the threshold; none lets it pass.

    >>> gate(Path("bundle"), {"defaults": 117, "auc_low": 0.55, "calibration_slope": 1.0})
    ['the AUC may be as low as 0.550, below 0.6']
    """
    defaults, auc, slope = (metrics[k] for k in ("defaults", "auc_low", "calibration_slope"))
    low, high = SLOPES
    found = {
        f"{defaults:.0f} defaults in the test slice, fewer than {FEWEST_DEFAULTS}": (
            defaults < FEWEST_DEFAULTS
        ),
        f"the AUC may be as low as {auc:.3f}, below {LEAST_AUC}": auc < LEAST_AUC,
        f"the calibration slope is {slope:.2f}, not within {low} to {high}": (
            not low <= slope <= high
        ),
    }
    return [reason for reason, holds in found.items() if holds]
