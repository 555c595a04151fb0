"""When a campaign can still start: never closer than the lead, never past `until`, and what a series missed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from msgflash_gitops.model.definition import Repeat, Schedule
from msgflash_gitops.model.project import Policy
from msgflash_gitops.planning.series import Start, find_start, is_occurrence
from tests.support.builders import desired

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
POLICY = Policy(min_lead=timedelta(minutes=5))


def start(at: datetime, **changes: Any) -> Start:
    return find_start(desired(at=at, **changes), NOW, POLICY)


class TestOnce:
    def test_up_to_the_lead_and_not_later(self) -> None:
        at = NOW + 5 * MINUTE
        assert start(at) == Start(at)
        assert start(at - timedelta(seconds=1)) == Start(None)
        assert start(NOW - DAY) == Start(None)

    def test_without_a_lead(self) -> None:
        assert find_start(desired(at=NOW), NOW, Policy(min_lead=timedelta(0))) == Start(NOW)


class TestSeries:
    def test_before_its_beginning_it_starts_with_the_first(self) -> None:
        at = NOW + 5 * MINUTE
        assert start(at, repeat=Repeat.DAILY) == Start(at)

    def test_afterwards_at_the_next_that_the_lead_allows_naming_what_was_missed(self) -> None:
        first = NOW - 2 * DAY + 5 * MINUTE
        assert start(first, repeat=Repeat.DAILY) == Start(NOW + 5 * MINUTE, (first, first + DAY))
        late = first - MINUTE
        assert start(late, repeat=Repeat.DAILY) == Start(late + 3 * DAY, (late, late + DAY, late + 2 * DAY))

    def test_weekly(self) -> None:
        first = NOW - 8 * DAY
        assert start(first, repeat=Repeat.WEEKLY) == Start(first + 14 * DAY, (first, first + 7 * DAY))

    def test_the_last_five_are_named_however_old_the_series_is(self) -> None:
        found = start(NOW - 3000 * DAY, repeat=Repeat.DAILY)
        assert found == Start(NOW + DAY, tuple(NOW - number * DAY for number in (4, 3, 2, 1, 0)))
        weekly = start(NOW - 7000 * DAY, repeat=Repeat.WEEKLY)
        assert weekly.missed == tuple(NOW - number * 7 * DAY for number in (4, 3, 2, 1, 0))

    def test_in_its_zone_the_wall_clock_counts(self) -> None:
        """Paris puts its clocks forward on 2027-03-28: nine in the morning is an hour earlier in UTC."""
        now = datetime(2027, 3, 28, 6, 30, tzinfo=UTC)
        schedule = Schedule(datetime(2027, 3, 27, 8, tzinfo=UTC), "Europe/Paris")
        found = find_start(desired(schedule=schedule, repeat=Repeat.DAILY), now, POLICY)
        assert found == Start(datetime(2027, 3, 28, 7, tzinfo=UTC), (schedule.instant,))

    @pytest.mark.parametrize(
        ("until", "starts"), [(NOW + DAY, False), (NOW + DAY + timedelta(seconds=1), True), (NOW - DAY, False)]
    )
    def test_until_ends_it(self, until: datetime, starts: bool) -> None:
        found = start(NOW - DAY, repeat=Repeat.DAILY, until=until)
        assert found.at == (NOW + DAY if starts else None)
        assert bool(found.missed) is starts

    def test_until_before_the_beginning(self) -> None:
        assert start(NOW + 2 * DAY, repeat=Repeat.DAILY, until=NOW + DAY) == Start(None)


@pytest.mark.parametrize(
    ("shown", "repeat", "same"),
    [
        (NOW + 3 * DAY, Repeat.DAILY, True),
        (NOW + 3 * DAY + MINUTE, Repeat.DAILY, False),
        (NOW + 14 * DAY, Repeat.WEEKLY, True),
        (NOW + 3 * DAY, Repeat.WEEKLY, False),
    ],
)
def test_a_schedule_that_the_account_shows(shown: datetime, repeat: Repeat, same: bool) -> None:
    assert is_occurrence(shown, desired(at=NOW, repeat=repeat)) is same


def test_a_schedule_by_the_wall_clock_of_the_series() -> None:
    schedule = Schedule(datetime(2027, 3, 27, 8, tzinfo=UTC), "Europe/Paris")
    one = desired(schedule=schedule, repeat=Repeat.DAILY)
    assert is_occurrence(datetime(2027, 3, 28, 7, tzinfo=UTC), one)
    assert is_occurrence(datetime(2027, 3, 28, 8, tzinfo=UTC), one), "the vendor may count by 24 hours"
    assert not is_occurrence(datetime(2027, 3, 28, 9, tzinfo=UTC), one)
