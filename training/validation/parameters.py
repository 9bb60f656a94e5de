"""11 Parameters: what was chosen, what was searched, and why."""

import pandas as pd

from training.tune import SEARCHED
from training.validation import sizes
from training.validation.case import Case
from training.validation.check import Section, holds


def section(case: Case) -> Section:
    """The settings of the fit beside the space they were searched in, and what other sizes would
    bring."""
    curve = sizes.curve(case)
    fitted = case.model.metadata.get("config", {}).get("fit", {})
    text, trees = case.model.default_model.booster_text, "Tree="
    outside = [
        name
        for name, span in SEARCHED.items()
        if name in fitted and not span.low <= fitted[name] <= span.high
    ]
    checks = (
        holds(
            "settings are recorded",
            bool(fitted),
            f"{len(fitted)} settings in the bundle",
            "all of them",
        ),
        holds(
            "settings within the searched space",
            not outside,
            f"outside: {', '.join(outside)}" if outside else f"all {len(SEARCHED)} searched ones",
            "none outside",
            "WARN",
        ),
        holds(
            "deterministic",
            "[deterministic: 1]" in text and "[force_row_wise: 1]" in text,
            f"{text.count(trees)} trees, deterministic and row-wise, seed {fitted.get('seed')}",
            "both set",
        ),
        sizes.check(case, curve),
    )
    table = pd.DataFrame(
        {
            "chosen": {name: str(value) for name, value in fitted.items()},
            "searched": {name: f"{span.low:g} to {span.high:g}" for name, span in SEARCHED.items()},
        }
    ).fillna("")
    return Section(
        "Parameters",
        checks,
        (
            "Chosen by cross-validated log-loss between buyers of the training slice (`encours "
            "tune`); the number of trees by early stopping there. No later slice was read. Class "
            "imbalance is left as it is: nothing is resampled, or the prior is corrected for it.",
            table.rename_axis("parameter"),
            f"Trees and leaves by what they bring and cost: refits on {len(case.refits.rows):,} "
            "rows of training, judged on the calibration slice "
            f"({case.sample.counts['calibrate_rows']:,} rows, "
            f"{case.sample.counts['calibrate_defaults']:,} defaults; the test slice stands beside "
            "and chooses nothing). Times are of this machine, of one bag.",
            sizes.figure(curve, sizes.of_model(case)),
            curve.set_index("leaves"),
        ),
    )
