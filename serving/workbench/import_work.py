"""From an uploaded ledger to a scored portfolio: what a job of kind "import" does, step by step.

upload → mapping.toml → portfolio/ (good rows, refused.csv) → scores.parquet
"""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.facts import Facts
from features.ledgers.summary import ImportSummary
from features.partitions import count_partitions, partitions
from models.credit_model import CreditModel
from serving.batch import score_table
from serving.surveillance.newest import newest_day
from serving.workbench.jobs import Job, Progress

MAPPING, PORTFOLIO, SCORES = "mapping.toml", "portfolio", "scores.parquet"
REFUSED = f"{PORTFOLIO}/refused.csv"
SOURCE = "source"  # the folder of the file as it came
A_STEP = 5_000  # buyers scored between two looks at the progress


def upload_of(job: Job) -> Path:
    """The file as it came."""
    return next((job.folder / SOURCE).iterdir())


def import_and_score(model: CreditModel, job: Job, progress: Progress) -> dict[str, Any]:
    """Import by the mapping, score every buyer, and say what was read, refused and found. Raises
    ValueError where the file or the mapping cannot be used."""
    from features.ledgers.import_ledger import import_ledger  # noqa: PLC0415  imports pandas

    progress("read", 0, 1)
    portfolio = job.folder / PORTFOLIO
    try:
        summary = import_ledger(job.folder / MAPPING, upload_of(job), portfolio)
    except ValueError as error:
        raise ValueError(str(error).replace(f"{job.folder}/", "")) from error
    told = _told(summary)
    if not summary.tables["buyers"].written:
        return {**told, "buyers": 0}
    day = newest_day(portfolio)
    scores = _score(model, portfolio, day, progress)
    pq.write_table(scores, job.folder / SCORES)
    return {**told, **_found(model, scores), "as_of_date": str(day)}


def _told(summary: ImportSummary) -> dict[str, Any]:
    """The counts of every table, for the page."""
    tables = {
        name: {
            **{key: getattr(table, key) for key in ("read", "good", "written")},
            **{key: dict(getattr(table, key)) for key in ("refused", "filled")},
        }
        for name, table in summary.tables.items()
    }
    return {"tables": tables, "notes": list(summary.notes), "refused": summary.refused}


def _score(model: CreditModel, portfolio: Path, day: date, progress: Progress) -> pa.Table:
    """Every buyer with its name, the largest expected loss first."""
    total = count_partitions(portfolio, A_STEP)
    parts = []
    for number, tables in enumerate(partitions(portfolio, A_STEP)):
        progress("score", number, total)
        scores = score_table(model, Facts.of(tables, model.policy.currency), day)
        place = pc.index_in(scores["buyer_id"], value_set=tables["buyers"]["buyer_id"])
        for column in ("country", "name"):
            scores = scores.add_column(1, column, tables["buyers"][column].take(place))
        parts.append(scores)
    return pa.concat_tables(parts).sort_by([("expected_loss", "descending")])


def _found(model: CreditModel, scores: pa.Table) -> dict[str, Any]:
    grades = scores.group_by("grade").aggregate([("grade", "count")]).to_pylist()
    counts = {row["grade"]: row["grade_count"] for row in grades}
    sums = {name: pc.sum(scores[name]).as_py() for name in ("limit", "expected_loss")}
    owed = pc.max_element_wise(scores["open_amount"], pa.scalar(0.0))
    return {
        "buyers": len(scores),
        "grades": {name: counts.get(name, 0) for name in model.policy.master_scale.names},
        **sums,
        "owed": pc.sum(owed).as_py() or 0.0,
    }
