import numpy as np
import pytest

from features.build import feature_matrix
from features.catalog import CATALOG, NAMES, column
from features.facts import Facts, Keys
from features.tables import read_tables
from features.what_if.what_if import alone
from models.levers import LEVERS, Lever

AS_OF = int(np.datetime64("2025-06-30", "D").astype(int))
KEYS = Keys(np.array([0]), np.array([AS_OF], np.int32))
BETTER = {"overdue_amount": -1, "net_worth": 1}  # limit-role amounts carry no sign
IMMUTABLE = {"trade", "profile", "context", "esg"}


@pytest.fixture(scope="module")
def buyers(tables) -> list[tuple[Facts, np.ndarray]]:
    facts = Facts.of(read_tables(tables))
    sample = [alone(facts, buyer) for buyer in range(0, len(facts.buyers), 4)]
    return [(one, feature_matrix(one, KEYS)[0]) for one in sample]


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever.name)
def test_a_lever_moves_its_feature_the_favourable_way(lever: Lever, buyers) -> None:
    place = column(lever.feature)
    better = BETTER.get(lever.feature, -CATALOG[place].monotone)
    assert better
    pulled = 0
    for facts, before in buyers:
        if most := lever.most(facts, AS_OF, before):
            for steps in {1, most}:
                after = feature_matrix(lever.change(facts, AS_OF, steps), KEYS)[0]
                assert better * (after[place] - before[place]) >= 0
            pulled += after[place] != before[place]
    assert pulled


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever.name)
def test_no_lever_touches_what_is_nobodys_to_change(lever: Lever, buyers) -> None:
    fixed = [
        NAMES.index(feature.name)
        for feature in CATALOG
        if feature.topic in IMMUTABLE
        and "statements" not in feature.source  # size follows accounts,
        and "ageing" not in feature.source  # and what is owed follows payments
    ]
    for facts, before in buyers:
        if most := lever.most(facts, AS_OF, before):
            changed = lever.change(facts, AS_OF, most)
            assert changed["buyers"] is facts["buyers"]
            np.testing.assert_array_equal(feature_matrix(changed, KEYS)[0, fixed], before[fixed])


def test_a_buyer_without_facts_has_nothing_to_change(tables) -> None:
    facts = Facts.of(read_tables(tables))
    empty = alone(facts, facts.code_of("ODD-EMPTY"))
    features = feature_matrix(empty, KEYS)[0]
    assert [lever.most(empty, AS_OF, features) for lever in LEVERS] == [0] * len(LEVERS)
