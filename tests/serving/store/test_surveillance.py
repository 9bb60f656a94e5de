from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from serving.store.surveillance import instant

moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(moments, moments)
def test_the_order_of_instants_is_that_of_time(one: datetime, other: datetime) -> None:
    apart = abs(one - other) >= timedelta(milliseconds=1)
    assert not apart or (instant(one) < instant(other)) == (one < other)
    assert instant(one) == instant(one.astimezone(timezone(timedelta(hours=5))))
