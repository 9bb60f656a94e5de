"""What codes are called on the page, in one place; sentences stand in the templates as `_("…")`."""

from collections.abc import Mapping, Sequence


def N_(text: str) -> str:
    """Mark `text` for the catalogues; the template translates it. A percent sign is written %%."""
    return text


ROLES: Mapping[str, str] = {
    "viewer": N_("Viewer"),
    "underwriter": N_("Underwriter"),
    "risk-admin": N_("Risk administrator"),
    "data-scientist": N_("Data scientist"),
    "engine": N_("Limit engine"),
}

PERMISSIONS: Mapping[str, str] = {
    "read": N_("See buyers, scores, decisions, alerts and models"),
    "decide": N_("Ask for decisions, which are kept"),
    "simulate": N_("Ask what if, run scenarios"),
    "declare": N_("Declare overdues and claims"),
    "override": N_("Override decisions, decide referrals"),
    "triage": N_("Acknowledge, snooze and assign alerts"),
    "import": N_("Load tables"),
    "govern": N_("Change the policy, people and keys"),
}

# Words of the trade: what they are called and what they mean.
GLOSSARY: Mapping[str, tuple[str, str]] = {
    "default_probability": (
        N_("Default probability"),
        N_(
            "The chance that this buyer defaults within twelve months of the day: insolvency, a "
            "claim, or a bill left unpaid for long"
        ),
    ),
    "grade": (
        N_("Grade"),
        N_("A band of default probability on a scale that does not move when the model does"),
    ),
    "log_odds": (
        N_("Log-odds"),
        N_("Logarithm of default against no default: the scale on which effects add up"),
    ),
    "limit": (N_("Limit"), N_("The most that this buyer may owe us at any moment")),
    "binding": (N_("binds"), N_("The least of the amounts is the limit: this one decides")),
    "need": (
        N_("Need"),
        N_("What the buyer would owe at its peak: purchases over terms and usual delay"),
    ),
    "expected_loss": (
        N_("Expected loss"),
        N_("Default probability × share lost in a default × limit, over twelve months"),
    ),
    "dbt": (
        N_("Days beyond terms"),
        N_("How long after its due date an invoice is paid, on average by amount"),
    ),
    "ageing": (
        N_("Open balance by age"),
        N_("What the buyer owes, by days past the due date; disputes and credits stand apart"),
    ),
    "track_record": (
        N_("Track record"),
        N_(
            "How often buyers of this grade defaulted when the model was validated, on years that "
            "it had not learned from, with Jeffreys' 95 %% interval"
        ),
    ),
    "waterfall": (
        N_("Risk"),
        N_("Step by step from the average buyer to this one: red raises the risk, green lowers it"),
    ),
    "probability_effect": (
        N_("Probability"),
        N_("The topic's share in the probability, in percentage points"),
    ),
    "limit_effect": (N_("Limit"), N_("The topic's share in the limit")),
    "capacity_effect": (
        N_("Capacity"),
        N_(
            "The need decides, so no topic moves the limit: this is the topic's share in the most "
            "that we would risk on the buyer"
        ),
    ),
    "in_force": (
        N_("In force so far"),
        N_("The limit granted before, over all suppliers: cut at once, raised once confirmed"),
    ),
    "owed_now": (N_("Owed now"), N_("All that the buyer owes on that day, to all suppliers")),
    "available": (
        N_("Still free"),
        N_("What may still be delivered within this limit; deliveries made stay covered"),
    ),
    "top_up": (
        N_("Top-up"),
        N_("An amount for some weeks beside the limit: for a season or one large order"),
    ),
    "premium_rate": (
        N_("Premium rate"),
        N_(
            "What insuring this buyer would cost, as a share of its purchases; the usual lies "
            "between 0.1 and 1 %%"
        ),
    ),
    "return_on_capital": (
        N_("Return on capital"),
        N_("A year's margin less expected loss, over the capital that the limit ties up"),
    ),
    "interval": (
        N_("Interval"),
        N_(
            "The rate of default that buyers of this grade showed, and Jeffreys' 95 %% interval "
            "of it: the true rate lies there, all but one time in twenty"
        ),
    ),
    "group_left": (
        N_("Left to the group"),
        N_("The group's cap less what its other companies use"),
    ),
    "guarantee": (N_("Guarantee"), N_("What a bank pays on first demand")),
    "title": (N_("Retention of title"), N_("The goods stay ours until they are paid")),
    "surety": (N_("Surety"), N_("A third party answers for the debt")),
    "ebitda": (
        N_("EBITDA"),
        N_("Earnings before interest, tax, depreciation and amortisation"),
    ),
    "median": (
        N_("Sector's median"),
        N_("Half of the buyers of the same trade lie above it, half below, on the same day"),
    ),
    "exposure": (N_("Exposure"), N_("What the buyer owes at a given moment")),
    "limit_in_force": (
        N_("Limit in force"),
        N_("The limit that holds now: cut at once, raised once the raise is confirmed"),
    ),
    "limit_use": (N_("Limit used"), N_("What is owed over the limit in force")),
    "above_limit": (
        N_("Above limit"),
        N_("What buyers owe beyond their limits in force, buyer by buyer"),
    ),
    "auc": (
        N_("AUC"),
        N_("Chance that a buyer who defaults was given a higher probability than one who does not"),
    ),
    "brier": (
        N_("Brier score"),
        N_("Mean squared difference of probability and outcome: smaller is better"),
    ),
    "calibration_slope": (
        N_("Calibration slope"),
        N_("1 where probabilities spread as outcomes do; below 1 they spread too far"),
    ),
    "stability": (
        N_("Stability index"),
        N_("How far a distribution moved: under 0.10 is usually called stable, above 0.25 another"),
    ),
    "age_p50": (N_("Age, half below"), N_("Half of all referrals were or are younger")),
    "age_p95": (N_("Age, 95 in 100 below"), N_("One referral in twenty is or was older")),
    "override_gain": (
        N_("Gain at full use"),
        N_(
            "Loss given default × what people granted less than the model, of buyers that "
            "defaulted; negative where they granted more"
        ),
    ),
    "herfindahl": (
        N_("Herfindahl index"),
        N_("Sum of the squared shares: 1 where all stands on one name, near 0 where it is spread"),
    ),
}

