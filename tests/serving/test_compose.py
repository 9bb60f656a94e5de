"""compose.yaml: parts that fit together, and no secret in it. No Docker engine is needed."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from encours import app
from features.quiet import SILENT
from serving.access.caller import ROLES
from serving.environment import ROOT, VARIABLES


@pytest.fixture
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_the_parts_are_there_and_name_each_other(compose: dict[str, Any]) -> None:
    parts = compose["services"]
    assert set(parts) == {"encours", "surveillance", "postgresql", "mlflow", "prometheus"}
    for part in parts.values():
        assert part["image"]
        assert set(part.get("depends_on", ())) <= set(parts)
        for volume in part.get("volumes", ()):
            source = volume.split(":", 1)[0]
            assert source.startswith(("$", ".", "/")) or source in compose["volumes"]
        for config in part.get("configs", ()):
            assert config["source"] in compose["configs"]
    environment = parts["encours"]["environment"]
    assert "@postgresql/" in environment["ENCOURS_STORE"]
    assert environment["MLFLOW_TRACKING_URI"] == "http://mlflow:5000"
    assert environment["ENCOURS_PORTFOLIO"] == parts["encours"]["volumes"][0].split(":")[-2]


def test_variables_are_ours_and_secrets_are_asked_for(compose: dict[str, Any]) -> None:
    assert set(compose["services"]["encours"]["environment"]) <= set(VARIABLES)
    text = (ROOT / "compose.yaml").read_text()
    for name in ("POSTGRES_PASSWORD", "ENCOURS_SECRET"):
        uses = re.findall(rf"\$\{{{name}\b[^}}]*\}}", text)
        assert uses
        assert all(":?" in use for use in uses), "no default for a secret"


def test_surveillance_runs_beside_the_service_on_the_same_data(compose: dict[str, Any]) -> None:
    watching, serving = (compose["services"][name] for name in ("surveillance", "encours"))
    for shared in ("image", "environment", "volumes"):
        assert watching[shared] == serving[shared]
    folder = serving["environment"]["ENCOURS_SURVEILLANCE"]
    assert folder in [volume.split(":")[-1] for volume in serving["volumes"]]
    verb = get_command(app).commands["surveil"]
    asked = verb.make_context("surveil", watching["command"][3:]).params
    assert str(asked["portfolio"]) == serving["environment"]["ENCOURS_PORTFOLIO"]
    assert asked["every"] == "1d"
    assert asked["out"].parent == Path(folder)
    assert "ports" not in watching


def test_nothing_is_open_to_the_network(compose: dict[str, Any]) -> None:
    ports = [port for part in compose["services"].values() for port in part.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_metrics_of_every_replica_are_scraped(compose: dict[str, Any]) -> None:
    (job,) = yaml.safe_load(compose["configs"]["prometheus"]["content"])["scrape_configs"]
    assert job["metrics_path"] == "/metrics"
    assert job["dns_sd_configs"][0]["names"] == ["encours"]
    assert job["dns_sd_configs"][0]["port"] == 3000


def test_mlflow_is_the_one_that_was_tested_and_is_silent(compose: dict[str, Any]) -> None:
    mlflow = compose["services"]["mlflow"]
    lock = (ROOT / "requirements.lock").read_text()
    assert f"\nmlflow=={mlflow['image'].split(':v')[1]} " in lock
    assert set(mlflow["environment"]) <= set(SILENT)


def test_the_page_says_what_each_role_may() -> None:
    page = (ROOT / "serving" / "DEPLOY.md").read_text()
    for role, held in ROLES.items():
        (row,) = re.findall(rf"^\| {role} \| (.*) \|$", page, re.M)
        named = set(re.findall(r"[a-z]+", row)) & set().union(*ROLES.values())
        assert named == held or (role == "risk-admin" and "all of these" in row)
