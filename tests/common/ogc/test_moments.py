"""How many rows are up to a value, from what PostgreSQL knows of a column."""

from datetime import UTC, datetime, timedelta

import pytest
from earthcode_common.ogc.sizes import Spread
from hypothesis import given
from hypothesis import strategies as st

DAY = datetime(2020, 1, 1, tzinfo=UTC)


def days(*numbers: float) -> list[datetime]:
    return [DAY + timedelta(days=number) for number in numbers]


@pytest.mark.parametrize(
    ("day", "share"), [(-1, 0), (0, 0), (5, 0.25), (10, 0.5), (55, 0.75), (100, 1), (101, 1)]
)
def test_shares_between_bounds(day: float, share: float) -> None:
    assert Spread((), (), days(0, 10, 100)).share(*days(day)) == pytest.approx(share)
    assert Spread((), (), [0.0, 10.0, 100.0]).share(day) == pytest.approx(share)


def test_common_values_count_once_they_are_reached() -> None:
    moments = Spread(days(5), [0.5], days(0, 10))
    assert moments.share(*days(4)) == pytest.approx(0.2)
    assert moments.share(*days(5)) == pytest.approx(0.75)
    assert Spread((), (), ()).share(DAY) == 0
    assert Spread(days(5), [1.0], ()).ends == (*days(5), *days(5))


@given(st.lists(st.floats(0, 1000), min_size=2, max_size=50), st.lists(st.floats(-10, 1010)))
def test_shares_grow_with_time(bounds: list[float], asked: list[float]) -> None:
    moments = Spread(days(3), [0.1], sorted(days(*bounds)))
    shares = [moments.share(one) for one in sorted(days(*asked))]
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 + 1e-9 for share in shares)
