"""Who the firms are, and that risk falls and rises with what the docstring says."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from training.economy.firms import ENTITY_SHARES, PUBLIC_BODY, SIZE, Firms
from training.economy.names import LEGAL_FORMS
from training.economy.world import COUNTRIES, Calendar, World

COUNT = 4000


@pytest.fixture(scope="module")
def world() -> World:
    return World.draw(Calendar.until(date(2025, 12, 31), 6), np.random.default_rng(2))


@pytest.fixture(scope="module")
def firms(world: World) -> Firms:
    return Firms.draw(101, COUNT, world, np.random.default_rng(3))


def test_ids_number_the_buyers(firms: Firms) -> None:
    assert firms.ids.to_pylist()[:2] == ["B0000101", "B0000102"]
    assert len(set(firms.ids.to_pylist())) == COUNT


def test_shares_are_those_written(firms: Firms) -> None:
    france = np.mean(firms.country == 0)
    assert france == pytest.approx(COUNTRIES[0].weight, abs=0.03)
    shares = np.bincount(firms.entity, minlength=3) / COUNT
    assert shares == pytest.approx(ENTITY_SHARES, abs=0.01)


def test_nobody_trades_or_is_at_risk_before_it_exists(firms: Firms, world: World) -> None:
    assert (world.calendar.starts[firms.birth + 1] > firms.founded).all()
    assert (firms.entry >= firms.birth).all()
    assert (firms.founded <= world.calendar.end).all()


def test_groups_are_small_and_their_members_neighbours(firms: Firms) -> None:
    members = np.bincount(firms.head)[np.unique(firms.head)]
    assert set(members) == {1, 2, 3, 4, 5}
    assert (firms.head <= np.arange(COUNT)).all()
    assert (firms.head[firms.head] == firms.head).all()


def test_risk_falls_with_size(firms: Firms, world: World) -> None:
    larger = replace(firms, employees=firms.employees * np.e)
    change = larger.risk(world.calendar) - firms.risk(world.calendar)
    assert change == pytest.approx(-SIZE)


def test_risk_is_greatest_in_the_third_year(firms: Firms, world: World) -> None:
    month = world.calendar.closing
    days = np.arange(0, 40 * 365, 30)
    firm = Firms.draw(1, len(days), world, np.random.default_rng(4))
    same = {name: np.repeat(getattr(firm, name)[:1], len(days)) for name in WHAT_RISK_READS}
    aged = replace(firm, **same, founded=(world.calendar.starts[month] - days).astype(np.int32))
    risk = aged.risk(world.calendar)[:, month]
    assert days[risk.argmax()] / 365.25 == pytest.approx(3, abs=0.1)


WHAT_RISK_READS = ("country", "sector", "entity", "employees")


def test_the_table_names_each_in_its_language(firms: Firms) -> None:
    table = firms.table(np.random.default_rng(5)).to_pandas()
    company = table[table["entity_type"] == "company"]
    assert all(
        form in LEGAL_FORMS[country][:2] and name.endswith(form)
        for country, form, name in zip(
            company["country"], company["legal_form"], company["name"], strict=True
        )
    )
    public = table[firms.entity == PUBLIC_BODY]
    assert public["legal_form"].isna().all()
    assert (public["sector"] == "O84").all()
    french = public.loc[public["country"] == "FR", "name"]
    assert french.str.startswith("Ville ").all()
    assert table["group_id"].notna().mean() == pytest.approx(0.13, abs=0.04)
