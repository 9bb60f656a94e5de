"""The kernel against a pure-Python oracle that reads the catalogue's formulas literally."""

import calendar
import math
import random
from datetime import date, timedelta
from statistics import stdev

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.facts import Facts, Keys
from features.payments import payments
from features.payments.payments import FEATURES, payment_index

EPOCH = date(1970, 1, 1)
AS_OF = 20_000
SEEDS = st.integers(0, 2**32 - 1)
WINDOWS = {3: 91, 6: 182, 12: 365, 24: 730}
QUOTES = {"USD": [(AS_OF - 400, 0.9), (AS_OF - 30, 0.8), (AS_OF + 10, 0.5)]}

EUROS = {"buyer_id": "B0", "supplier_id": "S", "amount": 100.0, "currency": "EUR"}

Row = dict


def draw(rng: random.Random, buyers: int = 1) -> tuple[list[Row], list[Row]]:
    """Invoices as ledgers have them, the clean and the dirty, and their part payments."""
    invoices, parts = [], []
    for number in range(rng.randrange(40)):
        issued = AS_OF + rng.randint(-900, 60)
        due = issued + rng.choice([-5, 0, 30, 45, 60, 62, 75, 90, 800])
        invoice = {
            "invoice_id": f"I{number}",
            "buyer_id": f"B{rng.randrange(buyers)}",
            "supplier_id": rng.choice([None, "S1", "S2", "S3"]),
            "issued_on": issued,
            "due_on": None if rng.random() < 0.05 else due,
            "paid_on": due + rng.randint(-60, 200) if rng.random() < 0.8 else None,
            "amount": rng.choice([None, 0.0, -50.0, *(round(rng.lognormvariate(6, 1), 2),) * 9]),
            "currency": rng.choice(["EUR", "EUR", None, "USD", "XTS"]),
            "disputed_on": issued + rng.randint(0, 150) if rng.random() < 0.1 else None,
        }
        invoices.append(invoice)
        for _ in range(rng.choice([0, 0, 0, 1, 2, 3])):
            parts.append(
                {
                    "invoice_id": invoice["invoice_id"],
                    "buyer_id": invoice["buyer_id"],
                    "paid_on": issued + rng.randint(0, 250),
                    "amount": rng.choice([None, 10.0, (invoice["amount"] or 0.0) * 0.6]),
                }
            )
    return invoices, parts


def tables(invoices: list[Row], parts: list[Row], buyers: int = 1) -> dict[str, pa.Table]:
    quotes = [(currency, *quote) for currency in QUOTES for quote in QUOTES[currency]]
    rows = {
        "buyers": [{"buyer_id": f"B{n}", "country": "FR"} for n in range(buyers)],
        "invoices": invoices,
        "payments": parts,
        "fx": [dict(zip(("currency", "quoted_on", "rate"), q, strict=True)) for q in quotes],
    }
    return {name: to_arrow(of_name) for name, of_name in rows.items() if of_name}


def to_arrow(rows: list[Row]) -> pa.Table:
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    kinds = {"amount": pa.float64()}
    return pa.table(
        {
            name: pa.array(values, pa.int32()).cast(pa.date32())
            if name.endswith("_on")
            else pa.array(values, kinds.get(name, pa.string() if name != "rate" else None))
            for name, values in columns.items()
        }
    )


def build(invoices: list[Row], parts: list[Row], as_of: int = AS_OF) -> np.ndarray:
    facts = Facts.of(tables(invoices, parts))
    return payments.build(facts, Keys(np.array([0]), np.array([as_of], np.int32)))[0]


def one(*invoices: Row, parts: tuple[Row, ...] = ()) -> dict[str, float]:
    """Features of buyer B0 with these invoices; days relative to as_of, 100 euros by default."""
    dates = ("issued_on", "due_on", "paid_on", "disputed_on")
    rows = []
    for number, invoice in enumerate(invoices):
        row = EUROS | {"invoice_id": f"I{number}"} | dict.fromkeys(dates) | invoice
        row["issued_on"] = row["due_on"] - 30 if row["issued_on"] is None else row["issued_on"]
        rows.append(row | {d: None if row[d] is None else AS_OF + row[d] for d in dates})
    paid = [{"buyer_id": "B0"} | part | {"paid_on": AS_OF + part["paid_on"]} for part in parts]
    return dict(zip((f.name for f in FEATURES), build(rows, paid).tolist(), strict=True))


