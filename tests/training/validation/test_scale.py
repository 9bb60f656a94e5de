import pandas as pd

from training.validation.scale import pools


def grades(**counts: tuple[int, int]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(
        {name: {"n": n, "defaults": d} for name, (n, d) in counts.items()}, orient="index"
    )


def test_adjacent_grades_are_pooled_until_they_hold_enough_defaults() -> None:
    table = pools(grades(a=(500, 1), b=(400, 4), c=(300, 9), d=(50, 2)))
    assert list(table.index) == ["a, b", "c, d"]
    assert table["defaults"].tolist() == [5, 11]


def test_a_fall_from_one_pool_to_the_next_has_its_p_value() -> None:
    chance, sure = (
        pools(grades(a=(1000, 50), b=(1000, worse)))["falls, p"].iloc[1] for worse in (45, 10)
    )
    assert chance > 0.2
    assert sure < 1e-6


def test_no_default_at_all_makes_no_pool() -> None:
    assert pools(grades(a=(500, 0), b=(10, 1))).empty
