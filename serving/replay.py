"""A past decision, made again from what it names: the archived model, facts and overrides."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import orjson

from features.facts import Facts, Keys
from features.tables import TABLES
from serving.bundles import open_bundle
from serving.code_version import code_version
from serving.conclude import answer_bytes, conclude, context_of
from serving.contracts import LimitRequest, ScoreRequest
from serving.dossier import of_one
from serving.intake import facts_of
from serving.problems import Problem
from serving.snapshot import unpack
from serving.store.record import Record
from serving.store.store import Store

REQUESTS: Mapping[str, type[ScoreRequest]] = {"score": ScoreRequest, "limits": LimitRequest}


@dataclass(frozen=True)
class Replay:
    """The answer that was given, and the one that the same model and facts give now."""

    record: Record
    answer: bytes

    @property
    def identical(self) -> bool:
        """Whether both are the same, byte for byte."""
        return self.answer == self.record.answer

    @property
    def explanation(self) -> str:
        """Why they are the same, or are not, in a sentence."""
        if self.identical:
            return "the same bytes"
        if self.record.code_version != code_version():
            return f"decided by code {self.record.code_version}, replayed by {code_version()}"
        changed = [name for name, value in self._now.items() if self._then.get(name) != value]
        return f"differs in {', '.join(changed)}"

    @property
    def _now(self) -> Mapping[str, object]:
        return dict(orjson.loads(self.answer))

    @property
    def _then(self) -> Mapping[str, object]:
        return dict(orjson.loads(self.record.answer))


def replay(store: Store, record: Record) -> Replay:
    """Decide `record` again. Raises Problem where the archive lacks what it was made from."""
    model = open_bundle(_content(store, record.bundle, "model"))
    request = REQUESTS[record.operation or "score"].model_validate_json(record.request)
    nobody = {"buyers": TABLES["buyers"].schema.empty_table()}
    tables = unpack(_content(store, record.shared, "shared tables"))
    shared = Facts.of({**nobody, **tables}, model.policy.currency)
    if request.facts is not None:
        facts = facts_of(request.facts, shared)
    else:
        facts = of_one(unpack(_content(store, record.facts, "facts")), shared)
    key = Keys.on(request.as_of_date, np.zeros(1, np.int64))
    overrides, group = context_of(record.context or b"", facts)
    again = conclude(model, facts, key, request, overrides, group)
    return Replay(record, answer_bytes(request, record.decision_id, again.answer))


def find(store: Store, decision_id: str) -> Record:
    """The decision of that id. Raises Problem."""
    record = store.find(decision_id)
    if record is None:
        raise Problem(
            "unknown-decision", f"no decision {decision_id!r}; see the answer's decision_id"
        )
    return record


def _content(store: Store, digest: str | None, what: str) -> bytes:
    content = store.content(digest) if digest else None
    if content is None:
        raise Problem("not-replayable", f"the archive does not hold the {what} of this decision")
    return content
