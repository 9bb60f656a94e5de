"""A whole portfolio scored into a file, or one buyer on the screen: the path of a request."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.facts import Facts
from features.partitions import count_partitions, grouped, partitions
from features.progress import watched
from features.standing import READ, group_use_told, used_by_others
from features.tables import Tables, conform
from models.assessment import Assessment, assess
from models.credit_model import CreditModel
from models.decision import answer
from models.explanation import topic_sums
from models.limits.limit import DECISIONS
from models.limits.limit_reasons import CANDIDATES
from models.limits.loss import expected_loss
from serving.portfolio import legal_entities
from serving.problems import KINDS

TOP_TOPICS = 3

SCHEMA = pa.schema(
    [
        ("buyer_id", pa.string()),
        ("as_of_date", pa.date32()),
        ("default_probability", pa.float64()),
        ("log_odds", pa.float64()),
        ("grade", pa.string()),
        ("limit", pa.float64()),
        ("currency", pa.string()),
        ("decision", pa.string()),
        ("binding_constraint", pa.string()),
        ("expected_loss", pa.float64()),
        ("open_amount", pa.float64()),
        *((f"topic_{place}", pa.string()) for place in range(1, TOP_TOPICS + 1)),
        ("model_version", pa.string()),
        ("policy_version", pa.string()),
    ]
)


def score_portfolio(model: CreditModel, portfolio: Path, as_of_date: date, out: Path) -> int:
    """Score every legal entity of a portfolio folder on one day into the Parquet file `out`.

    One partition of buyers is in memory at a time; `out` appears when it is whole. Returns the
    number of legal entities.
    """
    groups = uses_of_groups(portfolio, model.policy.currency, as_of_date)
    parts = watched(partitions(portfolio), "scoring", count_partitions(portfolio))
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(f".{out.name}")
    rows = 0
    with pq.ParquetWriter(draft, SCHEMA) as file:
        for tables in parts:
            facts = Facts.of(tables, model.policy.currency)
            scored = score_table(model, facts, as_of_date, groups)
            file.write_table(scored)
            rows += len(scored)
    draft.rename(out)
    return rows


def uses_of_groups(portfolio: Path, currency: str, as_of_date: date) -> dict[str, float]:
    """What the other companies of each buyer's group use on a day, by buyer_id: companies of one
    group may stand in different partitions."""
    buyers = conform("buyers", pq.read_table(portfolio / "buyers.parquet"))
    if buyers["group_id"].null_count == len(buyers):
        return {}
    parts = (Facts.of(tables, currency) for tables in partitions(portfolio, names=READ))
    return used_by_others(parts, as_of_date)


def score_table(
    model: CreditModel, facts: Facts, as_of_date: date, groups: Mapping[str, float] | None = None
) -> pa.Table:
    """All legal entities of `facts` on one day, in SCHEMA; the topics are the strongest, first to
    last.

    `groups`, where companies of one group may be missing from `facts`: what the others of each
    buyer's group use, by buyer_id.
    """
    keys = legal_entities(model.policy, facts, as_of_date)
    group = None if groups is None else group_use_told(facts, keys, groups)
    return assessed_table(model, facts, assess(model, facts, keys, group=group))


def assessed_table(model: CreditModel, facts: Facts, assessment: Assessment) -> pa.Table:
    """An assessment in SCHEMA, a row a key."""
    keys, result = assessment.keys, assessment.limits
    loss = expected_loss(assessment.default_probability, result.loss_given_default, result.limit)
    rows = len(keys)
    return pa.table(
        [
            facts.buyers.take(pa.array(keys.buyer)),
            pa.array(keys.as_of, pa.int32()).view(pa.date32()),
            assessment.default_probability,
            assessment.log_odds,
            _words(model.policy.master_scale.names, result.grade),
            result.limit,
            pa.repeat(model.policy.currency, rows),
            _words(DECISIONS, result.decision),
            _words(CANDIDATES, result.binding),
            loss,
            assessment.column("open_amount"),
            *_top_topics(model, assessment),
            pa.repeat(model.version, rows),
            pa.repeat(model.policy.version, rows),
        ],
        schema=SCHEMA,
    )


def score_buyer(
    model: CreditModel, portfolio: Path, buyer_id: str, as_of_date: date
) -> tuple[dict[str, Any], str]:
    """The answer on one buyer of a portfolio folder, and its name. KeyError where unknown,
    ValueError where it is a natural person."""
    tables, place = _find(portfolio, buyer_id)
    name = tables["buyers"]["name"][place].as_py() or buyer_id
    facts = Facts.of(tables, model.policy.currency)
    keys = facts.keys([buyer_id], np.array([as_of_date], "datetime64[D]"))
    if keys.buyer[0] not in legal_entities(model.policy, facts, as_of_date).buyer:
        raise ValueError(f"{buyer_id} is a natural person: {KINDS['natural-person'].meaning}")
    return answer(model, facts, assess(model, facts, keys), 0), name


def _find(portfolio: Path, buyer_id: str) -> tuple[Tables, int]:
    """Tables that hold a buyer and all companies of its group, and its row among the buyers."""
    for tables in partitions(portfolio):
        if (place := pc.index(tables["buyers"]["buyer_id"], buyer_id).as_py()) < 0:
            continue
        if tables["buyers"]["group_id"][place].is_valid:
            group = grouped(portfolio)  # the others may stand in another partition
            return group, pc.index(group["buyers"]["buyer_id"], buyer_id).as_py()
        return tables, place
    raise KeyError(f"no buyer {buyer_id!r} in {portfolio}")


def _words(names: tuple[str, ...], codes: np.ndarray) -> pa.Array:
    return pa.array(names).take(pa.array(codes))


def _top_topics(model: CreditModel, assessment: Assessment) -> list[pa.Array]:
    sums = topic_sums(model.topics, assessment.contributions)
    ranked = np.argsort(-np.abs(np.column_stack(list(sums.values()))), axis=1, kind="stable")
    places = range(min(TOP_TOPICS, len(sums)))
    found = [_words(tuple(sums), ranked[:, place]) for place in places]
    return found + [pa.nulls(len(ranked), pa.string())] * (TOP_TOPICS - len(found))