# --- the oracle ------------------------------------------------------------------------------


def rate(currency: str | None, as_of: int) -> float:
    if currency in (None, "EUR"):
        return 1.0
    known = [quote for day, quote in QUOTES.get(currency, []) if day <= as_of]
    return known[-1] if known else math.nan


def cents(amount: float) -> int:
    return round(amount * 100)  # Python, too, rounds half to even


def as_known(invoice: Row, parts: list[Row], as_of: int) -> Row | None:
    """What was known of an invoice on as_of, in cents; None where its amount is of no use."""
    worth = rate(invoice["currency"], as_of)
    if invoice["amount"] is None or math.isnan(worth):
        return None
    known = {"cents": cents(invoice["amount"] * worth), "issued": invoice["issued_on"]}
    known["due"] = (
        math.inf if invoice["due_on"] is None else max(invoice["due_on"], invoice["issued_on"])
    )
    known["disputed"] = invoice["disputed_on"] is not None and invoice["disputed_on"] <= as_of
    known["supplier"] = invoice["supplier_id"]
    mine = sorted(
        (part["paid_on"], part["amount"])
        for part in parts
        if part["invoice_id"] == invoice["invoice_id"]
        and part["buyer_id"] == invoice["buyer_id"]
        and part["amount"] is not None
    )
    settled, received = invoice["paid_on"], 0
    for day, amount in mine:
        received += cents(amount)
        if 0 < cents(invoice["amount"]) <= received:
            settled = day if settled is None else min(settled, day)
            break
    known["settled"] = settled if settled is not None and settled <= as_of else None
    paid = sum(cents(amount * worth) for day, amount in mine if day <= as_of)
    known["open"] = (
        0 if known["settled"] is not None else min(max(known["cents"] - paid, 0), known["cents"])
    )
    first = mine[0][0] if mine else math.inf
    known["in_parts"] = first <= as_of and (known["settled"] is None or first < known["settled"])
    end = as_of if known["settled"] is None else known["settled"]
    known["days"] = end - known["due"]
    known["late"] = max(known["days"], 0)
    return known


def share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan


def mean_late(rows: list[Row]) -> float:
    return share(sum(r["cents"] * r["late"] for r in rows), sum(r["cents"] for r in rows))


def legal(row: Row) -> bool:
    if row["due"] <= row["issued"] + 60:
        return True

    def end_of_month(day: int) -> int:
        on = EPOCH + timedelta(day)
        return day + calendar.monthrange(on.year, on.month)[1] - on.day

    by_end = end_of_month(row["issued"] + 45), end_of_month(row["issued"]) + 45
    return row["due"] <= max(by_end)


def slope(points: list[tuple[int, int]]) -> float:
    if len(points) < 3:
        return math.nan
    x, y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    spread = sum((a - x) ** 2 for a, _ in points)
    if math.sqrt(spread / len(points)) <= 365.25 / 12:
        return math.nan
    return sum((a - x) * (b - y) for a, b in points) / spread * 365.25 / 12


def oracle(invoices: list[Row], parts: list[Row], as_of: int) -> dict[str, float]:
    issued = [i for i in invoices if i["issued_on"] <= as_of]
    rows = [row for i in issued if (row := as_known(i, parts, as_of))]
    due = [r for r in rows if r["cents"] > 0 and r["due"] <= as_of]
    owed = [r for r in due if not r["disputed"]]
    out: dict[str, float] = {}
    for months, window in WINDOWS.items():
        inside = [r for r in owed if r["due"] > as_of - window]
        total, late = sum(r["cents"] for r in inside), [r["late"] for r in inside]
        early = share(sum(r["cents"] * max(r["days"], -30) for r in inside), total)
        dbt = mean_late(inside)
        out |= {
            f"dbt_{months}m": dbt,
            f"dbt_count_{months}m": share(sum(late), len(late)),
            f"payment_index_{months}m": index(dbt if dbt else early),
            f"days_late_max_{months}m": max(late, default=math.nan),
            f"days_late_std_{months}m": stdev(late) if len(late) > 1 else math.nan,
            f"unpaid_share_{months}m": share(sum(r["open"] for r in inside), total),
        }
        for days, name in ((0, "late_share"), *((d, f"late_share_{d}") for d in (30, 60, 90))):
            beyond = sum(r["cents"] for r in inside if r["late"] > days)
            out[f"{name}_{months}m"] = share(beyond, total)
    return out | trends(owed, due, as_of) | purchases(rows, issued, as_of)


