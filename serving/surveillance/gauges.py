"""What the last run found, for Prometheus: read from the store when it is scraped."""

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from serving.store.store import Store
from serving.surveillance import alerts, outbox
from serving.surveillance.runs import Run, finished

log = logging.getLogger("encours.gauges")

FEATURE_GAUGES: Mapping[str, tuple[str, str]] = {
    "index": ("csi", "Stability index of a feature"),
    "bound": ("csi_bound", "What the index stays below by chance, 95 %"),
    "missing": ("missing_share", "Share of buyers without the feature"),
    "outside_training": ("outside_training_share", "Share outside the 1-99 % range of training"),
    "driver_shift": ("driver_shift", "Shift of the mean driver, log-odds"),
}
CHURN = ("worse", "better", "reversed", "cut", "raised")


class Gauges(Collector):
    """Gauges of the last run, of alerts by kind and state, and of the outbox."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every gauge; of runs only once there is one, and none while the store is away."""
        try:
            yield from self._gauges()
        except SQLAlchemyError:
            log.warning("the store is away: no gauges of surveillance", exc_info=True)

    def _gauges(self) -> Iterator[GaugeMetricFamily]:
        yield _labelled(
            "encours_alerts",
            "Alerts by kind and state",
            ("kind", "state"),
            alerts.counts(self._store),
        )
        messages = {(state,): count for state, count in outbox.counts(self._store).items()}
        yield _labelled("encours_outbox_messages", "Messages by state", ("state",), messages)
        if runs := finished(self._store, 1):
            yield from _of_run(runs[0])


def _of_run(run: Run) -> Iterator[GaugeMetricFamily]:
    summary = run.summary
    assert run.finished_at is not None
    ended = datetime.fromisoformat(run.finished_at).timestamp()
    yield _gauge("last_run_timestamp_seconds", "When the last run finished", ended)
    if summary["seconds"] is not None:
        yield _gauge("last_run_seconds", "How long its scoring took", summary["seconds"])
    yield _gauge("buyers", "Buyers scored in the last run", summary["buyers"])
    if summary["churn"]["buyers"]:
        moved = {(name,): summary["churn"][name] for name in CHURN}
        yield _labelled("encours_surveillance_churn_share", "Share moved", ("move",), moved)
    yield _gauge("psi", "Stability index of the score", summary["drift"]["score"]["index"])
    yield _gauge("psi_bound", "Its bound by chance, 95 %", summary["drift"]["score"]["bound"])
    features: Mapping[str, Mapping[str, float]] = summary["drift"]["features"]
    for key, (name, text) in FEATURE_GAUGES.items():
        values = {(feature,): found[key] for feature, found in features.items()}
        yield _labelled(f"encours_surveillance_{name}", text, ("feature",), values)
    rates: dict[tuple[str, ...], Any] = {
        (outcome["as_of_date"], what): outcome[what]
        for outcome in summary["realised"]
        if outcome["rows"]
        for what in ("predicted", "observed", "low", "high")
    }
    text = "Default rate after a run whose window has closed"
    yield _labelled("encours_surveillance_default_rate", text, ("as_of_date", "what"), rates)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"encours_surveillance_{name}", text, value)


def _labelled(
    name: str, text: str, labels: tuple[str, ...], values: Mapping[Any, float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for label, value in values.items():
        family.add_metric(list(label), value)
    return family
