"""How many trees, of how many leaves: AUC out of time against microseconds for a decision.

The portfolio and settings of `make demo`; trees learn from the training slice. Sizes are chosen on
the calibration slice, a year later; the test slice stands beside it. Plot in `var/bench/size.html`.
"""

from dataclasses import replace
from itertools import product
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.metrics import roc_auc_score

from features.facts import Facts
from features.options import DEMO
from features.tables import read_tables
from models.page import write_page
from training.config import TrainingConfig
from training.fit import fit_booster
from training.sample import Sample, assemble
from training.validation.sizes import CALIBRATION, MICROSECONDS, TEST, figure, microseconds

LEAVES, TREES = (4, 8, 16, 31), (40, 80, 160, 320, 640)
CONFIG, OUT = Path("training/demo.toml"), Path("var/bench/size")


def grow(sample: Sample, config: TrainingConfig, leaves: int) -> lgb.Booster:
    """A booster of the most trees, whose first ones are the smaller boosters."""
    rows = sample.slices.train
    settings = replace(config.fit, folds=0, bags=1, max_trees=max(TREES), num_leaves=leaves)
    data = sample.matrix[rows], sample.default[rows], sample.place[rows]
    return fit_booster(*data, features=sample.features, settings=settings).booster


def judge(sample: Sample, booster: lgb.Booster, trees: int) -> dict[str, float]:
    """AUC on both later slices, and the time of one probability with its drivers."""
    slices = sample.slices
    auc = {
        name: roc_auc_score(
            sample.default[rows],
            booster.predict(sample.matrix[rows], raw_score=True, num_iteration=trees),
        )
        for name, rows in ((CALIBRATION, slices.calibrate), (TEST, slices.test))
    }
    row = sample.matrix[slices.test][:1]
    return {**auc, MICROSECONDS: microseconds(booster, trees, row)}


def main() -> None:
    """Print the curve, and write it as JSON and as a page."""
    config = TrainingConfig.load(CONFIG)
    sample = assemble(Facts.of(read_tables(DEMO), config.currency), config)
    console = Console()
    boosters = {
        leaves: grow(sample, config, leaves)
        for leaves in track(LEAVES, "growing", console=Console(stderr=True))
    }
    frame = pd.DataFrame(
        [
            {"leaves": leaves, "trees": trees, **judge(sample, boosters[leaves], trees)}
            for leaves, trees in product(LEAVES, TREES)
        ]
    )
    table = Table(*frame.columns, title="bench size")
    for row in frame.itertuples(index=False):
        table.add_row(*(f"{v:.4g}" if isinstance(v, float) else str(v) for v in row))
    console.print(table)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    frame.to_json(OUT.with_suffix(".json"), orient="records", indent=1)
    rows = sample.slices.calibrate
    shipped = config.fit.num_leaves, config.fit.max_trees
    about = (
        f"{int(rows.sum()):,} rows of the calibration slice, {int(sample.default[rows].sum()):,} "
        f"defaults, base rate {np.mean(sample.default[rows]):.2%}; shipped: {shipped[1]} trees of "
        f"{shipped[0]} leaves ({CONFIG})."
    )
    write_page(
        OUT.with_suffix(".html"), "Size of the model", [about, figure(frame, shipped), frame]
    )


if __name__ == "__main__":
    main()
