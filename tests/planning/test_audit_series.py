"""Series over daylight-saving changes, compared with dateutil, which knows nothing of our code."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal

import pytest
from dateutil import tz
from dateutil.rrule import DAILY, WEEKLY, rrule
from hypothesis import given
from hypothesis import strategies as st

from msgflash_gitops.model.audit import Origin, State, Subject, Window
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.planning.audit.risks import shifts
from msgflash_gitops.planning.audit.sends import expand, instants

ZONES = ("Europe/Paris", "America/New_York", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Kolkata")
Repeat = Literal["daily", "weekly"]

starts = st.integers(0, 19 * 365 * 1440).map(
    lambda minutes: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
spans = st.timedeltas(timedelta(minutes=1), timedelta(days=420))


def series(first: datetime, repeat: str, status: str = "scheduled", **facts: object) -> Subject:
    live = LiveCampaign("c1", "Series", status)
    made = Subject("Series", State.IN_SYNC, Origin.GIT, first, repeat, {}, {}, campaign=live, key="series")
    return Subject(**{**{name: getattr(made, name) for name in Subject.__slots__}, **facts})


def oracle(first: datetime, repeat: Repeat, start: datetime, end: datetime) -> list[datetime]:
    """In naive UTC, as the vendor counts as far as is known."""
    rule = rrule(
        DAILY if repeat == "daily" else WEEKLY, dtstart=first.replace(tzinfo=None), until=end.replace(tzinfo=None)
    )
    begin = start.replace(tzinfo=None)
    return [at.replace(tzinfo=UTC) for at in rule if begin <= at < end.replace(tzinfo=None)]


@given(first=starts, repeat=st.sampled_from(["daily", "weekly"]), ahead=st.integers(-900, 900), span=spans)
def test_occurrences_are_the_oracles(first: datetime, repeat: Repeat, ahead: int, span: timedelta) -> None:
    start = first + timedelta(days=ahead, minutes=ahead)
    assert list(instants(series(first, repeat), start, start + span)) == oracle(first, repeat, start, start + span)


@pytest.mark.parametrize("zone", ZONES)
@given(first=starts, repeat=st.sampled_from(["daily", "weekly"]), span=spans)
def test_shifts_are_where_the_oracles_local_time_changes(
    zone: str, first: datetime, repeat: Repeat, span: timedelta
) -> None:
    """dateutil's own reading of the zone: where the wall clock of two neighbours differs, and only there, a shift is told."""
    window = Window(first, first + span, zone)
    found = [
        (before.astimezone(UTC), after.astimezone(UTC))
        for before, after in shifts(series(first, repeat), first, window, zone)
    ]
    there = tz.gettz(zone)
    expected = []
    occurrences = oracle(first, repeat, window.start, window.end)
    for before, after in pairwise(occurrences):
        if before.astimezone(there).time() != after.astimezone(there).time():
            expected.append((before, after))
    assert found == expected


@pytest.mark.parametrize(
    ("zone", "first", "before", "after"),
    [
        ("Europe/Paris", "2027-03-20T08:00+00:00", "2027-03-27 09:00 +0100", "2027-03-28 10:00 +0200"),
        ("America/New_York", "2027-11-01T13:00+00:00", "2027-11-06 09:00 -0400", "2027-11-07 08:00 -0500"),
        ("America/Sao_Paulo", "2018-11-01T12:00+00:00", "2018-11-03 09:00 -0300", "2018-11-04 10:00 -0200"),
        ("Africa/Casablanca", "2027-02-01T08:00+00:00", "2027-02-06 09:00 +0100", "2027-02-07 08:00 +0000"),
    ],
)
def test_known_changes(zone: str, first: str, before: str, after: str) -> None:
    begin = datetime.fromisoformat(first)
    window = Window(begin, begin + timedelta(days=14), zone)
    ((one, two),) = shifts(series(begin, "daily"), begin, window, zone)
    assert (f"{one:%Y-%m-%d %H:%M %z}", f"{two:%Y-%m-%d %H:%M %z}") == (before, after)


def test_kolkata_never_changes() -> None:
    begin = datetime(2027, 1, 1, tzinfo=UTC)
    assert (
        shifts(
            series(begin, "daily"), begin, Window(begin, begin + timedelta(days=3000), "Asia/Kolkata"), "Asia/Kolkata"
        )
        == []
    )


def test_a_change_just_before_the_first_send_shown_is_told() -> None:
    """The window begins on the morning of the change: the occurrence before it is what people are used to."""
    first = datetime(2027, 3, 1, 8, tzinfo=UTC)
    window = Window(datetime(2027, 3, 28, 7, tzinfo=UTC), datetime(2027, 3, 30, tzinfo=UTC), "Europe/Paris")
    subject = series(first, "daily")
    (shown,) = {send.at for send in expand([subject], window, window.start)} & {datetime(2027, 3, 28, 8, tzinfo=UTC)}
    assert len(shifts(subject, shown, window, "Europe/Paris")) == 1


def test_a_series_that_ended_has_no_occurrence_after_its_end() -> None:
    first, end = datetime(2027, 1, 1, 9, tzinfo=UTC), datetime(2027, 1, 4, 9, 1, tzinfo=UTC)
    window = Window(first, first + timedelta(days=30), "UTC")
    sends = list(expand([series(first, "daily", "completed", ends=end)], window, window.end))
    assert [send.at.day for send in sends] == [1, 2, 3, 4]


def test_what_is_still_to_be_created_ends_at_until() -> None:
    first = datetime(2027, 1, 1, 9, tzinfo=UTC)
    subject = series(first, "daily", campaign=None, until=first + timedelta(days=3))
    assert len(list(instants(subject, first, first + timedelta(days=30)))) == 3


def test_an_unknown_repetition_is_shown_once_with_a_note() -> None:
    first = datetime(2027, 1, 1, 9, tzinfo=UTC)
    window = Window(first, first + timedelta(days=90), "UTC")
    (send,) = expand([series(first, "monthly")], window, first)
    assert send.notes == ("repeats 'monthly': only the first send is shown",)
