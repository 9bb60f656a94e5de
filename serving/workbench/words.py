"""What codes are called on the page, in one place; sentences stand in the templates as `_("…")`."""

from collections.abc import Mapping, Sequence

SECTIONS: Mapping[str, str] = {
    "A": "Agriculture, forestry and fishing",
    "B": "Mining and quarrying",
    "C": "Manufacturing",
    "D": "Electricity and gas",
    "E": "Water and waste",
    "F": "Construction",
    "G": "Trade",
    "H": "Transport and storage",
    "I": "Accommodation and food",
    "J": "Information and communication",
    "K": "Finance and insurance",
    "L": "Real estate",
    "M": "Professional and technical",
    "N": "Administrative and support",
    "O": "Public administration",
    "P": "Education",
    "Q": "Health and social work",
    "R": "Arts and recreation",
    "S": "Other services",
    "T": "Households",
    "U": "Extraterritorial bodies",
}

DECISIONS: Mapping[str, str] = {
    "full": "Granted in full",
    "partial": "Granted in part",
    "refused": "Refused",
    "referred": "Referred to an underwriter",
}

CANDIDATES: Mapping[str, str] = {
    "need": "Need",
    "net_worth_share": "Share of net worth",
    "turnover_share": "Share of turnover",
    "expected_loss_budget": "Expected-loss budget",
    "return_hurdle": "Return on capital",
    "grade_cap": "Ceiling of the grade",
    "thin_file_cap": "Ceiling without accounts",
    "stale_accounts_cap": "Ceiling with old accounts",
    "overlay": "Committee's overlay",
    "single_name_cap": "Single-name cap",
    "group_cap": "Group cap",
    "country_cap": "Country cap",
    "sector_cap": "Sector cap",
    "hard_stop": "Hard stop",
}

FLAGS: Mapping[str, tuple[str, str]] = {
    "thin_file": (
        "Thin file",
        "Judged on little: less than three months of payments, or no accounts",
    ),
    "no_payment_history": ("No payment history", "No invoice of this buyer is known on that day"),
    "no_accounts": ("No accounts", "No annual accounts were published by that day"),
    "stale_accounts": ("Old accounts", "The last accounts are older than the policy accepts"),
}

BUCKETS: tuple[tuple[str, str], ...] = (
    ("not_due", "Not due"),
    ("days_1_30", "1–30 days"),
    ("days_31_60", "31–60 days"),
    ("days_61_90", "61–90 days"),
    ("days_91_180", "91–180 days"),
    ("over_180", "Over 180 days"),
    ("unallocated_credits", "Credits"),
    ("disputed", "Disputed"),
)

# Features over the last twelve months, or as they stand.
BEHAVIOUR: tuple[tuple[str, str], ...] = (
    ("purchases_12m", "Purchases"),
    ("purchase_terms_days", "Terms granted"),
    ("dbt_12m", "Days beyond terms"),
    ("late_share_30_12m", "Over 30 days late"),
    ("overdue_amount", "Overdue now"),
    ("months_of_history", "History known"),
)

ACCOUNTS: tuple[tuple[str, str], ...] = (
    ("revenue", "Revenue"),
    ("ebitda", "EBITDA"),
    ("net_income", "Net income"),
    ("operating_cash_flow", "Operating cash flow"),
    ("total_assets", "Total assets"),
    ("equity", "Equity"),
    ("financial_debt", "Financial debt"),
    ("cash", "Cash"),
)


def plain(code: str) -> str:
    """A code without words of its own, made readable.

    >>> plain("no_accounts")
    'No accounts'
    """
    return code.replace("_", " ").capitalize()


def sector(code: str) -> str:
    """A NACE code with the name of its section.

    >>> sector("C25")
    'C25 · Manufacturing'
    """
    return f"{code} · {name}" if (name := SECTIONS.get(code[:1])) else code


def odds(probability: float) -> str:
    """A probability as one in so many.

    >>> odds(0.0231)
    'about 1 in 43'
    """
    return f"about 1 in {1 / probability:,.0f}" if probability > 0 else "none"


def tier(grade: str, grades: Sequence[str]) -> int:
    """0 (best) to 4 (worst): which colour a grade wears.

    >>> tier("A", ["A", "B", "C", "D", "E"]), tier("E", ["A", "B", "C", "D", "E"])
    (0, 4)
    """
    return 5 * grades.index(grade) // len(grades)
