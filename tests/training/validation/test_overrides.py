from dataclasses import replace

import pandas as pd
import pytest

from training.validation import overrides
from training.validation.case import Case


def decisions(case: Case, raised: int) -> pd.DataFrame:
    """One decision a test row; the first `raised` that defaulted were raised by a person."""
    keys = case.test.keys
    frame = pd.DataFrame(
        {
            "buyer_id": case.facts.buyer_ids[keys.buyer],
            "as_of_date": keys.as_of.astype("datetime64[D]"),
            "model_limit": 1000.0,
            "limit": 1000.0,
        }
    )
    defaulted = frame.index[case.test.default][:raised]
    frame.loc[defaulted, "limit"] = 5000.0
    return frame


def test_people_who_raise_the_limits_of_those_who_fail_are_told(case: Case) -> None:
    section = overrides.section(replace(case, overrides=decisions(case, raised=20)))
    checks = {check.name: check for check in section.checks}
    assert checks["raised limits default no more"].verdict == "WARN"
    assert f"of {len(case.test):,} decisions" in checks["overrides"].value


def test_no_override_is_not_judged(case: Case) -> None:
    (check,) = overrides.section(case).checks
    assert check.verdict == "NONE"
    assert "--overrides" in check.value


def test_a_missing_column_is_named(case: Case) -> None:
    table = decisions(case, 0).drop(columns="model_limit")
    with pytest.raises(ValueError, match="model_limit"):
        overrides.section(replace(case, overrides=table))
