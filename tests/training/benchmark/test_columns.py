import numpy as np
import pandas as pd
import pytest

from training.benchmark.columns import days, outcome, usable


@pytest.mark.parametrize(
    ("values", "bad"),
    [
        ([0, 1], 1),
        ([1.0, 2.0], 2.0),
        ([False, True], True),
        (["no", "yes"], "yes"),
        (["alive", "failed"], "failed"),
        (["good", "BAD "], "BAD "),
        (["N", "Y"], "Y"),
        (["paid", "default"], "default"),
        (["good", "delinquent"], "delinquent"),
    ],
)
def test_the_default_is_told_from_the_values(values, bad) -> None:
    found = outcome(pd.Series([*values, None, values[0]], name="y", dtype=object))
    assert found.isna().tolist() == [False, False, True, False]
    assert [bool(f) for f in found[[0, 1]]] == [value == bad for value in values]


@pytest.mark.parametrize(
    ("values", "positive", "said"),
    [
        ([0, 1, 2], None, "3 values"),
        ([1, 1], None, "1 values"),
        (["red", "blue"], None, "--positive"),
        (["red", "blue"], "green", "never 'green'"),
    ],
)
def test_a_label_that_is_no_outcome_is_refused(values, positive, said) -> None:
    with pytest.raises(ValueError, match=said):
        outcome(pd.Series(values, name="y"), positive)


def test_the_positive_value_can_be_named() -> None:
    assert outcome(pd.Series([0, 1], name="alive"), "0").tolist() == [True, False]


def test_numbers_flags_dates_and_text(loans: pd.DataFrame) -> None:
    features, remarks = usable(loans.drop(columns=["y", "firm", "year"]))
    assert list(features.select_dtypes("float64")) == ["x0", "x1", "x2", "flag", "opened"]
    assert list(features.select_dtypes(exclude="float64")) == ["trade"]
    assert features["opened"].diff().iloc[1] == 1
    assert features["trade"].iloc[0] is None
    assert "always" in remarks[0]
    assert "name" in remarks[1]


def test_infinite_is_missing_and_absurd_is_bounded() -> None:
    frame = pd.DataFrame({"a": [1.0, np.inf, 1e300], "b": ["1", "2.5", None]})
    features, _ = usable(frame)
    assert np.isnan(features["a"][1])
    assert features["a"][2] == 1e30
    assert features["b"].tolist()[:2] == [1.0, 2.5]


def test_a_decimal_comma_is_read_where_all_numbers_have_it() -> None:
    features, _ = usable(
        pd.DataFrame({"a": ["1,5", "-2,25", None, "3"], "b": ["1,5", "x", "y", "z"]})
    )
    assert features["a"].tolist()[:2] == [1.5, -2.25]
    assert features["b"].dtype != float


def test_a_column_that_counts_the_rows_is_left_out() -> None:
    frame = pd.DataFrame({"Unnamed: 0": np.arange(50), "a": np.arange(50) % 7})
    features, remarks = usable(frame)
    assert list(features) == ["a"]
    assert "Unnamed: 0" in remarks[0]


@pytest.mark.parametrize(
    ("written", "first"),
    [
        (["31/10/2021", "01/05/2022"], "2021-10-31"),
        (["10/31/2021", "05/01/2022"], "2021-10-31"),
        (["31.10.2021", None], "2021-10-31"),
        (["2021-10-31T10:00:00", "2022-01-01"], "2021-10-31"),
        (["2021Q4", "2022Q1"], "2021-10-01"),
    ],
)
def test_day_and_month_are_told_apart_by_the_column(written, first) -> None:
    found = days(pd.Series(written, name="d"))
    assert found.iloc[0] == (pd.Timestamp(first) - pd.Timestamp(0)).days
    assert found.isna().tolist() == [value is None for value in written]


def test_a_date_that_can_be_read_both_ways_is_refused() -> None:
    with pytest.raises(ValueError, match="day or the month first"):
        days(pd.Series(["01/02/2021", "03/04/2021"], name="d"))


def test_days_of_dates_and_of_years() -> None:
    assert days(pd.Series(["1970-01-02", "1970-01-11"])).tolist() == [1, 10]
    assert days(pd.Series([2011, 2012])).tolist() == [2011, 2012]
    with pytest.raises(ValueError, match="'soon'"):
        days(pd.Series(["2024-01-01", "soon"], name="d"))
