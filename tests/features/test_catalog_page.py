from io import StringIO

import pytest
from rich.console import Console

from features.catalog import CATALOG
from features.catalog_page import catalog_listing, catalog_page, feature_card
from features.feature import TOPICS


def test_the_page_documents_every_feature_under_its_topic():
    page = catalog_page()
    for feature in CATALOG:
        section = page.split(f"## {TOPICS[feature.topic][0]}\n")[1].split("\n## ")[0]
        row = next(line for line in section.splitlines() if line.startswith(f"| `{feature.name}`"))
        assert row.replace("\\|", "").count("|") == 9
        assert feature.why in row


def test_the_listing_is_of_one_topic_or_all():
    assert catalog_listing().row_count == len(CATALOG)
    assert catalog_listing("esg").row_count == sum(f.topic == "esg" for f in CATALOG)
    with pytest.raises(ValueError, match=r"no topic 'nope'; one of payment_behaviour, .*esg"):
        catalog_listing("nope")


def test_a_card_says_all_of_one_feature():
    screen = Console(width=200, file=StringIO())
    screen.print(feature_card("dbt_12m"))
    card = screen.file.getvalue()
    feature = next(f for f in CATALOG if f.name == "dbt_12m")
    for words in (feature.en, feature.fr, feature.source, feature.why, "raises the risk"):
        assert words in card
    with pytest.raises(ValueError, match="did you mean dbt_12m"):
        feature_card("dbt_12")
