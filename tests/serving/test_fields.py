"""Fields refuse what only a parser could read."""

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from serving.fields import Day


@pytest.mark.parametrize(
    "value", [0, 1_700_000_000, "1700000000", "2025-06-30T00:00:00", "30/6/25"]
)
def test_a_day_is_written_as_a_day(value: object) -> None:
    with pytest.raises(ValidationError, match="YYYY-MM-DD"):
        TypeAdapter(Day).validate_python(value)
    assert TypeAdapter(Day).validate_json('"2025-06-30"') == date(2025, 6, 30)
