import numpy as np
import pandas as pd

from training.validation.case import Case
from training.validation.sizes import (
    CALIBRATION,
    LEAVES,
    MICROSECONDS,
    TREES,
    check,
    curve,
    figure,
    of_model,
)


def test_the_curve_holds_the_chosen_size_and_marks_it(case: Case) -> None:
    chosen = of_model(case)
    frame = curve(case)
    assert len(frame) == len(LEAVES) * len(TREES)
    assert ((frame["leaves"] == chosen[0]) & (frame["trees"] == chosen[1])).sum() == 1
    assert (frame[MICROSECONDS] > 0).all()
    assert frame[CALIBRATION].between(0.6, 1).all()
    *lines, ring = figure(frame, chosen).data
    assert len(lines) == len(LEAVES)
    assert ring.name == "chosen"
    assert len(ring.x) == 1
    assert ring.y[0] in lines[LEAVES.index(1.0)].y


def test_a_size_that_is_surely_better_is_told(case: Case) -> None:
    leaves, trees = of_model(case)
    sizes = [(max(2, leaves // 2), 2 * trees), (leaves, trees)]
    frame = pd.DataFrame(sizes, columns=["leaves", "trees"]).assign(**{CALIBRATION: [0.9, 0.8]})
    found = check(case, frame)
    assert found.verdict in ("PASS", "WARN")
    assert f"best: {2 * trees} trees" in found.value
    assert np.isfinite(float(found.value.split("AUC ")[1].split()[0]))
