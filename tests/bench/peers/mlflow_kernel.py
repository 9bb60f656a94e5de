"""MLflow given our driver kernel: what is left is the server's own cost."""

from pathlib import Path

import numpy as np
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel, PythonModelContext

from models.default_model import DefaultModel


class Kernel(PythonModel):
    """Ready features in, probability and drivers out."""

    def load_context(self, context: PythonModelContext) -> None:
        self.model = DefaultModel.load(Path(context.artifacts["bundle"]))

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict | None = None
    ) -> list[dict]:
        matrix = model_input.to_numpy(np.float64)  # MLflow has put the columns in order
        base, drivers = self.model.drivers(matrix)
        probability = 1 / (1 + np.exp(-base - drivers.sum(axis=1)))
        return [
            {"default_probability": float(p), "drivers": row.tolist()}
            for p, row in zip(probability, drivers, strict=True)
        ]


set_model(Kernel())
