"""The headline of a model as a table for the screen: each number beside what it is judged by."""

from collections.abc import Mapping

from rich.console import Group
from rich.table import Table


def metrics_table(metrics: Mapping[str, float], counts: Mapping[str, int]) -> Group:
    """Metrics of the test slice, and the rows of every slice and of what was left out."""
    rows, defaults = metrics["rows"], metrics["defaults"]
    measured = Table(
        "metric",
        "value",
        title=f"test slice: {rows:,} rows, {defaults:,} defaults",
        title_justify="left",
    )
    measured.columns[1].justify = "right"
    interval = f"{metrics['auc']:.4f}  [{metrics['auc_low']:.4f}, {metrics['auc_high']:.4f}]"
    measured.add_row("AUC  [95 % DeLong]", interval)
    for name, text in (
        ("average_precision", "average precision"),
        ("base_rate", "base rate"),
        ("mean_probability", "mean default probability"),
        ("brier", "Brier score"),
        ("brier_skill", "Brier skill over the base rate"),
        ("calibration_slope", "calibration slope"),
        ("calibration_intercept", "calibration intercept"),
    ):
        measured.add_row(text, f"{metrics[name]:.4f}")
    population = Table("population", "rows", title="where the rows went", title_justify="left")
    population.columns[1].justify = "right"
    for name, count in counts.items():
        population.add_row(name.replace("_", " "), f"{count:,}")
    return Group(measured, population)
