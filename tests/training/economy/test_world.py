"""What all buyers share: months that fit together, cycles of the documented size, risk tables."""

from datetime import date

import numpy as np
import pytest

from training.economy.world import (
    COUNTRIES,
    COUNTRY_CYCLE,
    CYCLE_MONTHS,
    EUROS,
    HORIZON,
    SECTORS,
    Calendar,
    World,
)


@pytest.fixture(scope="module")
def world() -> World:
    return World.draw(Calendar.until(date(2024, 2, 29), 20), np.random.default_rng(1))


def test_months_tile_the_days(world: World) -> None:
    calendar = world.calendar
    days = np.arange(calendar.starts[0], calendar.starts[-1], dtype=np.int32)
    months = calendar.month_of(days)
    assert (np.diff(months) >= 0).all()
    assert set(np.bincount(months)) <= {28, 29, 30, 31}
    assert calendar.last_day(months[-1:]) == days[-1]
    assert str(np.datetime64(calendar.end, "D")) == "2024-02-29"
    assert calendar.months == calendar.closing + 1 + HORIZON


def test_days_outside_fall_in_the_first_or_last_month(world: World) -> None:
    calendar = world.calendar
    outside = np.array([calendar.starts[0] - 400, calendar.starts[-1] + 400], np.int32)
    assert calendar.month_of(outside).tolist() == [0, calendar.months - 1]


def test_a_share_of_a_month_stays_in_it(world: World) -> None:
    calendar = world.calendar
    month = np.arange(calendar.months)
    for share in (0.0, 0.5, np.nextafter(1, 0)):
        day = calendar.day(month, np.full(len(month), share))
        assert (calendar.month_of(day) == month).all()


def test_cycles_have_the_documented_size_and_period(world: World) -> None:
    assert world.country.std(axis=1) == pytest.approx(COUNTRY_CYCLE)
    assert world.country.mean(axis=1) == pytest.approx(0, abs=1e-12)
    half = CYCLE_MONTHS // 2
    rows = zip(world.country[:, :-half], world.country[:, half:], strict=True)
    against = [np.corrcoef(now, later)[0, 1] for now, later in rows]
    assert np.mean(against) < -0.2  # half a period later the economy has turned


def test_cyclical_sectors_swing_more(world: World) -> None:
    swing = dict(zip([s.section for s in SECTORS], world.sector.std(axis=1), strict=True))
    assert min(swing["F"], swing["C"]) > 1.5 * swing["A"]


def test_risk_tables_rank_as_the_risk_they_publish(world: World) -> None:
    country = world.country_risk(2.0).to_pandas()
    assert country["grade"].between(1, 8).all()
    assert (country["grade"] == country["grade"].round()).all()
    grades = country.groupby("country")["grade"].mean()
    assert grades["CH"] < grades["FR"] < grades["PL"]
    sector = world.sector_risk(2.0, 0.02).to_pandas().groupby("sector")["grade"].mean()
    assert sector["A"] < sector["C"] < sector["F"]
    assert len(grades) == len(COUNTRIES)
    assert len(sector) == len(SECTORS)


def test_a_sector_grade_is_known_after_the_quarter_it_tells_of(world: World) -> None:
    """A jump of a sector's liquidity in one month reaches no grade published before its end."""
    month = world.calendar.opening + 6
    shaken = World(world.calendar, world.sector.copy(), world.country, world.rates)
    shaken.sector[:, month] -= 5.0
    calm, rough = (w.sector_risk(2.0, 0.02).to_pandas() for w in (world, shaken))
    moved = calm["rated_on"][calm["grade"] != rough["grade"]]
    after = np.datetime64(int(world.calendar.starts[month + 1]), "D").astype(object)
    assert len(moved) > 0
    assert (moved >= after).all()
    assert (rough["grade"] >= calm["grade"]).all()


def test_rates_stay_near_where_they_start(world: World) -> None:
    fx = world.fx().to_pandas()
    ratio = fx["rate"] / fx["currency"].map(EUROS)
    assert ratio.between(0.4, 2.5).all()
    assert not fx.duplicated(["currency", "quoted_on"]).any()
