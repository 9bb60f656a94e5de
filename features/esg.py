"""ESG ratings, where a source gives them: the pillars, the controversy, the age of the rating."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from features.arithmetic import stack
from features.as_of import latest, pick
from features.calendar import DAYS_A_MONTH
from features.facts import Facts, Keys
from features.feature import Feature

_feature = partial(Feature, topic="esg", source="esg", known="last rating published by as_of_date")

FEATURES = (
    _feature(
        name="esg_environment",
        unit="points",
        formula="environment pillar, 0 (worst) to 100 (best)",
        monotone=-1,
        why="rules and clean-up costs hit the laggards",
        en="environment rating",
        fr="note environnementale",
        actionable=True,
    ),
    _feature(
        name="esg_social",
        unit="points",
        formula="social pillar, 0 (worst) to 100 (best)",
        monotone=-1,
        why="strikes and lawsuits cost",
        en="social rating",
        fr="note sociale",
        actionable=True,
    ),
    _feature(
        name="esg_governance",
        unit="points",
        formula="governance pillar, 0 (worst) to 100 (best)",
        monotone=-1,
        why="weak control comes before fraud and failure",
        en="governance rating",
        fr="note de gouvernance",
        actionable=True,
    ),
    _feature(
        name="esg_controversy",
        unit="points",
        formula="controversy, 0 (none) to 5 (severe)",
        monotone=1,
        why="a scandal costs customers and lenders",
        en="ESG controversy",
        fr="controverse ESG",
    ),
    _feature(
        name="esg_age_months",
        unit="months",
        formula="months from the last rating known to as_of_date",
        monotone=0,
        why="says how far the rating can be trusted, not what it would be",
        en="age of the ESG rating",
        fr="ancienneté de la note ESG",
    ),
)


def build(facts: Facts, keys: Keys) -> NDArray[np.float64]:
    """The ESG features, shape (len(keys), len(FEATURES)); all missing where the table is absent."""
    esg = facts["esg"]
    row = latest(esg, "rated_on", keys.buyer, keys.as_of)
    columns = {
        "esg_environment": pick(esg["environment"], row),
        "esg_social": pick(esg["social"], row),
        "esg_governance": pick(esg["governance"], row),
        "esg_controversy": pick(esg["controversy"], row),
        "esg_age_months": (keys.as_of - pick(esg["rated_on"], row)) / DAYS_A_MONTH,
    }
    return stack(columns, FEATURES)
