from features.payments.ageing import (
    CHANGE,
    CREDITS_SHARE,
    DAYS_LATE,
    DAYS_LATE_12M,
    NOT_DUE_AMOUNT,
    OPEN_AMOUNT,
    OVERDUE_SHARE,
    SHARE_12M,
    SHARE_MAX_12M,
    TREND_12M,
)
from features.payments.ageing_features import FEATURES

OVERDUE_BUCKETS = ("1_30", "31_60", "61_90", "91_180", "over_180")


def test_places_are_those_of_the_catalogue():
    names = [feature.name for feature in FEATURES]
    assert names[OPEN_AMOUNT : OVERDUE_SHARE + 1] == [
        "open_amount",
        "overdue_amount",
        "overdue_share",
    ]
    assert names[OVERDUE_SHARE + 1 : DAYS_LATE] == [
        f"overdue_share_{bucket}" for bucket in OVERDUE_BUCKETS
    ]
    assert names[NOT_DUE_AMOUNT:SHARE_12M] == [
        "not_due_amount",
        *(f"overdue_amount_{bucket}" for bucket in OVERDUE_BUCKETS),
    ]
    assert [names[place] for place in (SHARE_12M, SHARE_MAX_12M, DAYS_LATE_12M, TREND_12M)] == [
        "balance_overdue_share_12m",
        "balance_overdue_share_max_12m",
        "balance_days_late_12m",
        "balance_trend_12m",
    ]
    assert [names[place] for place in (DAYS_LATE, CREDITS_SHARE, CHANGE)] == [
        "balance_days_late",
        "credits_share",
        "overdue_share_change_3m",
    ]
