"""Nothing phones home: the libraries are told so before any of them is read."""

import os

SILENT = {
    "BENTOML_DO_NOT_TRACK": "True",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
}


def hush() -> None:
    """Turn telemetry off for this process and those it starts, unless someone turned it on."""
    for name, value in SILENT.items():
        os.environ.setdefault(name, value)
