"""Who holds the lease, told by entries alone."""

from datetime import UTC, datetime, timedelta

import pytest

from msgflash_gitops.model.ledger import Entry, Fact, Genesis, LeaseFreed, LeaseRenewed, LeaseTaken, RunBegan, Unlinked
from msgflash_gitops.planning.lease import holder

MOMENT = datetime(2027, 4, 15, 7, tzinfo=UTC)
BEGAN = RunBegan("apply", actor="ana")


def entries(*facts: tuple[str, Fact]) -> list[Entry]:
    return [
        Entry(number, "", MOMENT + timedelta(seconds=number), run, fact) for number, (run, fact) in enumerate(facts, 1)
    ]


@pytest.mark.parametrize(
    ("facts", "run"),
    [
        ([], None),
        ([("a", Genesis("id"))], None),
        ([("a", LeaseTaken(60))], "a"),
        ([("a", LeaseTaken(60)), ("a", LeaseRenewed()), ("a", Unlinked("k", "x"))], "a"),
        ([("a", LeaseTaken(60)), ("a", LeaseFreed("a"))], None),
        ([("a", LeaseTaken(60)), ("u", LeaseFreed("a", by_hand=True))], None),
        ([("a", LeaseTaken(60)), ("b", LeaseTaken(60, over="a"))], "b"),
        ([("a", LeaseTaken(60)), ("b", LeaseTaken(60, over="a")), ("a", LeaseFreed("a"))], "b"),
        ([("a", LeaseTaken(60)), ("a", LeaseFreed("a")), ("b", LeaseTaken(60))], "b"),
    ],
)
def test_the_last_one_who_took_it_holds_it_until_it_is_freed(facts: list[tuple[str, Fact]], run: str | None) -> None:
    held = holder(entries(*facts))
    assert (held.run if held else None) == run


def test_the_holder_says_who_since_when_and_for_how_long() -> None:
    held = holder(entries(("a", BEGAN), ("a", LeaseTaken(60)), ("b", RunBegan("link")), ("a", LeaseRenewed())))
    assert held is not None
    assert (held.began, held.since, held.seconds) == (BEGAN, MOMENT + timedelta(seconds=2), 60)
