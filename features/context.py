"""Sector and country: the buyer's surroundings, graded as published by as_of_date."""

import numpy as np
from numpy.typing import NDArray

from features.arithmetic import Column, stack
from features.as_of import latest, pick
from features.facts import Facts, Keys
from features.feature import Feature
from features.tables import TABLES

YEAR = np.int32(365)
PUBLISHED = "latest value published by as_of_date"
SECTION = 1  # letters of a NACE code that say its section

FEATURES = (
    Feature(
        "country_grade",
        topic="context",
        unit="grade",
        formula="grade of the buyer's country, 1 (best) to 8 (worst)",
        source="country_risk",
        known=PUBLISHED,
        monotone=1,
        why="a country in crisis takes its firms with it",
        en="country grade",
        fr="note du pays",
    ),
    Feature(
        "country_grade_change_1y",
        topic="context",
        unit="grade",
        formula="country grade less the one published a year earlier",
        source="country_risk",
        known=PUBLISHED,
        monotone=1,
        why="a downgrade says where the country is going",
        en="country grade change over 1 year",
        fr="évolution de la note du pays sur 1 an",
    ),
    Feature(
        "sector_failure_rate",
        topic="context",
        unit="rate",
        formula="failures per 100 firms and year in the buyer's NACE section",
        source="sector_risk",
        known=PUBLISHED,
        monotone=1,
        why="the base rate of the trade",
        en="failure rate of the sector",
        fr="taux de défaillance du secteur",
    ),
    Feature(
        "sector_failure_rate_change_1y",
        topic="context",
        unit="rate",
        formula="sector failure rate less the one published a year earlier",
        source="sector_risk",
        known=PUBLISHED,
        monotone=1,
        why="the cycle of the trade turns down",
        en="sector failure rate change over 1 year",
        fr="évolution du taux de défaillance du secteur sur 1 an",
    ),
)


def build(facts: Facts, keys: Keys) -> NDArray[np.float64]:
    """The context features, shape (len(keys), len(FEATURES)); missing where not graded."""
    country = owner(facts, keys, "country", "country_risk")
    sector = owner(facts, keys, "sector", "sector_risk")
    country_now = _grade(facts, "country_risk", country, keys.as_of)
    sector_now = _grade(facts, "sector_risk", sector, keys.as_of)
    a_year_ago = keys.as_of - YEAR
    columns = {
        "country_grade": country_now,
        "country_grade_change_1y": country_now - _grade(facts, "country_risk", country, a_year_ago),
        "sector_failure_rate": sector_now,
        "sector_failure_rate_change_1y": sector_now
        - _grade(facts, "sector_risk", sector, a_year_ago),
    }
    return stack(columns, FEATURES)


def owner(facts: Facts, keys: Keys, column: str, table: str) -> NDArray[np.int64]:
    """Whose rows of a shared table are those of each key's `column`, country or sector; -1: none's.

    Tables of sectors are by NACE section.
    """
    buyers = facts["buyers"]
    return facts.once(_owners, column, table)[buyers[column][buyers.start[keys.buyer]]]


def sections(sectors: NDArray[np.str_]) -> NDArray[np.str_]:
    """The NACE section of each sector, "" where the sector is.

    >>> sections(np.array(["C25.1", ""])).tolist()
    ['C', '']
    """
    return sectors.astype(f"U{SECTION}")


def _owners(facts: Facts, column: str, table: str) -> NDArray[np.int64]:
    """The code in the shared table of each of the buyers' labels and, last, of a null one."""
    labels = facts["buyers"].labels[column]
    if column == "sector":
        labels = sections(labels)
    known = facts[table].labels[TABLES[table].key[0]].tolist()
    code_of = {label: code for code, label in enumerate(known)}
    return np.array([*(code_of.get(label, -1) for label in labels.tolist()), -1], np.int64)


def _grade(facts: Facts, table: str, owner: NDArray[np.int64], as_of: NDArray[np.int32]) -> Column:
    rows = facts[table]
    return pick(rows["grade"], latest(rows, "rated_on", owner, as_of))
