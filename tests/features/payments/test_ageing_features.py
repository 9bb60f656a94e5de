from features.payments.ageing import CHANGE, CREDITS_SHARE, DAYS_LATE, OPEN_AMOUNT, OVERDUE_SHARE
from features.payments.ageing_features import FEATURES


def test_places_are_those_of_the_catalogue():
    names = [feature.name for feature in FEATURES]
    assert names[OPEN_AMOUNT : OVERDUE_SHARE + 1] == [
        "open_amount",
        "overdue_amount",
        "overdue_share",
    ]
    assert names[OVERDUE_SHARE + 1 : DAYS_LATE] == [
        f"overdue_share_{bucket}" for bucket in ("1_30", "31_60", "61_90", "91_180", "over_180")
    ]
    assert [names[place] for place in (DAYS_LATE, CREDITS_SHARE, CHANGE)] == [
        "balance_days_late",
        "credits_share",
        "overdue_share_change_3m",
    ]
