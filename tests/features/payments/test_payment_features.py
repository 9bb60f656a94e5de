from features.payments.payment_features import FEATURES, MEASURES, MONTHS
from features.payments.payment_sums import WINDOW_DAYS


def test_the_windows_of_the_catalogue_are_those_of_the_sums():
    assert [round(days * 12 / 365) for days in WINDOW_DAYS] == list(MONTHS)


def test_every_window_has_every_measure_first_and_in_order():
    expected = [measure[0].format(m=months) for months in MONTHS for measure in MEASURES]
    assert [f.name for f in FEATURES[: len(expected)]] == expected


def test_lateness_may_only_raise_the_risk_and_the_index_only_lower_it():
    signs = {f.name: f.monotone for f in FEATURES if f.topic == "payment_behaviour"}
    raising = ("dbt_", "late_share_", "days_late_", "unpaid_share_", "late_slope_")
    assert {sign for name, sign in signs.items() if name.startswith(raising)} == {1}
    assert {sign for name, sign in signs.items() if name.startswith("payment_index_")} == {-1}


def test_words_are_filled_in():
    assert not any("{" in text for f in FEATURES for text in (f.name, f.en, f.fr, f.formula))
