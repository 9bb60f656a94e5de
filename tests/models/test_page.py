from pathlib import Path

import pandas as pd
import plotly.graph_objects as go

from models.page import Heading, write_page


def test_a_page_stands_alone_and_escapes_what_it_shows(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "page.html"
    table = pd.DataFrame({"<b>": [0.01234567, 1234567.8]}, index=["Fils & Cie", "é"])
    figures = [go.Figure(go.Bar(x=["a"], y=[1])) for _ in range(2)]
    write_page(out, "A <title>", ["1 < 2", Heading("Part & parcel"), table, *figures])
    page = out.read_text(encoding="utf-8")
    assert "<h1>A &lt;title&gt;</h1>" in page
    assert "<p>1 &lt; 2</p>" in page
    assert "<h2>Part &amp; parcel</h2>" in page
    assert "&lt;b&gt;" in page
    assert "Fils &amp; Cie" in page
    assert "0.01235" in page
    assert "1,234,568" in page
    assert '<script src="' not in page
    assert page.count("plotly.js v") == 1  # once for both figures
    assert page.count("Plotly.newPlot(") == 2
