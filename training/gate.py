"""The gate: a model may serve when the validation of that very bundle has no FAIL."""

from collections.abc import Mapping
from typing import Any


def gate(version: str, validation: Mapping[str, Any] | None) -> list[str]:
    """Reasons against a bundle of that model version, each with its number and the threshold; none
    lets it pass.

    >>> gate("b", {"model_version": "a", "checks": []})
    ["the validation is of model a, not of b; run `encours validate`"]
    """
    if validation is None:
        return ["it was not validated; run `encours validate`"]
    if validation["model_version"] != version:
        return [
            f"the validation is of model {validation['model_version']}, not of {version}; "
            "run `encours validate`"
        ]
    return [
        f"{check['item']} {check['name']}: {check['value']}, threshold {check['threshold']}"
        for check in validation["checks"]
        if check["verdict"] == "FAIL"
    ]
