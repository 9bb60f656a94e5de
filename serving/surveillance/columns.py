"""The columns of a snapshot: the scores of `encours score`, then what surveillance adds."""

from typing import Final

import pyarrow as pa

from features.feature import TOPICS
from features.incidents import KINDS
from serving.batch import SCHEMA as SCORES
from serving.surveillance.watch import Memory

TOPIC_COLUMNS: Final = {topic: f"log_odds_{topic}" for topic in TOPICS}
EVENT_COLUMNS: Final = {kind: f"events_{kind}" for kind in KINDS}
MEMORY_COLUMNS: Final = {name: f"memory_{name}" for name in Memory.__dataclass_fields__}
_COUNTED = {"reference_probability": pa.float64(), "reference_limit": pa.float64()}

ADDED: Final = pa.schema(
    [
        ("name", pa.string()),
        ("country", pa.string()),
        ("sector", pa.string()),
        ("group_id", pa.string()),
        ("base_log_odds", pa.float64()),
        # base + topics = log_odds
        *((column, pa.float64()) for column in TOPIC_COLUMNS.values()),
        ("overdue_amount", pa.float64()),  # past due at all
        ("overdue_late", pa.float64()),  # past due by the days of the rule
        ("accounts_age_months", pa.float64()),
        # uncontested events known, whatever their age
        *((column, pa.int64()) for column in EVENT_COLUMNS.values()),
        ("granted", pa.float64()),  # by table `exposures`
        ("limit_in_force", pa.float64()),  # cut at once, raised once confirmed
        ("limit_grade", pa.int64()),  # the grade when it was set
        ("covered_outstanding", pa.float64()),  # delivered within the limit of its day
        ("limit_use", pa.float64()),  # owed over the limit in force; inf where that is 0
        ("limit_proposed", pa.float64()),  # a raise that waits for confirmation; NaN: none
        # in the run before; null for a buyer new to surveillance
        ("previous_probability", pa.float64()),
        ("previous_grade", pa.string()),
        ("previous_limit", pa.float64()),
        ("log_odds_change", pa.float64()),
        ("grade_move", pa.int64()),  # grades lost since the run before
        ("last_move", pa.int64()),  # direction of the last move before this run: 1 worse, -1 better
        *((column, _COUNTED.get(name, pa.int64())) for name, column in MEMORY_COLUMNS.items()),
        ("fired", pa.int64()),  # mask over rules.RULES
    ]
)

SNAPSHOT: Final = pa.schema([*SCORES, *ADDED])

# What a later run reads of a buyer again.
CARRIED: Final = (
    "buyer_id",
    "default_probability",
    "grade",
    "log_odds",
    "granted",
    "limit_in_force",
    "limit_grade",
    "covered_outstanding",
    "grade_move",
    "last_move",
    *MEMORY_COLUMNS.values(),
)
