"""Every check of a deployment, in the order in which one would mend it."""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from rich.markup import escape
from rich.table import Table

from serving.doctor.contents import check_model, check_portfolio
from serving.doctor.finding import Finding
from serving.doctor.machine import check_port, check_python, check_room, check_silence
from serving.doctor.neighbours import check_provider, check_registry
from serving.doctor.store import check_store
from serving.doctor.variables import check_variables
from serving.environment import ROOT, setting

LOCK = ROOT / "requirements-serve.lock"
FOLDERS = {
    "cache": "ENCOURS_CACHE",
    "jobs": "ENCOURS_JOBS",
    "surveillance": "ENCOURS_SURVEILLANCE",
}
MARKS = {"ok": "[green]ok[/]", "warning": "[yellow]warning[/]", "error": "[bold red]error[/]"}


def examine(
    model: Path, portfolio: Path, store: str, host: str, port: int, today: date
) -> list[Finding]:
    """What is well and what is not, for a service that would be started like this."""
    found = [check_python(LOCK), check_silence(), *check_variables(os.environ)]
    found += check_provider(setting("ENCOURS_OIDC_ISSUER"))
    found += [check_room(name, Path(setting(variable))) for name, variable in FOLDERS.items()]
    if store.startswith("sqlite:///"):
        found += [check_room("store folder", Path(sa.make_url(store).database or ".").parent)]
    whole, credit_model = check_model(model)
    found += [whole, check_portfolio(portfolio, credit_model, today)]
    found += [*check_store(store, host), check_port(host, port)]
    return [*found, check_registry(setting("MLFLOW_TRACKING_URI"))]


def findings_table(findings: Sequence[Finding]) -> Table:
    """The findings for a terminal, each with its remedy below it."""
    table = Table("check", "", "finding", box=None, pad_edge=False)
    for finding in findings:
        remedy = f"\n[italic]{escape(finding.remedy)}[/]" if finding.remedy else ""
        table.add_row(finding.check, MARKS[finding.level], escape(finding.says) + remedy)
    return table
