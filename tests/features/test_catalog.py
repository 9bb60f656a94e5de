import re

import pytest

from features.catalog import (
    CATALOG,
    NAMES,
    column,
)
from features.feature import TOPICS
from features.tables import TABLES

LIMIT_FEATURES = {
    "net_worth",
    "turnover",
    "purchases_12m",
    "purchase_terms_days",
    "open_amount",
    "overdue_amount",
    "not_due_amount",
    *(f"overdue_amount_{days}" for days in ("1_30", "31_60", "61_90", "91_180", "over_180")),
    "insolvency_open",
    "in_default",
}
READ_BY_NAME = {"dbt_12m", "months_of_history", "accounts_age_months", "country_grade"}


def test_names_are_unique_and_find_their_column():
    assert len(set(NAMES)) == len(NAMES) == len(CATALOG)
    assert [column(name) for name in NAMES] == list(range(len(NAMES)))


def test_an_unknown_name_is_an_error_that_names_it():
    with pytest.raises(KeyError, match="no_such_feature"):
        column("no_such_feature")


@pytest.mark.parametrize("feature", CATALOG, ids=lambda feature: feature.name)
def test_every_entry_is_complete(feature):
    written = (feature.unit, feature.formula, feature.source, feature.known, feature.why)
    assert all(written)
    assert all((feature.en, feature.fr))
    assert feature.en != feature.fr
    assert set(re.findall(r"\w+", feature.source)) - {"else"} <= set(TABLES)
    assert feature.monotone in (-1, 0, 1)


def test_every_topic_has_features_and_no_label_is_used_twice():
    assert {f.topic for f in CATALOG} == set(TOPICS)
    for language in ("en", "fr"):
        labels = [getattr(f, language) for f in CATALOG if f.role == "model"]
        assert len(set(labels)) == len(labels)


def test_what_the_limit_engine_and_the_flags_read_is_there():
    assert {f.name for f in CATALOG if f.role == "limit"} == LIMIT_FEATURES
    assert {f.name for f in CATALOG if f.role == "model"} >= READ_BY_NAME


def test_amounts_in_currency_are_for_the_limit_engine_alone():
    assert {f.role for f in CATALOG if f.unit == "currency"} == {"limit"}
