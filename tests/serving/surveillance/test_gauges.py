import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError

from serving.store.store import Store
from serving.surveillance import outbox
from serving.surveillance.gauges import Gauges


def scraped(store: Store) -> dict[tuple, float]:
    registry = CollectorRegistry()
    registry.register(Gauges(store))
    text = generate_latest(registry).decode()
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_gauges_are_those_of_the_last_run(watched, model) -> None:
    found, summary = scraped(watched.store), watched.second.summary
    assert found[("encours_surveillance_buyers",)] == summary["buyers"]
    assert found[("encours_surveillance_psi",)] == summary["drift"]["score"]["index"]
    feature = ("feature", "dbt_12m")
    told = summary["drift"]["features"]["dbt_12m"]
    assert found[("encours_surveillance_csi", feature)] == told["index"]
    assert found[("encours_surveillance_missing_share", feature)] == told["missing"]
    assert found[("encours_surveillance_driver_shift", feature)] == told["driver_shift"]
    worse = found[("encours_surveillance_churn_share", ("move", "worse"))]
    assert worse == summary["churn"]["worse"]
    rate = ("encours_surveillance_default_rate", ("as_of_date", "2024-12-31"), ("what", "observed"))
    assert found[rate] == summary["realised"][0]["observed"]
    alerts = [value for name, value in found.items() if name[0] == "encours_alerts"]
    assert sum(alerts) == sum(summary["alerts"].values())


def test_without_runs_there_is_little_to_say(store: Store) -> None:
    assert scraped(store) == {}


def test_without_the_store_there_is_nothing_to_say(
    watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Store) -> dict[str, int]:
        raise OperationalError("SELECT", {}, OSError("away"))

    monkeypatch.setattr(outbox, "counts", away)
    assert len(scraped(watched.store)) > 0  # what was known before it went