def index(days: float) -> float:
    scale = [(-30, 100), (-20, 90), (0, 80), (15, 70), (22, 60), (30, 50), (60, 40), (90, 30)]
    return float(np.interp(days, *zip(*scale, (120, 20), (180, 0), strict=True)))


def trends(owed: list[Row], due: list[Row], as_of: int) -> dict[str, float]:
    def between(newest: int, oldest: int, rows: list[Row] = owed) -> list[Row]:
        return [r for r in rows if newest <= as_of - r["due"] < oldest]

    d3, d6 = mean_late(between(0, 91)), mean_late(between(91, 182))
    year, disputed = between(0, 365), [r for r in between(0, 365, due) if r["disputed"]]
    contested = sum(r["cents"] for r in disputed)
    return {
        "dbt_trend_3m": d3 - d6,
        "dbt_trend_12m": mean_late(year) - mean_late(between(365, 730)),
        "dbt_acceleration": (d3 - d6) - (d6 - mean_late(between(182, 365))),
        "late_slope_12m": slope([(r["due"], r["late"]) for r in year]),
        "part_paid_share_12m": share(sum(r["in_parts"] for r in year), len(year)) or math.nan,
        "disputed_share_12m": share(contested, contested + sum(r["cents"] for r in year)),
    }


def purchases(rows: list[Row], issued: list[Row], as_of: int) -> dict[str, float]:
    since = as_of - min((i["issued_on"] for i in issued), default=as_of)

    def bought(newest: int, oldest: int) -> int:
        return sum(max(r["cents"], 0) for r in rows if newest <= as_of - r["issued"] < oldest)

    year = [r for r in rows if as_of - r["issued"] < 365]
    invoiced, credits = [r for r in year if r["cents"] > 0], [r for r in year if r["cents"] < 0]
    total, credited = bought(0, 365), -sum(r["cents"] for r in credits)
    termed = [r for r in invoiced if r["due"] < math.inf]
    terms = share(
        sum(r["cents"] * min(r["due"] - r["issued"], 730) for r in termed),
        sum(r["cents"] for r in termed),
    )
    suppliers = {r["supplier"] for r in invoiced} - {None}
    spent = [sum(r["cents"] for r in invoiced if r["supplier"] == s) for s in suppliers]
    beyond = sum(r["cents"] for r in termed if not legal(r))
    out = {
        "months_of_history": since / (365.25 / 12),
        "invoices_12m": len(invoiced),
        "suppliers_12m": len(suppliers) or math.nan,
        "largest_supplier_share_12m": share(max(spent, default=0), sum(spent)),
        "largest_invoice_share_12m": share(max((r["cents"] for r in invoiced), default=0), total),
        "purchase_trend_3m": contrast(bought(0, 91), bought(91, 182), since >= 182),
        "purchase_trend_12m": contrast(total, bought(365, 730), since >= 730),
        "credit_note_share_12m": share(credited, total),
        "terms_to_legal_12m": terms / 60,
        "terms_over_legal_share_12m": share(beyond, sum(r["cents"] for r in termed)),
        "purchases_12m": (total - credited) / 100,
        "purchase_terms_days": terms,
    }
    return out if issued else dict.fromkeys(out, math.nan) | {"months_of_history": 0.0}


def contrast(new: int, old: int, covered: bool) -> float:
    return share(new - old, new + old) if covered else math.nan


# --- the kernel equals it --------------------------------------------------------------------


