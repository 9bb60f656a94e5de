"""TOML as text: the standard library only reads it."""

import json
from datetime import date
from typing import Any


def toml_text(table: dict[str, Any], prefix: str = "") -> str:
    """Plain values first, then tables, then arrays of tables, as TOML wants them.

    >>> print(toml_text({"fit": {"seed": 7}, "currency": "EUR"}), end="")
    currency = "EUR"
    <BLANKLINE>
    [fit]
    seed = 7
    """
    plain, nested = [], []
    for key, value in table.items():
        if isinstance(value, dict):
            nested.append(f"\n[{prefix}{key}]\n{toml_text(value, f'{prefix}{key}.')}")
        elif isinstance(value, tuple) and value and isinstance(value[0], dict):
            nested += [f"\n[[{prefix}{key}]]\n{toml_text(row)}" for row in value]
        elif isinstance(value, date):
            plain.append(f"{key} = {value.isoformat()}\n")
        else:
            plain.append(f"{key} = {json.dumps(value, ensure_ascii=False)}\n")
    return "".join(plain + nested)
