from itertools import pairwise
from math import isclose, nan

from hypothesis import given
from hypothesis import strategies as st

from serving.workbench.charts import WIDTH, line, share, waterfall

steps = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12)


@given(st.floats(-1e6, 1e6), steps, st.booleans())
def test_a_waterfall_is_connected_and_stays_in_sight(
    start: float, steps: list[float], from_zero: bool
) -> None:
    bars = waterfall(start, steps, from_zero=from_zero)
    assert len(bars) == len(steps)
    for bar in bars:
        assert -1e-6 <= bar.left <= WIDTH + 1e-6
        assert bar.width <= WIDTH + 1e-6
    for before, bar in pairwise(bars):
        edges = (bar.left, bar.left + bar.width)
        assert any(isclose(before.end, edge, abs_tol=1e-3) for edge in edges) or bar.width <= 3


def test_equal_steps_have_equal_bars_in_the_direction_they_take() -> None:
    up, down = waterfall(0.0, [1.0, -1.0])
    assert up.width == down.width == WIDTH
    assert (up.end, down.end) == (WIDTH, 0.0)


def test_a_share_is_full_beyond_its_largest_and_never_negative() -> None:
    assert share(5.0, 10.0).width == WIDTH / 2
    assert share(20.0, 10.0).width == WIDTH
    assert share(-1.0, 10.0).end == 0.0
    assert share(1.0, 0.0).end == 0.0


def test_a_line_leaves_out_what_is_not_known_and_says_everything() -> None:
    drawn = line("Delay", [nan, 10.0, 5.0], ["Q1", "Q2", "Q3"], ["not known", "10 days", "5 days"])
    assert [point.text for point in drawn.points] == ["10 days", "5 days"]
    assert drawn.points[0].y < drawn.points[1].y  # more days stand higher
    assert drawn.points[-1].x < WIDTH
    assert drawn.says == "Delay. Q1: not known; Q2: 10 days; Q3: 5 days"
    assert (drawn.first, drawn.last) == ("Q1", "Q3")
    assert drawn.points[0].says == "Q2: 10 days"


def test_a_line_without_any_value_has_no_point() -> None:
    assert line("Delay", [nan], ["Q1"], ["not known"]).points == []
