"""The payment features in DuckDB: one query, filtered aggregations, all threads."""

from itertools import pairwise

import duckdb
import pyarrow as pa

WINDOWS = {3: 91, 6: 182, 12: 365, 24: 730}
SCALE = [(-30, 100), (-20, 90), (0, 80), (15, 70), (22, 60), (30, 50), (60, 40), (90, 30)]
SCALE += [(120, 20), (180, 0)]

KNOWN = """
    SELECT buyer_id, supplier_id, amount,
        DATE '1970-01-01' + $as_of AS today,
        greatest(due_on, issued_on) AS due,
        today - due AS age,
        today - issued_on AS since,
        least(due - issued_on, 730) AS terms,
        least(coalesce(paid_on, today), today) - due AS days,
        greatest(days, 0) AS late,
        coalesce(paid_on > today, true) AS unpaid,
        coalesce(disputed_on <= today, false) AS disputed,
        amount > 0 AND age BETWEEN 0 AND 729 AS is_due,
        is_due AND NOT disputed AS owed,
        due - issued_on > 60
            AND due > last_day(issued_on + 45) AND due > last_day(issued_on) + 45 AS beyond_legal
    FROM invoices WHERE issued_on <= DATE '1970-01-01' + $as_of
"""

WINDOW = """
    sum(amount) FILTER ({inside}) AS amount_{m},
    sum(amount * late) FILTER ({inside}) / amount_{m} AS dbt_{m}m,
    sum(amount * least(late - days, 30)) FILTER ({inside}) / amount_{m} AS early_{m},
    avg(late) FILTER ({inside}) AS dbt_count_{m}m,
    max(late) FILTER ({inside}) AS days_late_max_{m}m,
    stddev_samp(late) FILTER ({inside}) AS days_late_std_{m}m,
    coalesce(sum(amount) FILTER ({inside} AND unpaid), 0) / amount_{m} AS unpaid_share_{m}m,
    coalesce(sum(amount) FILTER ({inside} AND late > 0), 0) / amount_{m} AS late_share_{m}m,
    coalesce(sum(amount) FILTER ({inside} AND late > 30), 0) / amount_{m} AS late_share_30_{m}m,
    coalesce(sum(amount) FILTER ({inside} AND late > 60), 0) / amount_{m} AS late_share_60_{m}m,
    coalesce(sum(amount) FILTER ({inside} AND late > 90), 0) / amount_{m} AS late_share_90_{m}m,
    coalesce(sum(amount) FILTER (amount > 0 AND since < {days}), 0) AS bought_{m},
"""

BETWEEN = """
    sum(amount * late) FILTER ({inside}) / sum(amount) FILTER ({inside}) AS dbt_between_{name},
"""

SINGLE = """
    dbt_3m - dbt_between_6 AS dbt_trend_3m,
    dbt_12m - dbt_between_24 AS dbt_trend_12m,
    dbt_3m - 2 * dbt_between_6 + dbt_between_12 AS dbt_acceleration,
    regr_slope(late, -age) FILTER (owed AND age < 365) * 30.4375 AS slope,
    CASE WHEN count(*) FILTER (owed AND age < 365) > 2
        AND stddev_pop(age) FILTER (owed AND age < 365) > 30.4375 THEN slope END AS late_slope_12m,
    coalesce(sum(amount) FILTER (is_due AND disputed AND age < 365), 0) AS contested,
    contested / nullif(contested + coalesce(amount_12, 0), 0) AS disputed_share_12m,
    max(since) AS history,
    history / 30.4375 AS months_of_history,
    count(*) FILTER (amount > 0 AND since < 365) AS invoices_12m,
    coalesce(sum(amount) FILTER (since < 365), 0) AS purchases_12m,
    nullif(bought_12, 0) AS bought,
    max(amount) FILTER (amount > 0 AND since < 365) / bought AS largest_invoice_share_12m,
    (bought - purchases_12m) / bought AS credit_note_share_12m,
    sum(amount * terms) FILTER (amount > 0 AND since < 365) / bought AS purchase_terms_days,
    purchase_terms_days / 60 AS terms_to_legal_12m,
    coalesce(sum(amount) FILTER (amount > 0 AND since < 365 AND beyond_legal), 0) / bought
        AS terms_over_legal_share_12m,
    CASE WHEN history >= 182 THEN (2 * bought_3 - bought_6) / nullif(bought_6, 0) END
        AS purchase_trend_3m,
    CASE WHEN history >= 730 THEN (2 * bought_12 - bought_24) / nullif(bought_24, 0) END
        AS purchase_trend_12m,
"""

QUERY = """
    WITH known AS MATERIALIZED ({known}),
    buyers AS (SELECT {aggregates} buyer_id FROM known GROUP BY buyer_id),
    spent AS (
        SELECT buyer_id, supplier_id, sum(amount) AS amount FROM known
        WHERE amount > 0 AND since < 365 GROUP BY buyer_id, supplier_id
    ),
    suppliers AS (
        SELECT buyer_id, count(supplier_id) AS suppliers_12m,
            max(amount) / sum(amount) AS largest_supplier_share_12m
        FROM spent GROUP BY buyer_id
    )
    SELECT *, {indices} FROM buyers LEFT JOIN suppliers USING (buyer_id)
"""


def payments(invoices: pa.Table, as_of: int) -> pa.Table:
    """One row a buyer; `as_of` in days since 1970-01-01."""
    windows = [
        WINDOW.format(m=m, days=days, inside=f"owed AND age < {days}")
        for m, days in WINDOWS.items()
    ]
    between = [
        BETWEEN.format(name=name, inside=f"owed AND age >= {start} AND age < {stop}")
        for (_, start), (name, stop) in pairwise(WINDOWS.items())
    ]
    query = QUERY.format(
        known=KNOWN,
        aggregates="".join([*windows, *between, SINGLE]),
        indices=", ".join(_index(months) for months in WINDOWS),
    )
    with duckdb.connect() as connection:
        connection.register("invoices", invoices)
        return connection.sql(query, params={"as_of": as_of}).to_arrow_table()


def _index(months: int) -> str:
    days = f"CASE WHEN dbt_{months}m > 0 THEN dbt_{months}m ELSE -early_{months} END"
    lines = "".join(
        f" WHEN {days} <= {right} THEN {high} + ({days} - {left}) / {right - left} * {low - high}"
        for (left, high), (right, low) in pairwise(SCALE)
    )
    return f"CASE {lines} WHEN {days} > 180 THEN 0 END AS payment_index_{months}m"