SECTIONS: Mapping[str, str] = {
    "A": N_("Agriculture, forestry and fishing"),
    "B": N_("Mining and quarrying"),
    "C": N_("Manufacturing"),
    "D": N_("Electricity and gas"),
    "E": N_("Water and waste"),
    "F": N_("Construction"),
    "G": N_("Trade"),
    "H": N_("Transport and storage"),
    "I": N_("Accommodation and food"),
    "J": N_("Information and communication"),
    "K": N_("Finance and insurance"),
    "L": N_("Real estate"),
    "M": N_("Professional and technical"),
    "N": N_("Administrative and support"),
    "O": N_("Public administration"),
    "P": N_("Education"),
    "Q": N_("Health and social work"),
    "R": N_("Arts and recreation"),
    "S": N_("Other services"),
    "T": N_("Households"),
    "U": N_("Extraterritorial bodies"),
}

DECISIONS: Mapping[str, str] = {
    "full": N_("Granted in full"),
    "partial": N_("Granted in part"),
    "refused": N_("Refused"),
    "referred": N_("Referred to an underwriter"),
}

DONE: Mapping[str, str] = {
    "accept": N_("Accepted: the decision is kept."),
    "modify": N_("Modified: your value is in force, the model's is kept beside it."),
    "refuse": N_("Refused: the decision is kept, the model's value beside it."),
    "refer": N_("Referred: a colleague decides within 24 hours."),
}

# Reasons of an answer that the buyer page tells in their own place.
SAID_ELSEWHERE = ("overlay", "override_limit", "override_grade")

