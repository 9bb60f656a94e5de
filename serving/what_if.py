"""A buyer as it would be judged, had something gone otherwise. Nothing of it is kept.

The buyer's facts are changed, its features rebuilt, and the model and limit engine asked again: the
path of every decision (`features.what_if`, `models.levers`).
"""

from typing import Any, get_args

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, Field, create_model

from features.facts import Facts, Keys
from features.standing import group_use
from features.tables import STATEMENTS
from features.what_if.accounts import add_accounts
from features.what_if.ledger import shift_payments
from features.what_if.what_if import alone
from models.levers import LEVERS
from serving.conclude import Conclusion, conclude
from serving.contracts import RawFacts, ScoreRequest, Strict
from serving.decide import Desk

MOST_DAYS = 90  # sooner or later
FASTER = "pay_faster"  # the lever that `payment_days` pulls, both ways
PULLED = {lever.name: lever for lever in LEVERS if lever.name != FASTER}
StatementRow: type[BaseModel] = get_args(RawFacts.model_fields["statements"].annotation)[0]

_LEVERS: dict[str, Any] = {
    name: (int, Field(0, ge=0, le=1000, description=lever.en)) for name, lever in PULLED.items()
}
_Levers = create_model("_Levers", __base__=Strict, **_LEVERS)


class Changes(_Levers):  # type: ignore[misc, valid-type]
    """What would be otherwise: payments later or (below 0) sooner, so many steps of each lever, and
    accounts published on the day."""

    payment_days: int = Field(0, ge=-MOST_DAYS, le=MOST_DAYS)
    statements: tuple[StatementRow, ...] = Field((), max_length=5)  # type: ignore[valid-type]

    def __bool__(self) -> bool:
        return bool(self.model_dump(exclude_defaults=True))

    def applied(self, facts: Facts, as_of: int) -> Facts:
        """Facts about one buyer, changed."""
        if self.statements:
            facts = add_accounts(facts, as_of, _rows(self.statements, facts))
        facts = shift_payments(facts, as_of, self.payment_days)
        for name, lever in PULLED.items():
            if steps := getattr(self, name):
                facts = lever.change(facts, as_of, steps)
        return facts


def conclude_if(desk: Desk, request: ScoreRequest, changes: Changes) -> Conclusion:
    """What the model would answer, had the facts been changed so: without what people override,
    and without waiting until a raise is confirmed. Raises Problem."""
    now = desk.conclude(request)
    if not changes:
        return now
    keys = now.assessment.keys
    facts = changes.applied(alone(now.facts, int(keys.buyer[0])), int(keys.as_of[0]))
    own = Keys(np.zeros(1, np.int64), keys.as_of)
    group = group_use(facts, own, within=desk.portfolio.facts)
    return conclude(desk.champion.now.model, facts, own, request, (), group, anew=True)


def reach(concluded: Conclusion) -> dict[str, int]:
    """How many steps each lever has for the buyer concluded on; 0: nothing to change."""
    keys, features = concluded.assessment.keys, concluded.assessment.matrix[0]
    facts = alone(concluded.facts, int(keys.buyer[0]))
    return {lever.name: lever.most(facts, int(keys.as_of[0]), features) for lever in LEVERS}


def _rows(statements: tuple[Any, ...], facts: Facts) -> pa.Table:
    buyer_id = str(facts.buyer_ids[0])
    rows = [{**row.model_dump(), "buyer_id": buyer_id} for row in statements]
    return pa.Table.from_pylist(rows, schema=STATEMENTS.schema)
