"""A feature belongs to a topic that people know, in both languages."""

import pytest

from features.catalog import CATALOG
from features.feature import TOPICS, Feature


def test_an_unknown_topic_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="weather"):
        Feature("rain", "weather", "mm", "", "", "", 0, "", "rain", "pluie")


def test_every_topic_has_words_in_two_languages_and_features() -> None:
    used = {feature.topic for feature in CATALOG}
    assert used == set(TOPICS)
    assert all(english and french for english, french in TOPICS.values())
