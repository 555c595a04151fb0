"""The window as people write it."""

from datetime import UTC, datetime, timedelta

import pytest

from msgflash_gitops.planning.audit.window import make_window, parse_moment

NOW = datetime(2027, 6, 15, 10, tzinfo=UTC)
PARIS = "Europe/Paris"


def test_from_now_to_thirty_days_ahead() -> None:
    window = make_window(None, None, NOW, PARIS)
    assert (window.start, window.end) == (NOW, NOW + timedelta(days=30))


def test_thirty_days_from_a_beginning_that_lies_ahead() -> None:
    window = make_window("2028-01-01", None, NOW, PARIS)
    assert window.end - window.start == timedelta(days=30)


def test_a_past_beginning_keeps_the_end() -> None:
    assert make_window("-7d", None, NOW, PARIS).end == NOW + timedelta(days=30)


def test_a_date_is_a_day_of_the_zone_and_the_end_includes_it() -> None:
    window = make_window("2027-03-28", "2027-03-28", NOW, PARIS)
    assert window.start == datetime(2027, 3, 27, 23, tzinfo=UTC)
    assert window.end - window.start == timedelta(hours=23)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("+7d", NOW + timedelta(days=7)),
        ("-36h", NOW - timedelta(hours=36)),
        ("+2w", NOW + timedelta(days=14)),
        ("2027-06-15T09:30", datetime(2027, 6, 15, 7, 30, tzinfo=UTC)),
        ("2027-06-15T09:30:00Z", datetime(2027, 6, 15, 9, 30, tzinfo=UTC)),
        ("2027-06-15T09:30:00-03:00", datetime(2027, 6, 15, 12, 30, tzinfo=UTC)),
    ],
)
def test_moments(text: str, expected: datetime) -> None:
    assert parse_moment(text, NOW, PARIS) == expected


@pytest.mark.parametrize(
    "text", ["", "soon", "7d", "+7", "2027-02-30", "15/06/2027", "+999999999w", "2027-06-15T25:00"]
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="no date, time or span") as caught:
        parse_moment(text, NOW, PARIS)
    assert str(caught.value) == (
        f"{text!r} is no date, time or span: write 2027-04-15, 2027-04-15T09:00, an instant such as 2027-04-15T07:00:00Z, "
        "or a span from now such as +7d"
    )


def test_moments_are_in_utc_and_a_date_begins_its_day() -> None:
    for text in ("2027-06-15", "2027-06-15T00:00", "2027-06-15T00:00+02:00"):
        moment = parse_moment(text, NOW, PARIS)
        assert (moment, moment.tzinfo) == (datetime(2027, 6, 14, 22, tzinfo=UTC), UTC)
    assert parse_moment("2027-06-15", NOW, PARIS, ends_day=True) == datetime(2027, 6, 15, 22, tzinfo=UTC)
    assert parse_moment("2027-10-31T02:30", NOW, PARIS) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "the earlier one"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("+2d", "+1d", "the window ends before it begins"),
        ("now", "now", "the window ends before it begins"),
        ("now", "+3661d", "the window is longer than 3660 days"),
        ("2027-01-01", "2040-01-01", "the window is longer than 3660 days"),
    ],
)
def test_windows_that_make_no_sense(start: str, end: str, words: str) -> None:
    with pytest.raises(ValueError, match="window") as caught:
        make_window(start, end, NOW, PARIS)
    assert str(caught.value) == words


def test_the_longest_and_the_shortest_window() -> None:
    longest = make_window("now", "+3660d", NOW, PARIS)
    assert longest.end - longest.start == timedelta(days=3660)
    assert longest.timezone == PARIS
    assert make_window("now", "+1s", NOW, PARIS).end == NOW + timedelta(seconds=1)
    assert longest.holds(longest.start) and not longest.holds(longest.end)
