"""Names are compared by what firms are called, not by how they are written."""

import pytest

from serving.names import plain


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Électricité & Fils S.A.R.L.", "electricite fils"),
        ("ELECTRICITE ET FILS", "electricite et fils"),
        ("Müller Metallbau GmbH & Co. KG", "muller metallbau"),
        ("Zakłady Kowalski Sp. z o.o.", "zakłady kowalski"),
        ("Ross Officine S.p.A.", "ross officine"),
        ("Öberg Bygg AB (publ)", "oberg bygg"),
        ("L'Atelier", "latelier"),
        ("S.A.", "sa"),
        ("Sasha Ltd", "sasha"),
        ("株式会社トヨタ", "株式会社トヨタ"),
        ("  ", ""),
        ("!?", ""),
    ],
)
def test_plain_names(written: str, compared: str) -> None:
    assert plain(written) == compared
    assert plain(compared) == compared
