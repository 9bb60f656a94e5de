"""The bundle as an MLflow model, logged as code: MLflow runs this file, nothing is pickled."""

from pathlib import Path

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel, PythonModelContext

from models.credit_model import CreditModel


class ServedModel(PythonModel):
    """Feature frame in, default probability, log-odds and grade out; missing values allowed."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the bundle beside the model."""
        self.model = CreditModel.load(Path(context.artifacts["bundle"]))

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict | None = None
    ) -> pd.DataFrame:
        """One row of `CreditModel.score` for each row of features."""
        answer = self.model.score(model_input)
        return answer[["default_probability", "log_odds", "grade"]]


set_model(ServedModel())
