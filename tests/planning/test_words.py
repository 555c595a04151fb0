"""Durations and moments as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from msgflash_gitops.planning.words import duration_words, moment_words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0 seconds"),
        (timedelta(seconds=-5), "0 seconds"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(minutes=5), "5 minutes"),
        (timedelta(hours=1, seconds=59), "1 hour"),
        (timedelta(days=2, hours=3, minutes=59), "2 days 3 hours"),
        (timedelta(days=1, hours=1, minutes=1), "1 day 1 hour"),
        (timedelta(days=2, minutes=59), "2 days"),
        (timedelta(minutes=2, seconds=30), "2 minutes 30 seconds"),
        (timedelta(seconds=1.9), "1 second"),
    ],
)
def test_durations(span: timedelta, words: str) -> None:
    assert duration_words(span) == words


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "Thu 2027-04-15 22:30 UTC"),
        ("Europe/Paris", "Fri 2027-04-16 00:30 CEST (2027-04-15 22:30 UTC)"),
        ("America/Sao_Paulo", "Thu 2027-04-15 19:30 -03 (22:30 UTC)"),
    ],
)
def test_moments(zone: str, words: str) -> None:
    assert moment_words(datetime(2027, 4, 15, 22, 30, tzinfo=UTC), zone) == words


def test_seconds_are_shown_where_there_are_any() -> None:
    moment = datetime(2027, 4, 15, 22, 30, 5, tzinfo=UTC)
    assert moment_words(moment, "UTC") == "Thu 2027-04-15 22:30:05 UTC"
    assert moment_words(moment, "America/Sao_Paulo") == "Thu 2027-04-15 19:30:05 -03 (22:30:05 UTC)"
