"""Kinds of fields that contracts share, with their bounds."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2100, 1, 1)
FIRST_CHARTER = date(1000, 1, 1)  # the oldest firms that still trade are younger
LARGEST_AMOUNT = 1e15

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
NO_NUL = r"^[^\x00]*$"  # no database keeps a NUL in a text


def _written(value: Any) -> Any:
    """A day as people write it: pydantic would take a number for seconds since 1970."""
    if isinstance(value, date) or (isinstance(value, str) and DAY.fullmatch(value)):
        return value
    raise ValueError("write a day as YYYY-MM-DD")


Text = Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL)]
Note = Annotated[str, Field(min_length=1, max_length=2000, pattern=NO_NUL)]
Day = Annotated[date, BeforeValidator(_written), Field(ge=FIRST_DAY, le=LAST_DAY)]
Founded = Annotated[date, BeforeValidator(_written), Field(ge=FIRST_CHARTER, le=LAST_DAY)]
Number = Annotated[float, Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT, allow_inf_nan=False)]
Money = Annotated[float, Field(ge=0, le=LARGEST_AMOUNT, allow_inf_nan=False)]
Amount = Annotated[float, Field(gt=0, le=LARGEST_AMOUNT, allow_inf_nan=False)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class Strict(BaseModel):
    """Unknown fields are refused: a misspelt one must not be ignored in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def exactly_one(**kinds: str) -> dict[str, Any]:
    """A JSON schema: one of these fields is given, and has this type."""
    return {
        "oneOf": [
            {"required": [name], "properties": {name: {"type": kind}}}
            for name, kind in kinds.items()
        ]
    }
