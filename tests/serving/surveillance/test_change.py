"""Reasons for a change add up, in numbers and in words."""

import re

from hypothesis import given
from hypothesis import strategies as st

from features.feature import TOPICS
from serving.surveillance.change import change, say_change
from serving.surveillance.columns import TOPIC_COLUMNS

steps = st.floats(-5, 5)
topics = st.lists(steps, min_size=len(TOPICS), max_size=len(TOPICS))


def row(base: float, of_topics: list[float], model: str = "m1", grade: str = "5") -> dict:
    return {
        "base_log_odds": base,
        "log_odds": base + sum(of_topics),
        **dict(zip(TOPIC_COLUMNS.values(), of_topics, strict=True)),
        "default_probability": 0.0331,
        "grade": grade,
        "model_version": model,
    }


@given(steps, topics, steps, topics)
def test_the_model_and_the_topics_add_up_to_the_change(
    base, of_topics, later, later_topics
) -> None:
    before, after = row(base, of_topics), row(later, later_topics, "m2")
    moved = change(before, after)
    total = moved["model"] + sum(topic["log_odds"] for topic in moved["topics"])
    assert abs(total - (after["log_odds"] - before["log_odds"])) < 1e-9
    assert moved["model_changed"]
    sizes = [abs(topic["log_odds"]) for topic in moved["topics"]]
    assert sizes == sorted(sizes, reverse=True)


@given(topics, topics)
def test_the_numbers_of_the_sentence_add_up_to_rounding(of_topics, later_topics) -> None:
    before, after = row(-3.0, of_topics), row(-3.0, later_topics)
    moved = change(before, after)
    for text in say_change(before, after, moved).values():
        said = re.findall(r"[+−][\d]+[.,]\d\d", text)
        numbers = [float(number.replace("−", "-").replace(",", ".")) for number in said]
        if numbers:
            assert abs(sum(numbers[:-1]) - numbers[-1]) <= 0.005 * len(numbers) + 1e-9


def test_a_sentence_in_both_languages() -> None:
    before, after = (
        row(-3.0, [0.0] * len(TOPICS)),
        row(-3.0, [0.8, 0.3, -0.05] + [0.0] * 10, grade="7"),
    )
    said = say_change(before, after, change(before, after))
    assert said["en"] == (
        "Default probability 3.31 % → 3.31 %, grade 5 → 7. Moved by: Payment behaviour +0.80, "
        "Overdue balance +0.30, Trading relationship −0.05 (= +1.05 log-odds)."
    )
    assert "Comportement de paiement +0,80" in said["fr"]
    assert "3,31 %" in said["fr"]
