"""Why a limit is what it is: the candidates by name, the situations met, and their words."""

from typing import Final

CANDIDATES: Final = (
    "need",
    # what we would risk on the buyer: a bank guarantee adds to these
    "net_worth_share",
    "turnover_share",
    "expected_loss_budget",
    "return_hurdle",
    "grade_cap",
    "thin_file_cap",
    "stale_accounts_cap",
    "overlay",
    # what the portfolio bears: nothing adds to these
    "single_name_cap",
    "group_cap",
    "country_cap",
    "sector_cap",
    "unconfirmed_raise",
    "hard_stop",
)

# Bit i of Limits.reasons stands for the i-th code; the binding candidates follow the situations.
SITUATIONS: Final[dict[str, tuple[str, str]]] = {
    "insolvency_open": ("Insolvency proceedings are open", "Procédure collective ouverte"),
    "in_default": ("The buyer is in default", "L'acheteur est en défaut"),
    "entity_refused": (
        "The policy does not score this kind of entity",
        "La politique ne note pas ce type d'entité",
    ),
    "no_score": ("No default probability is known", "Probabilité de défaut inconnue"),
    "cut_off": (
        "The grade is at or beyond the cut-off grade",
        "La note atteint ou dépasse la note d'exclusion",
    ),
    "entity_referred": (
        "An underwriter decides on this kind of entity",
        "Un arbitre décide pour ce type d'entité",
    ),
    "above_discretion": (
        "The amount is above the discretionary limit",
        "Le montant dépasse la délégation automatique",
    ),
    "thin_file": ("Neither net worth nor turnover is known", "Ni fonds propres ni CA connus"),
    "stale_accounts": ("The last accounts are too old", "Les derniers comptes sont trop anciens"),
    "overlay": (
        "An overlay of the committee on the sector or country applies",
        "Une mesure du comité sur le secteur ou le pays s'applique",
    ),
}
BINDING: Final[dict[str, tuple[str, str]]] = {
    "need": ("The need binds", "Le besoin est la contrainte"),
    "net_worth_share": (
        "The share of net worth allowed at this grade binds",
        "La part des fonds propres admise à cette note est la contrainte",
    ),
    "turnover_share": (
        "The share of turnover allowed at this grade binds",
        "La part du chiffre d'affaires admise à cette note est la contrainte",
    ),
    "expected_loss_budget": (
        "The expected-loss budget binds",
        "Le budget de perte attendue est la contrainte",
    ),
    "return_hurdle": (
        "The return asked on capital binds",
        "Le rendement exigé du capital est la contrainte",
    ),
    "grade_cap": ("The ceiling of the grade binds", "Le plafond de la note est la contrainte"),
    "thin_file_cap": (
        "The ceiling for buyers without accounts binds",
        "Le plafond des acheteurs sans comptes est la contrainte",
    ),
    "stale_accounts_cap": (
        "The ceiling for buyers with old accounts binds",
        "Le plafond des acheteurs aux comptes anciens est la contrainte",
    ),
    "overlay": (
        "The overlay on the sector or country binds",
        "La mesure sur le secteur ou le pays est la contrainte",
    ),
    "single_name_cap": ("The single-name cap binds", "Le plafond par acheteur est la contrainte"),
    "group_cap": ("The group cap binds", "Le plafond du groupe est la contrainte"),
    "country_cap": ("The country cap binds", "Le plafond du pays est la contrainte"),
    "sector_cap": ("The sector cap binds", "Le plafond du secteur est la contrainte"),
    "unconfirmed_raise": (
        "A raise of the limit in force waits until it is confirmed and large enough",
        "La hausse de la limite en vigueur attend d'être confirmée et suffisante",
    ),
    "hard_stop": ("No limit is possible", "Aucune limite n'est possible"),
}
REASONS: Final = (*SITUATIONS.items(), *((f"binding_{c}", BINDING[c]) for c in CANDIDATES))


def reasons(mask: int, language: str = "en") -> list[dict[str, str]]:
    """The reasons in a mask, as code and text (`language` "en" or "fr").

    >>> reasons(1 << 7)
    [{'code': 'thin_file', 'text': 'Neither net worth nor turnover is known'}]
    """
    words = ("en", "fr").index(language)
    return [
        {"code": code, "text": text[words]}
        for bit, (code, text) in enumerate(REASONS)
        if mask >> bit & 1
    ]
