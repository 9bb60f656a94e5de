"""MLflow, where models are registered: training and promotion need it, serving does not."""

from pathlib import Path

import httpx

from serving.doctor.finding import Finding


def check_registry(address: str) -> Finding:
    """Whether the tracking server at `address` answers, or its file is there."""
    needless = "the service goes on without; `encours train` and `encours promote` need it"
    if address.startswith(("http://", "https://")):
        try:
            answer = httpx.get(f"{address.rstrip('/')}/health", timeout=5)
            if answer.is_success:
                return Finding("mlflow", "ok", f"{address} answers")
            said = f"{address} answers {answer.status_code}"
        except httpx.HTTPError as error:
            said = f"{address}: {error or type(error).__name__}"
        return Finding(
            "mlflow", "warning", said, f"start it, or mend MLFLOW_TRACKING_URI; {needless}"
        )
    path = Path(address.removeprefix("sqlite:///"))
    if address.startswith("sqlite:///") and not path.is_file():
        return Finding("mlflow", "warning", f"{path} is not there yet", needless)
    return Finding("mlflow", "ok", address)