@given(SEEDS)
def test_every_feature_is_what_its_formula_says(seed):
    invoices, parts = draw(random.Random(seed))
    expected = oracle(invoices, parts, AS_OF)
    got = dict(zip((f.name for f in FEATURES), build(invoices, parts), strict=True))
    assert expected.keys() == got.keys()
    np.testing.assert_allclose(
        list(got.values()), [expected[name] for name in got], rtol=1e-11, atol=1e-12
    )


@given(SEEDS)
def test_the_order_of_rows_does_not_show(seed):
    rng = random.Random(seed)
    invoices, parts = draw(rng)
    before = build(invoices, parts)
    rng.shuffle(invoices)
    rng.shuffle(parts)
    assert build(invoices, parts).tobytes() == before.tobytes()


@given(SEEDS)
def test_what_becomes_known_later_changes_nothing(seed):
    rng = random.Random(seed)
    invoices, parts = draw(rng)
    before = build(invoices, parts)
    for invoice in invoices:
        for column in ("paid_on", "disputed_on"):
            if (invoice[column] or AS_OF + 1) > AS_OF:
                invoice[column] = rng.choice([None, AS_OF + rng.randint(1, 300)])
    later = {"invoice_id": "later", "issued_on": AS_OF + 1, "due_on": AS_OF - 9, "paid_on": None}
    invoices = [i for i in invoices if i["issued_on"] <= AS_OF]
    invoices.append(EUROS | later | {"disputed_on": None, "amount": 9e6})
    parts = [part for part in parts if part["paid_on"] <= AS_OF]
    parts += [
        {"invoice_id": i["invoice_id"], "buyer_id": "B0", "paid_on": AS_OF + 1, "amount": 1e9}
        for i in invoices
    ]
    assert build(invoices, parts).tobytes() == before.tobytes()


@given(SEEDS)
@settings(max_examples=50)
def test_one_key_alone_gets_the_bits_of_the_batch(seed):
    rng = random.Random(seed)
    invoices, parts = draw(rng, buyers=4)
    facts = Facts.of(tables(invoices, parts, buyers=4))
    days = np.array([AS_OF + rng.randint(-700, 30) for _ in range(8)], np.int32)
    batch = payments.build(facts, Keys(np.arange(8) % 4, days))
    for key in range(8):
        mine = [
            [row | {"buyer_id": "B0"} for row in rows if row["buyer_id"] == f"B{key % 4}"]
            for rows in (invoices, parts)
        ]
        assert build(*mine, days[key]).tobytes() == batch[key].tobytes()


def test_threads_do_not_show():
    rng = random.Random(7)
    invoices, parts = draw(rng, buyers=4)
    facts = Facts.of(tables(invoices, parts, buyers=4))
    few = Keys(np.arange(4), np.full(4, AS_OF, np.int32))
    many = Keys(np.tile(few.buyer, 2000), np.tile(few.as_of, 2000))
    assert payments.build(facts, many).tobytes() == payments.build(facts, few).tobytes() * 2000


# --- golden values ---------------------------------------------------------------------------


SCALE = {0: 80, 7.5: 75, 15: 70, 22: 60, 30: 50, 31.43: 49.5, 45: 45, 60: 40, 90: 30, 120: 20}


@pytest.mark.parametrize(
    ("days", "expected"), [*SCALE.items(), (180, 0), (400, 0), (-20, 90), (-30, 100), (-90, 100)]
)
def test_the_index_is_the_published_scale(days, expected):
    assert payment_index(float(days)) == pytest.approx(expected, abs=0.05)


def test_an_open_overdue_invoice_ages_until_as_of():
    paid = {"due_on": -60, "paid_on": -60, "amount": 300.0}
    unpaid = {"due_on": -40, "amount": 100.0}
    got = one(paid, unpaid)
    assert got["dbt_3m"] == 10  # 100 euros, 40 days late, of 400
    assert got["dbt_count_3m"] == 20
    assert got["unpaid_share_3m"] == 0.25
    assert got["late_share_30_3m"] == 0.25
    assert got["days_late_max_12m"] == 40


