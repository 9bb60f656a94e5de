import os
from pathlib import Path

import numpy as np
import pytest

from training.benchmark.public_sets import SETS

PUBLIC = Path(os.environ.get("ENCOURS_DATA", Path(__file__).parents[3] / "../shared/data"))


def of_public(name: str, folder: str):
    if not (PUBLIC / folder).is_dir():
        pytest.skip(f"{PUBLIC / folder} is absent (set ENCOURS_DATA)")
    return SETS[name](PUBLIC, Path("nowhere"))


def test_the_polish_set_and_its_z_score() -> None:
    data = of_public("polish-1year", "polish-bankruptcy")
    assert (len(data), int(data.default.sum()), len(data.folds)) == (7027, 271, 10)
    a = data.features.iloc[0]
    assert data.z_score[0] == pytest.approx(
        6.56 * a["Attr3"] + 3.26 * a["Attr6"] + 6.72 * a["Attr7"] + 1.05 * a["Attr8"]
    )


@pytest.mark.slow
def test_the_american_set_is_split_by_time() -> None:
    data = of_public("american-ever", "american-bankruptcy")
    (fold,) = data.folds
    assert [len(part) for part in fold] == [54979, 10298, 12058]
    assert int(data.default[fold.test].sum()) == 281


@pytest.mark.slow
def test_the_truth_of_the_generated_economy_is_known(economy: Path) -> None:
    data = SETS["generated"](Path("nowhere"), economy)
    truth = data.truth[data.tested]
    assert not np.isnan(truth).any()
    assert truth.mean() == pytest.approx(data.default[data.tested].mean(), rel=0.3)
