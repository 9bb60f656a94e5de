"""What is served: the bundle, and the tables it is asked about."""

from datetime import date
from pathlib import Path

import numpy as np

from features.facts import Keys
from models.assessment import ANEW, assess
from models.credit_model import CreditModel
from models.drivers.driver_check import LightGBMTrees
from serving.doctor.finding import Finding
from serving.dossier import FURTHEST
from serving.portfolio import Portfolio


def check_model(folder: Path) -> tuple[Finding, CreditModel | None]:
    """Whether the bundle is whole and unaltered, and its drivers are those of LightGBM."""
    try:
        model = CreditModel.load(folder)
    except (OSError, ValueError) as error:
        remedy = "promote a model (`encours promote`), or name its folder with --model"
        return Finding("model", "error", str(error), remedy), None
    says = f"{model.version}, policy {model.policy.version}, whole and unaltered"
    if isinstance(model.default_model.trees, LightGBMTrees):
        remedy = "the slow way serves instead; tell us of the booster"
        return Finding("model", "warning", f"{says}; drivers differ on this machine", remedy), model
    return Finding("model", "ok", f"{says}; drivers as LightGBM's"), model


def check_portfolio(folder: Path, model: CreditModel | None, today: date) -> Finding:
    """Whether the tables can be read, a buyer of them scored, and their news be recent."""
    try:
        portfolio = Portfolio.load(folder, model.policy.currency if model else "EUR")
    except (OSError, ValueError, KeyError) as error:
        remedy = "import tables (`encours import`), or name their folder with --portfolio"
        return Finding("portfolio", "error", f"{folder}: {error}", remedy)
    last = portfolio.last_known_day
    says = f"{len(portfolio):,} buyers, known up to {last}"
    if not len(portfolio):
        return Finding("portfolio", "error", says, "import tables that hold buyers")
    if model and not _adds_up(portfolio, model):
        remedy = "run `encours doctor` where the model was trained; the machines differ"
        return Finding("portfolio", "error", f"{says}; drivers do not add up to log-odds", remedy)
    if last > today:
        remedy = "look for dates in the future: `encours audit` lists what is odd"
        return Finding("portfolio", "warning", f"{says}, after today", remedy)
    if today - last > FURTHEST:
        remedy = f"import newer tables: what is older than {FURTHEST.days} days is no news"
        return Finding("portfolio", "warning", f"{says}, {(today - last).days} days ago", remedy)
    return Finding("portfolio", "ok", f"{says}; the first one was scored")


def _adds_up(portfolio: Portfolio, model: CreditModel) -> bool:
    """Whether base and drivers of the first buyer give its log-odds."""
    first = Keys.on(portfolio.last_known_day, np.zeros(1, np.int64))
    found = assess(model, portfolio.facts, first, ANEW)
    told = found.base_log_odds + found.contributions.sum(axis=1)
    return bool(np.allclose(told, found.log_odds, rtol=0, atol=1e-9))
