"""A small table as people bring them: numbers, text, gaps, dates, copies."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def loans() -> pd.DataFrame:
    """240 loans of 80 firms over ten years; a quarter default, as `x0` and the trade say."""
    draw, n = np.random.default_rng(0), 240
    frame = pd.DataFrame({f"x{i}": draw.normal(size=n) for i in range(3)})
    frame["trade"] = draw.choice(["retail", "building", "farming"], n)
    frame["flag"] = draw.random(n) < 0.5
    frame["opened"] = pd.date_range("2020-01-01", periods=n).strftime("%Y-%m-%d")
    frame["name"] = [f"Firm {i} Ltd" for i in range(n)]
    frame["always"] = "EUR"
    log_odds = 1.5 * frame["x0"] + 1.5 * (frame["trade"] == "building") - 2
    frame["y"] = np.where(draw.random(n) < 1 / (1 + np.exp(-log_odds)), "yes", "no")
    frame["firm"] = [f"F{i % 80}" for i in range(n)]
    frame["year"] = 2010 + np.arange(n) // 24
    frame.loc[::9, "x1"] = np.nan
    frame.loc[::11, "trade"] = None
    return frame


@pytest.fixture
def csv(loans: pd.DataFrame, tmp_path: Path) -> Path:
    """The loans as a file."""
    path = tmp_path / "loans.csv"
    loans.to_csv(path, index=False)
    return path
