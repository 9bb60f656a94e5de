"""What a feature is: its meaning, sign and words. The formulas live in the topic modules."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Role = Literal["model", "limit"]

# Topics are the players of the explanation: each answers one question an underwriter asks.
TOPICS: dict[str, tuple[str, str]] = {
    "payment_behaviour": ("Payment behaviour", "Comportement de paiement"),
    "overdue": ("Overdue balance", "Encours échu"),
    "trade": ("Trading relationship", "Relation commerciale"),
    "liquidity": ("Liquidity", "Liquidité"),
    "leverage": ("Debt and solidity", "Endettement et solidité"),
    "profitability": ("Profitability and coverage", "Rentabilité et couverture"),
    "activity": ("Working capital cycle", "Cycle d'exploitation"),
    "growth": ("Growth and stability", "Croissance et stabilité"),
    "disclosure": ("Published accounts", "Publication des comptes"),
    "incidents": ("Legal and credit events", "Événements juridiques et de crédit"),
    "profile": ("Age and size", "Âge et taille"),
    "context": ("Sector and country", "Secteur et pays"),
    "esg": ("ESG", "ESG"),
}


@dataclass(frozen=True)
class Feature:
    """One column of the feature frame.

    `monotone` is +1 where a higher value may only raise the default probability, -1 where it may
    only lower it, 0 where theory gives no sign; `why` is the reason for that choice. `role` says
    who reads it: the default model, or only the limit engine (amounts in euros). `known` is the
    rule that keeps it free of look-ahead. `actionable` marks facts a buyer can change.
    """

    name: str
    topic: str
    unit: str
    formula: str
    source: str
    known: str
    monotone: Literal[-1, 0, 1]
    why: str
    en: str
    fr: str
    role: Role = "model"
    actionable: bool = False

    def __post_init__(self) -> None:
        if self.topic not in TOPICS:
            raise ValueError(f"feature {self.name!r}: unknown topic {self.topic!r}")

    @cached_property
    def labels(self) -> dict[str, str]:
        """Its name to begin a sentence with, by language."""
        names = {"en": self.en, "fr": self.fr}
        return {language: name[:1].upper() + name[1:] for language, name in names.items()}