CHANGES: Mapping[str, str] = {
    "granted": N_("granted anew"),
    "raised": N_("raised"),
    "kept": N_("kept"),
    "held": N_("held until confirmed"),
    "reduced": N_("reduced"),
    "withdrawn": N_("withdrawn"),
}

PREMIUMS: Mapping[str, str] = {"below": N_("low"), "within": "", "above": N_("high")}

CANDIDATES: Mapping[str, str] = {
    "need": N_("Need"),
    "net_worth_share": N_("Share of net worth"),
    "turnover_share": N_("Share of turnover"),
    "expected_loss_budget": N_("Expected-loss budget"),
    "return_hurdle": N_("Return on capital"),
    "grade_cap": N_("Ceiling of the grade"),
    "thin_file_cap": N_("Ceiling without accounts"),
    "stale_accounts_cap": N_("Ceiling with old accounts"),
    "overlay": N_("Committee's overlay"),
    "single_name_cap": N_("Single-name cap"),
    "group_cap": N_("Group cap"),
    "country_cap": N_("Country cap"),
    "sector_cap": N_("Sector cap"),
    "unconfirmed_raise": N_("In force until a raise is confirmed"),
    "hard_stop": N_("Hard stop"),
}

CANDIDATE_MEANINGS: Mapping[str, str] = {
    "need": N_("What the buyer would owe at its peak: purchases over terms and usual delay"),
    "net_worth_share": N_("A share of its net worth, the smaller the worse the grade"),
    "turnover_share": N_("A share of its yearly turnover, the smaller the worse the grade"),
    "expected_loss_budget": N_("Where the expected loss of a year uses up the budget of a buyer"),
    "return_hurdle": N_("The most that still earns the return asked on the capital it ties up"),
    "grade_cap": N_("The most that the policy lets any buyer of this grade owe"),
    "thin_file_cap": N_("The most where neither net worth nor turnover is known"),
    "stale_accounts_cap": N_("The most where the last accounts are too old"),
    "overlay": N_("A judgment of the credit committee on the sector or country, which tightens"),
    "single_name_cap": N_("The most on any one buyer"),
    "group_cap": N_("What the cap on the buyer's group leaves"),
    "country_cap": N_("The most on a buyer in a country of this grade"),
    "sector_cap": N_("The most on a buyer of this sector"),
    "unconfirmed_raise": N_("What is in force: a raise waits until some days confirm it"),
    "hard_stop": N_("Insolvency, default, or an entity that is not scored: no limit"),
}

FLAGS: Mapping[str, tuple[str, str]] = {
    "thin_file": (
        N_("Thin file"),
        N_("Judged on little: less than three months of payments, or no accounts"),
    ),
    "no_payment_history": (
        N_("No payment history"),
        N_("No invoice of this buyer is known on that day"),
    ),
    "no_accounts": (N_("No accounts"), N_("No annual accounts were published by that day")),
    "stale_accounts": (
        N_("Old accounts"),
        N_("The last accounts are older than the policy accepts"),
    ),
}

BUCKETS: tuple[tuple[str, str], ...] = (
    ("not_due", N_("Not due")),
    ("days_1_30", N_("1–30 days")),
    ("days_31_60", N_("31–60 days")),
    ("days_61_90", N_("61–90 days")),
    ("days_91_180", N_("91–180 days")),
    ("over_180", N_("Over 180 days")),
    ("unallocated_credits", N_("Credits")),
    ("disputed", N_("Disputed")),
)

# Features over the last twelve months, or as they stand; whether a sector's median says anything.
BEHAVIOUR: tuple[tuple[str, str, bool], ...] = (
    ("purchases_12m", N_("Purchases"), False),
    ("dbt_12m", N_("Days beyond terms"), True),
    ("late_share_30_12m", N_("Over 30 days late"), True),
    ("overdue_amount", N_("Overdue now"), False),
    ("purchase_terms_days", N_("Terms granted"), True),
    ("disputed_share_12m", N_("Disputed"), True),
)

