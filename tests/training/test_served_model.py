from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from training.sample import Sample
from training.train import TrainingResult


@pytest.mark.filterwarnings("default")  # of MLflow's own code
def test_it_answers_as_the_bundle_does(
    trained: TrainingResult, bundle: Path, sample: Sample
) -> None:
    from training.served_model import ServedModel

    frame = sample.frame(sample.slices.test).head(20)
    frame.iloc[:3] = np.nan
    served = ServedModel()
    context = SimpleNamespace(artifacts={"bundle": str(bundle)})
    served.load_context(context)
    answer = served.predict(context, frame)
    expected = trained.model.score(frame)
    assert list(answer.columns) == ["default_probability", "log_odds", "grade"]
    pd.testing.assert_frame_equal(answer, expected[answer.columns], check_exact=True)
