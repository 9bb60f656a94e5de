import tomllib
from datetime import date

from models.toml_text import toml_text


def test_what_is_written_is_read_again() -> None:
    table = {
        "fit": {"seed": 7, "lambda_l2": 0.5, "monotone": True},
        "names": ("é", 'a"b'),
        "day": date(2024, 6, 30),
        "overlays": ({"sector": "F"}, {"sector": "I"}),
    }
    read = tomllib.loads(toml_text(table))
    assert read == {**table, "names": ["é", 'a"b'], "overlays": [{"sector": "F"}, {"sector": "I"}]}
