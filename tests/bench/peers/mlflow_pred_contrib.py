"""What `mlflow models serve` gives out of the box: probability and drivers, both by LightGBM."""

import json
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel, PythonModelContext


class PredContrib(PythonModel):
    """Ready features in, probability and drivers out."""

    def load_context(self, context: PythonModelContext) -> None:
        bundle = Path(context.artifacts["bundle"])
        self.booster = lgb.Booster(model_file=bundle / "booster.txt")
        line = json.loads((bundle / "calibration.json").read_text())
        self.slope, self.intercept = line["slope"], line["intercept"]

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict | None = None
    ) -> list[dict]:
        drivers = self.slope * self.booster.predict(model_input, pred_contrib=True)
        probability = 1 / (1 + np.exp(-self.intercept - drivers.sum(axis=1)))
        return [
            {"default_probability": float(p), "drivers": row.tolist()}
            for p, row in zip(probability, drivers, strict=True)
        ]


set_model(PredContrib())
