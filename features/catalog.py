"""The catalogue: every feature, in the order of the feature frame's columns."""

from functools import cache
from types import ModuleType

from features import context, esg, incidents, profile
from features.accounts import accounts
from features.feature import Feature
from features.payments import ageing, payments, usual

MODULES: tuple[ModuleType, ...] = (
    payments,
    usual,
    ageing,
    accounts,
    incidents,
    profile,
    context,
    esg,
)

CATALOG: tuple[Feature, ...] = tuple(feature for module in MODULES for feature in module.FEATURES)
NAMES: tuple[str, ...] = tuple(feature.name for feature in CATALOG)


@cache
def _columns() -> dict[str, int]:
    return {name: column for column, name in enumerate(NAMES)}


def column(name: str) -> int:
    """The column of a feature in the feature matrix; KeyError names one that does not exist."""
    return _columns()[name]