ACCOUNTS: tuple[tuple[str, str], ...] = (
    ("revenue", N_("Revenue")),
    ("ebitda", N_("EBITDA")),
    ("net_income", N_("Net income")),
    ("total_assets", N_("Total assets")),
    ("equity", N_("Equity")),
    ("financial_debt", N_("Financial debt")),
    ("cash", N_("Cash")),
)

# The lines of new accounts, in the order of a form.
STATEMENT: Mapping[str, str] = {
    "revenue": N_("Revenue"),
    "cost_of_sales": N_("Cost of sales"),
    "personnel": N_("Personnel"),
    "ebitda": N_("EBITDA"),
    "ebit": N_("Operating result"),
    "interest": N_("Interest"),
    "net_income": N_("Net income"),
    "operating_cash_flow": N_("Operating cash flow"),
    "total_assets": N_("Total assets"),
    "current_assets": N_("Current assets"),
    "inventory": N_("Inventory"),
    "receivables": N_("Receivables"),
    "cash": N_("Cash"),
    "equity": N_("Equity"),
    "retained_earnings": N_("Retained earnings"),
    "financial_debt": N_("Financial debt"),
    "total_liabilities": N_("Total liabilities"),
    "current_liabilities": N_("Current liabilities"),
    "payables": N_("Payables"),
}

# Ratios with what they say.
RATIOS: tuple[tuple[str, str, str], ...] = (
    ("equity_ratio", N_("Equity ratio"), N_("Equity as a share of total assets")),
    (
        "current_ratio",
        N_("Current ratio"),
        N_("Current assets over current liabilities: above 1 they cover them"),
    ),
    (
        "net_debt_to_ebitda",
        N_("Net debt to EBITDA"),
        N_("Years of EBITDA that it takes to repay the debt, less the cash"),
    ),
    ("ebitda_margin", N_("EBITDA margin"), N_("EBITDA as a share of revenue")),
    (
        "interest_cover",
        N_("Interest cover"),
        N_("How many times the operating result pays the interest"),
    ),
)

INCIDENTS: Mapping[str, str] = {
    "overdue_declared": N_("Overdue declared"),
    "claim": N_("Claim"),
    "protracted_default": N_("Protracted default"),
    "insolvency_opened": N_("Insolvency opened"),
    "judgment": N_("Judgment"),
    "cure": N_("Cured"),
}

# Conditions that are a field of the what-if.
TRIED: Mapping[str, str] = {
    "retention_of_title": "title",
    "shorter_terms": "terms",
    "bank_guarantee": "guarantee",
}

# What a what-if can change beside payments: label, unit of a step.
LEVERS: Mapping[str, tuple[str, str]] = {
    "settle_overdue": (N_("Overdue invoices settled"), ""),
    "cure_events": (N_("Events cured"), ""),
    "publish_accounts": (N_("Years of accounts added"), ""),
    "certify_accounts": (N_("Accounts certified"), ""),
    "raise_capital": (N_("New equity, of assets"), "%"),
}


SCENARIOS: Mapping[str, str] = {
    "baseline": N_("Baseline"),
    "sector-shock": N_("Sector shock"),
    "export-expansion": N_("Export expansion"),
}

VERDICTS: Mapping[str, str] = {
    "PASS": N_("Pass"),
    "WARN": N_("Warning"),
    "FAIL": N_("Fail"),
    "NONE": N_("Not judged"),
}

