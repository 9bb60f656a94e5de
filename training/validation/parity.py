"""20 Serving: one request equals the batch to the bit, and how quick each is on this machine."""

import os
import platform
from time import perf_counter

import numpy as np
import pandas as pd

from features.facts import Facts, Keys
from models.assessment import ANEW, assess, row_of
from models.decision import answer
from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import Section, at_most, holds
from training.validation.leaks import of_buyers

BUYERS = 40
ASKED = 150


def section(case: Case) -> Section:
    """Parity of single buyers with the batch; seconds a decision and decisions a second."""
    unequal, asked = _parity(case)
    seconds = _seconds(case)
    middle, slow = np.quantile(seconds, [0.5, 0.95])
    batch = _throughput(case)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    checks = (
        holds(
            "one alone equals the batch",
            unequal == 0,
            f"{unequal} of {asked} buyers differ (features, drivers, limits, to the bit)",
            "0",
        ),
        at_most(
            "one explained decision",
            float(slow),
            thresholds.LATENCY,
            value=f"{1000 * slow:.1f} ms at the 95th percentile, {1000 * middle:.1f} ms median; "
            f"{len(seconds)} buyers, {machine}",
        ),
    )
    table = pd.DataFrame(
        {
            "value": {
                "median, ms": f"{1000 * middle:.2f}",
                "95th percentile, ms": f"{1000 * slow:.2f}",
                "batch, rows a second": f"{batch:,.0f}",
                "90 million buyers, hours on this machine": f"{90e6 / batch / 3600:.1f}",
            }
        }
    ).rename_axis("measure")
    return Section(
        "Online and offline",
        checks,
        (
            f"Each of {asked} buyers is read from its own rows alone, as a request is, and "
            "compared with its row in the batch; then decisions with features, drivers, limit, "
            "topics in currency and conditions are timed, one at a time and in one go.",
            table,
        ),
    )


def _parity(case: Case) -> tuple[int, int]:
    test = case.test
    chosen = np.linspace(0, len(test) - 1, min(BUYERS, len(test))).astype(int)
    unequal = 0
    for row in chosen:
        buyer = str(case.facts.buyer_ids[test.keys.buyer[row]])
        own = {
            name: of_buyers(name, frame, np.array([buyer])) for name, frame in case.tables.items()
        }
        facts = Facts.of(own, case.config.currency)
        keys = Keys(np.zeros(1, np.int64), test.keys.as_of[[row]])
        batch = test.assessment
        alone = assess(case.model, facts, keys, ANEW, row_of(batch.group, row))
        pairs = (
            (alone.matrix[0], batch.matrix[row]),
            (alone.contributions[0], batch.contributions[row]),
            (alone.log_odds[0], batch.log_odds[row]),
            (alone.limits.limit[0], batch.limits.limit[row]),
            (alone.limits.candidates[0], batch.limits.candidates[row]),
        )
        unequal += not all(np.array_equal(one, other, equal_nan=True) for one, other in pairs)
    return unequal, len(chosen)


def _seconds(case: Case) -> list[float]:
    keys, seconds = case.test.keys, []
    for row in np.linspace(0, len(keys) - 1, ASKED).astype(int):
        start = perf_counter()
        one = assess(case.model, case.facts, Keys(keys.buyer[[row]], keys.as_of[[row]]))
        answer(case.model, case.facts, one, 0)
        seconds.append(perf_counter() - start)
    return seconds


def _throughput(case: Case) -> float:
    keys = case.test.keys
    few = Keys(keys.buyer[:10_000], keys.as_of[:10_000])
    start = perf_counter()
    assess(case.model, case.facts, few)
    return len(few) / (perf_counter() - start)
