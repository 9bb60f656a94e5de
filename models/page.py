"""A report as one HTML file: text, tables and figures, readable without a network."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TypeAlias

import pandas as pd
import plotly.graph_objects as go

Part: TypeAlias = str | pd.DataFrame | go.Figure

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto }
th, td { padding: .25rem .75rem; text-align: right; border-bottom: 1px solid #ccc }
"""


class Heading(str):
    """A part set as a heading."""


def write_page(out: Path, title: str, parts: Sequence[Part]) -> None:
    """Write `parts` in their order under a title; plotly's script is in the file, once."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    body = "\n".join(_html(parts))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(
        f'<!doctype html><html lang="en"><head>{head}</head>'
        f"<body><h1>{escape(title)}</h1>\n{body}</body></html>\n",
        encoding="utf-8",
    )


def _html(parts: Sequence[Part]) -> Iterator[str]:
    script = True
    for part in parts:
        if isinstance(part, Heading):
            yield f"<h2>{escape(part)}</h2>"
        elif isinstance(part, str):
            yield f"<p>{escape(part)}</p>"
        elif isinstance(part, pd.DataFrame):
            yield _readable(part).to_html(border=0, float_format=_number, na_rep="")
        else:
            yield part.to_html(full_html=False, include_plotlyjs=script)
            script = False


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    """Headings in words; the name of the rows takes no line of its own."""
    return table.rename_axis(index=None).rename(columns=lambda name: str(name).replace("_", " "))


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.4g}"
