"""What holds for every feature of the accounts, whatever the accounts."""

from datetime import date

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from features.accounts import classical_scores, market, ratios
from features.accounts.accounts import FEATURES, NAMED, build
from features.accounts.peers import RANKED, SUFFIX
from features.accounts.ratios import RATIOS
from features.accounts.statements import ACCOUNTS
from features.facts import Facts
from features.tables import STATEMENTS

ITEMS = [c.name for c in STATEMENTS.columns if c.kind == "amount"]
CURRENCY_FREE = [f.unit not in ("currency", "log currency") for f in FEATURES]
AMOUNT = st.one_of(
    st.none(),
    st.sampled_from([0.0, -0.0, 1e308, -1e308, 5e-324, -1.0]),
    st.floats(-1e6, 1e6),
    st.floats(allow_nan=False, allow_infinity=False),
)
CENTS = st.integers(-(10**8), 10**8).map(lambda cents: cents / 100)
MODERATE = st.one_of(st.none(), st.just(0.0), CENTS)


def histories(amount):
    """Four years of accounts, newest first."""
    year = st.fixed_dictionaries(dict.fromkeys(ITEMS, amount))
    return st.lists(year, min_size=4, max_size=4)


def features(years, currency="EUR", fx=1.0):
    rows = [
        {"buyer_id": "B", "closing_date": date(2023 - back, 12, 31), "currency": currency} | year
        for back, year in enumerate(years)
    ]
    names = ["buyer_id", "closing_date", "currency", *ITEMS]
    schema = pa.schema([STATEMENTS.schema.field(name) for name in names])
    facts = Facts.of(
        {
            "buyers": pa.table({"buyer_id": ["B"], "country": ["FR"]}),
            "statements": pa.Table.from_pylist(rows, schema),
            "fx": pa.table(
                {"currency": ["USD"], "quoted_on": [date(2020, 1, 1)], "rate": [float(fx)]}
            ),
        }
    )
    return build(facts, facts.keys(["B"], np.array(["2024-12-31"], "datetime64[D]")))[0]


def scaled(years, factor):
    return [{item: v if v is None else v * factor for item, v in year.items()} for year in years]


@given(histories(AMOUNT))
@settings(max_examples=200)
def test_no_accounts_however_absurd_give_infinity(years):
    assert not np.isinf(features(years)).any()


@given(histories(MODERATE), st.integers(-20, 20))
def test_ratios_do_not_depend_on_the_unit_of_the_amounts(years, power):
    before, after = features(years), features(scaled(years, 2.0**power))
    np.testing.assert_array_equal(before[CURRENCY_FREE], after[CURRENCY_FREE])


@given(histories(MODERATE))
@settings(max_examples=30)
def test_ratios_do_not_depend_on_the_currency_and_amounts_are_converted(years):
    euros, dollars = features(years), features(years, "USD", fx=0.5)
    np.testing.assert_array_equal(euros[CURRENCY_FREE], dollars[CURRENCY_FREE])
    limit = [f.role == "limit" for f in FEATURES]
    np.testing.assert_array_equal(euros[limit] * 0.5, dollars[limit])


@given(histories(MODERATE))
@settings(max_examples=30)
def test_an_unknown_rate_leaves_the_amounts_missing_and_the_ratios_whole(years):
    known, unknown = features(years), features(years, "XXX")
    np.testing.assert_array_equal(known[CURRENCY_FREE], unknown[CURRENCY_FREE])
    assert np.isnan(unknown[~np.array(CURRENCY_FREE)]).all()


@given(histories(MODERATE))
@settings(max_examples=30)
def test_compiled_formulas_are_those_written(years):
    rows = np.array([tuple(year.get(item) for item in ACCOUNTS.names) for year in years], ACCOUNTS)
    for of in rows:
        compiled, written = (np.full(1, np.nan, RATIOS) for _ in range(2))
        ratios.write(of, compiled[0])
        for family in ratios.FAMILIES:
            family.write.py_func(of, written[0])
        assert compiled.tobytes() == written.tobytes()
    compiled, written = (np.full(1, np.nan, NAMED) for _ in range(2))
    for out, as_run in ((compiled, lambda f: f), (written, lambda f: f.py_func)):
        as_run(market.write)(rows, out[0])
        as_run(classical_scores.write)(rows[0], rows[1], out[0])
    assert compiled.tobytes() == written.tobytes()


def test_every_feature_of_the_catalogue_is_written():
    known = {item: 2.0 + place for place, item in enumerate(ITEMS)}
    years = [{**known, "revenue": 100.0 * (1 + back)} for back in range(4)]
    burning = [{**year, "ebitda": -1.0} for year in years]
    told = ~np.isnan(features(years)) | ~np.isnan(features(burning))
    missing = {f.name for f, is_told in zip(FEATURES, told, strict=True) if not is_told}
    not_given = {"accounts_consolidated", "accounts_audited"}
    assert missing == not_given | {name + SUFFIX for name in RANKED}
