"""Who the buyer is: age, size and legal form, from the register of buyers."""

from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from features.arithmetic import Column, logarithm, stack
from features.calendar import DAYS_A_YEAR
from features.facts import NEVER, Facts, Keys
from features.feature import Feature

# Owners' answer for the debts: 1 joint-stock, 2 limited company, 3 partnership, 4 sole trader.
LEGAL_FORMS = {
    **dict.fromkeys(("SA", "SE", "AG", "PLC", "SPA", "NV", "AB", "OYJ", "INC", "CORP"), 1.0),
    **dict.fromkeys(("SAS", "SASU", "SARL", "EURL", "SRL", "SL", "LDA"), 2.0),
    **dict.fromkeys(("GMBH", "UG", "LTD", "LLC", "BV", "BVBA", "OY", "APS", "SPZOO"), 2.0),
    **dict.fromkeys(("SNC", "SCS", "SCA", "GMBHCOKG", "KG", "OHG", "LP", "LLP", "VOF", "CV"), 3.0),
    **dict.fromkeys(("EI", "EIRL", "EK", "SOLETRADER", "EENMANSZAAK"), 4.0),
}

_feature = partial(
    Feature, topic="profile", source="buyers", known="identity data, as held in the register"
)

FEATURES = (
    _feature(
        name="firm_age_years",
        unit="years",
        formula="years from registration to as_of_date, not below zero",
        monotone=-1,
        why="most failures come in the first years",
        en="age of the firm",
        fr="ancienneté de l'entreprise",
    ),
    _feature(
        name="log_employees",
        unit="log count",
        formula="ln(1 + employees)",
        monotone=-1,
        why="larger firms have more to draw on",
        en="employees",
        fr="effectif",
    ),
    _feature(
        name="group_member",
        unit="flag",
        formula="an ultimate parent is registered",
        monotone=0,
        why="a parent may help, or take",
        en="member of a group",
        fr="appartenance à un groupe",
    ),
    _feature(
        name="legal_form_grade",
        unit="grade",
        formula="1 joint-stock, 2 limited company, 3 partnership, 4 sole trader; else missing",
        monotone=0,
        why="less capital is asked of higher grades, but their owners answer for the debts",
        en="legal form",
        fr="forme juridique",
    ),
)


def build(facts: Facts, keys: Keys) -> NDArray[np.float64]:
    """The profile features, shape (len(keys), len(FEATURES)); a buyer has one row of identity."""
    buyers = facts["buyers"]
    row = buyers.start[keys.buyer]
    founded = buyers["founded_on"][row]
    age = np.where(founded == NEVER, np.nan, np.maximum(keys.as_of - founded, 0) / DAYS_A_YEAR)
    columns = {
        "firm_age_years": age,
        "log_employees": logarithm(1.0 + buyers["employees"][row]),
        "group_member": (buyers["group_id"][row] >= 0).astype(np.float64),
        "legal_form_grade": facts.once(_legal_form_grades)[buyers["legal_form"][row]],
    }
    return stack(columns, FEATURES)


def _legal_form_grades(facts: Facts) -> Column:
    """The grade of each legal form that buyers have and, last, of an unknown one."""
    forms = facts["buyers"].labels["legal_form"].tolist()
    return np.array([*(_grade(form) for form in forms), np.nan])


@lru_cache(maxsize=10_000)
def _grade(form: str) -> float:
    """Letters alone count: "S.A.R.L." and "sarl" are the same."""
    return LEGAL_FORMS.get("".join(filter(str.isalpha, form)).upper(), np.nan)