def test_what_is_paid_after_as_of_is_open_today():
    paid, unpaid = one({"due_on": -40, "paid_on": 1}), one({"due_on": -40})
    np.testing.assert_array_equal(list(paid.values()), list(unpaid.values()))


def test_an_invoice_due_today_is_in_the_window_and_prompt():
    got = one({"due_on": 0})
    assert (got["dbt_3m"], got["payment_index_3m"], got["unpaid_share_3m"]) == (0, 80, 1)


@pytest.mark.parametrize(("months", "window"), WINDOWS.items())
def test_a_window_leaves_out_its_first_day(months, window):
    assert one({"due_on": 1 - window})[f"dbt_{months}m"] == window - 1
    assert math.isnan(one({"due_on": -window})[f"dbt_{months}m"])


def test_no_due_invoice_is_no_information():
    got = one({"due_on": 20})
    assert all(math.isnan(got[f"dbt_{m}m"]) for m in WINDOWS)
    assert got["purchases_12m"] == 100


def test_without_invoices_only_the_length_of_history_is_known():
    got = dict(zip((f.name for f in FEATURES), build([], []), strict=True))
    assert got.pop("months_of_history") == 0
    assert all(math.isnan(value) for value in got.values())


def test_an_early_payer_scores_above_prompt_and_is_not_late():
    got = one({"due_on": -10, "paid_on": -30})
    assert (got["dbt_3m"], got["payment_index_3m"]) == (0, 90)


def test_disputed_invoices_stand_apart():
    disputed = {"due_on": -50, "disputed_on": -20, "amount": 300.0}
    got = one({"due_on": -10, "paid_on": -10}, disputed)
    assert (got["dbt_3m"], got["disputed_share_12m"]) == (0, 0.75)
    not_yet = one({"due_on": -10, "paid_on": -10}, disputed | {"disputed_on": 1})
    assert (not_yet["dbt_3m"], not_yet["disputed_share_12m"]) == (37.5, 0)


def test_credit_notes_reduce_purchases_and_are_never_late():
    got = one({"due_on": -10, "paid_on": -10}, {"due_on": -50, "amount": -25.0})
    assert (got["dbt_3m"], got["purchases_12m"], got["credit_note_share_12m"]) == (0, 75, 0.25)


def test_paid_before_issue_and_due_before_issue_are_not_late():
    got = one({"issued_on": -10, "due_on": -40, "paid_on": -35})
    assert (got["dbt_3m"], got["purchase_terms_days"]) == (0, 0)
    assert one({"issued_on": -10, "due_on": -40})["dbt_3m"] == 10


def test_part_payments_reduce_what_is_unpaid_and_settle_in_the_end():
    invoice = {"due_on": -40}
    first = {"invoice_id": "I0", "paid_on": -30, "amount": 60.0}
    last = {"invoice_id": "I0", "paid_on": -20, "amount": 40.0}
    got = one(invoice, parts=(first,))
    assert (got["unpaid_share_3m"], got["dbt_3m"], got["part_paid_share_12m"]) == (0.4, 40, 1)
    got = one(invoice, parts=(last, first))
    assert (got["unpaid_share_3m"], got["dbt_3m"], got["part_paid_share_12m"]) == (0, 20, 1)
    assert math.isnan(one(invoice)["part_paid_share_12m"])


def test_lateness_that_grows_shows_in_trend_acceleration_and_slope():
    due = (-20, -120, -250)
    got = one(
        *({"due_on": d, "paid_on": d + late} for d, late in zip(due, (19, 7, 1), strict=True))
    )
    assert got["dbt_trend_3m"] == 12
    assert got["dbt_acceleration"] == 6
    assert got["late_slope_12m"] > 0


def test_amounts_beyond_exact_sums_are_refused_by_name():
    with pytest.raises(ValueError, match=r"'invoices'.*'B0'.*1e\+14 EUR.*unit"):
        one({"due_on": -10, "amount": 2e14})


def test_bounds_hold_at_the_largest_amounts():
    got = one(*({"due_on": -729, "issued_on": -800, "amount": 1e10} for _ in range(1000)))
    assert got["dbt_24m"] == 729
