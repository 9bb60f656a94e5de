"""The limit in force: would we still grant what stands? Cut at once, raised by leave."""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from features.facts import Facts
from features.tables import read_tables
from models.assessment import Assessment, assess
from models.limits.limit_reasons import CANDIDATES
from serving.portfolio import legal_entities
from serving.surveillance.before import NOBODY, Before
from serving.surveillance.beside import Beside
from serving.surveillance.columns import CARRIED
from serving.surveillance.in_force import HARD_STOP, InForce, in_force
from serving.surveillance.rescore import rescore
from serving.surveillance.rules import Rules

DAY = date(2025, 6, 30)


@pytest.fixture(scope="module")
def assessment(model, tables) -> Assessment:
    facts = Facts.of(read_tables(tables), "EUR")
    return assess(model, facts, legal_entities(model.policy, facts, DAY))


@pytest.fixture(scope="module")
def snapshot(model, tables) -> pa.Table:
    return rescore(model, Rules.load(), read_tables(tables), DAY, None).snapshot


def of(model, assessment: Assessment, rows: pa.Table, beside: Beside | None = None) -> InForce:
    buyers = rows["buyer_id"]
    before = Before.of(buyers, rows.select(CARRIED))
    return in_force(model.policy, assessment, before, buyers, beside or Beside())


def test_a_new_buyers_limit_is_what_was_granted_unless_we_would_grant_less(
    model, assessment: Assessment, snapshot: pa.Table
) -> None:
    buyers = snapshot["buyer_id"]
    found = in_force(model.policy, assessment, Before.of(buyers, None), buyers, Beside())
    granted = assessment.granted.amount
    known = ~np.isnan(granted)
    assert 0 < known.sum() < len(granted)
    assert (found.limit[known] <= granted[known]).all()
    assert (found.limit[known] == granted[known]).any()
    assert np.array_equal(found.limit[~known], assessment.limits.limit[~known])
    owed = found.owed > 0
    with np.errstate(divide="ignore"):
        assert np.array_equal(found.use[owed], found.owed[owed] / found.limit[owed])
    assert not found.use[~owed].any()


def test_a_quiet_month_is_no_reason_to_cut(
    model, assessment: Assessment, snapshot: pa.Table
) -> None:
    """The need falls to nothing, the capacity stays."""
    quiet = assessment.limits.candidates.copy()
    quiet[:, CANDIDATES.index("need")] = 0.0
    calm = replace(assessment, limits=replace(assessment.limits, candidates=quiet))
    now = of(model, calm, snapshot)
    assert np.array_equal(now.limit, snapshot["limit_in_force"].to_numpy())


def test_what_is_granted_anew_replaces_what_held(
    model, assessment: Assessment, snapshot: pa.Table
) -> None:
    """A cut stays while the table says what it said; a new grant ends it."""
    place = snapshot.column_names.index("limit_in_force")
    cut = snapshot.set_column(
        place, "limit_in_force", pa.array(snapshot["limit_in_force"].to_numpy() / 2)
    )
    assert np.array_equal(of(model, assessment, cut).limit, cut["limit_in_force"].to_numpy())
    place = snapshot.column_names.index("granted")
    older = cut.set_column(place, "granted", pa.array(np.ones(len(cut))))
    known = ~np.isnan(assessment.granted.amount)
    now, then = of(model, assessment, older).limit, snapshot["limit_in_force"].to_numpy()
    assert np.array_equal(now[known], then[known])
    assert np.array_equal(now[~known], cut["limit_in_force"].to_numpy()[~known])


def test_a_persons_limit_stands_but_not_against_a_hard_stop(
    model, assessment: Assessment, snapshot: pa.Table
) -> None:
    buyers = snapshot["buyer_id"].to_pylist()
    found = of(model, assessment, snapshot, Beside(overridden=dict.fromkeys(buyers, 123.0)))
    stopped = assessment.limits.candidates[:, HARD_STOP] == 0
    assert stopped.any()
    assert (found.limit == np.where(stopped, 0.0, 123.0)).all()


def test_nobody_has_the_columns_that_are_carried() -> None:
    assert NOBODY.column_names == list(CARRIED)
    assert NOBODY.num_rows == 0
