"""One partition of the portfolio: scored by the path of a request, compared with the run before."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.facts import Facts, Keys
from features.incidents import known_events
from features.standing import group_use_told
from features.tables import Tables
from models.assessment import Assessment, assess
from models.credit_model import CreditModel
from models.explanation import topic_sums
from serving.batch import assessed_table
from serving.portfolio import legal_entities
from serving.surveillance.before import Before
from serving.surveillance.beside import Beside
from serving.surveillance.columns import EVENT_COLUMNS, MEMORY_COLUMNS, SNAPSHOT, TOPIC_COLUMNS
from serving.surveillance.in_force import InForce, in_force
from serving.surveillance.rules import Rules
from serving.surveillance.watch import Seen, remember, select, watch

Floats = NDArray[np.float64]

NOTHING = Beside()
LATE_BUCKETS = {  # first day beyond terms: share of what is owed
    1: "overdue_share_1_30",
    31: "overdue_share_31_60",
    61: "overdue_share_61_90",
    91: "overdue_share_91_180",
    181: "overdue_share_over_180",
}


@dataclass(frozen=True)
class Rescored:
    """A partition in columns.SNAPSHOT, and the assessment behind it, row by row the same."""

    snapshot: pa.Table
    assessment: Assessment


def rescore(
    model: CreditModel,
    rules: Rules,
    tables: Tables,
    as_of_date: date,
    previous: pa.Table | None,
    beside: Beside = NOTHING,
) -> Rescored:
    """Score every legal entity of `tables` on one day, and say what fires against `previous`, the
    rows of the run before (None: this is the first), with what is `beside` the tables."""
    facts = Facts.of(beside.tables(tables), model.policy.currency)
    keys = legal_entities(model.policy, facts, as_of_date)
    assessment = assess(model, facts, keys, group=group_use_told(facts, keys, beside.groups))
    scores = assessed_table(model, facts, assessment)
    before = Before.of(scores["buyer_id"], previous)
    cover = in_force(model.policy, assessment, before, scores["buyer_id"], beside)
    events = known_events(facts, assessment.keys)
    seen = _seen(rules, assessment, cover, events)
    memory = select(before.known, before.memory(), remember(rules, seen, before.baseline))
    memory, fired = watch(model.policy.master_scale, rules, memory, seen)
    sums = topic_sums(model.topics, assessment.contributions)
    new = ~before.known
    columns = {
        **dict(zip(scores.column_names, scores.columns, strict=True)),
        **_identity(facts, assessment.keys),
        "base_log_odds": np.full(len(new), assessment.base_log_odds),
        **{name: sums.get(topic, np.zeros(len(new))) for topic, name in TOPIC_COLUMNS.items()},
        "overdue_amount": assessment.column("overdue_amount"),
        "overdue_late": seen.overdue,
        "accounts_age_months": seen.accounts_age,
        **dict(zip(EVENT_COLUMNS.values(), events.T, strict=True)),
        "granted": assessment.granted.amount,
        "limit_in_force": cover.limit,
        "limit_grade": cover.grade,
        "covered_outstanding": cover.covered_outstanding,
        "limit_use": seen.limit_use,
        "limit_proposed": cover.proposed,
        "previous_probability": before.rows["default_probability"],
        "previous_grade": before.rows["grade"],
        "previous_limit": before.rows["limit_in_force"],
        "log_odds_change": pa.array(assessment.log_odds - before.values("log_odds"), mask=new),
        **_moves(model, assessment, before),
        **{name: getattr(memory, part) for part, name in MEMORY_COLUMNS.items()},
        "fired": fired,
    }
    return Rescored(pa.table([columns[name] for name in SNAPSHOT.names], SNAPSHOT), assessment)


def _seen(rules: Rules, assessment: Assessment, cover: InForce, events: NDArray) -> Seen:
    kinds = list(EVENT_COLUMNS)
    return Seen(
        grade=assessment.limits.grade,
        probability=assessment.default_probability,
        limit=cover.limit,
        owed=cover.owed,
        limit_use=cover.use,
        overdue=late_amount(assessment, rules.overdue.days),
        accounts_age=assessment.column("accounts_age_months"),
        raise_progress=cover.raise_progress,
        incidents=events[:, [kinds.index(kind) for kind in rules.incident.kinds]].sum(axis=1),
    )


def _moves(model: CreditModel, assessment: Assessment, before: Before) -> dict[str, pa.Array]:
    """Grades lost since the run before, and which way the grade went before that."""
    names = pa.array(model.policy.master_scale.names)
    were = pc.fill_null(pc.index_in(before.rows["grade"], value_set=names), -1).to_numpy()
    known = were >= 0
    last = np.where(
        before.values("grade_move") != 0,
        np.sign(before.values("grade_move")),
        before.values("last_move"),
    )
    moved = pa.array(assessment.limits.grade - were, mask=~known)
    return {"grade_move": moved, "last_move": pa.array(last)}


def late_amount(assessment: Assessment, days: int) -> Floats:
    """What is overdue by at least `days`, where a bucket of the aged balance starts; NaN where no
    balance is known."""
    share = assessment.column("overdue_share")
    late = [assessment.column(name) for start, name in LATE_BUCKETS.items() if start >= days]
    overdue = np.divide(
        assessment.column("overdue_amount"), share, out=np.zeros_like(share), where=share > 0
    )
    return overdue * np.sum(late, axis=0)


def _identity(facts: Facts, keys: Keys) -> dict[str, pa.Array]:
    """What a person searches and filters by."""
    buyers = facts["buyers"]
    rows = pa.array(buyers.start[keys.buyer])
    return {
        name: buyers.arrow[name].take(rows) for name in ("name", "country", "sector", "group_id")
    }