# Fields that a problem names, as the pages call them.
FIELDS: Mapping[str, str] = {
    "request": N_("What was sent"),
    "buyer_id": N_("Id"),
    "as_of_date": N_("Day"),
    "requested_amount": N_("Amount asked"),
    "terms_days": N_("Terms, days"),
    "guarantee_amount": N_("Bank guarantee"),
    "top_up_amount": N_("Top-up"),
    "top_up_until": N_("Top-up until"),
    "payment_days": N_("Pays sooner (−) or later (+)"),
    "entity_type": N_("Kind of buyer"),
    "limit": N_("Limit"),
    "grade": N_("Grade"),
    "reason": N_("Reason"),
    "expires_on": N_("In force until"),
    "until": N_("Snooze until"),
    "to": N_("Assign to"),
    "name": N_("Name"),
    "file": N_("File"),
    "accounts_file": N_("File"),
    "statements": N_("Accounts"),
    "probability_from": N_("Default from, %%"),
    "probability_to": N_("to, %%"),
}

# What may fire on a buyer, by surveillance's name of the rule.
RULES: Mapping[str, str] = {
    "incident": N_("Incident"),
    "overdue": N_("Overdue"),
    "grade_drop": N_("Grade worse"),
    "probability_ratio": N_("Probability up"),
    "limit_use": N_("Limit used up"),
    "limit_cut": N_("Limit cut"),
    "stale_accounts": N_("Old accounts"),
    "limit_raise": N_("Raise proposed"),
    "stale_tables": N_("Old tables"),
}

ALERT_STATES: Mapping[str, str] = {
    "open": N_("Open"),
    "assigned": N_("Assigned"),
    "snoozed": N_("Snoozed"),
    "acknowledged": N_("Acknowledged"),
}


# Columns of a ledger that is imported: what they are called, and what they mean.
RAW: Mapping[str, tuple[str, str]] = {
    "invoice_id": (N_("Invoice number"), N_("Tells one invoice from the others")),
    "buyer_id": (N_("Buyer's id"), N_("The customer number or account: who owes")),
    "supplier_id": (N_("Supplier's id"), N_("Who sells on credit, where there are several")),
    "issued_on": (N_("Issued on"), N_("Date of the invoice")),
    "due_on": (N_("Due on"), N_("Contractual due date; else the usual terms below")),
    "paid_on": (N_("Paid on"), N_("Date of the last payment; empty means open")),
    "amount": (N_("Amount"), N_("Including VAT; a credit note is negative")),
    "currency": (N_("Currency"), N_("ISO 4217, like EUR; else the one below")),
    "disputed_on": (N_("Disputed on"), N_("Day the buyer disputed it")),
    "balance_date": (N_("Balance date"), N_("Day of the balance; else the one below")),
    "not_due": (N_("Not due"), N_("Amount not yet due")),
    "days_1_30": (N_("1–30 days"), N_("Amount 1 to 30 days beyond terms")),
    "days_31_60": (N_("31–60 days"), N_("Amount 31 to 60 days beyond terms")),
    "days_61_90": (N_("61–90 days"), N_("Amount 61 to 90 days beyond terms")),
    "days_91_180": (N_("91–180 days"), N_("Amount 91 to 180 days beyond terms")),
    "over_180": (N_("Over 180 days"), N_("Amount more than 180 days beyond terms")),
    "unallocated_credits": (N_("Credits"), N_("Payments set against no invoice, negative")),
    "name": (N_("Buyer's name"), N_("As the ledger writes it")),
    "country": (N_("Country"), N_("ISO code, like FR; else the one below")),
}

STEPS: Mapping[str, str] = {
    "": N_("waiting for its turn"),
    "read": N_("reading and checking the file"),
    "score": N_("scoring the buyers"),
    "shock": N_("applying the scenario"),
    "compare": N_("setting limits under both policies"),
}


def plain(code: str) -> str:
    """A code without words of its own, made readable.

    >>> plain("no_accounts")
    'No accounts'
    """
    return code.replace("_", " ").capitalize()


def tier(grade: str, grades: Sequence[str]) -> int:
    """0 (best) to 4 (worst): which colour a grade wears.

    >>> tier("A", ["A", "B", "C", "D", "E"]), tier("E", ["A", "B", "C", "D", "E"])
    (0, 4)
    """
    return 5 * grades.index(grade) // len(grades)
