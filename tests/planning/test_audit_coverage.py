"""What an audit says of what it could see: pure, from what was read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from msgflash_gitops.model.audit import Kind, Origin, Outlook, State, Subject, Window
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.memory import DELETED, Doubt, Memory, Remembered
from msgflash_gitops.model.message import Searched
from msgflash_gitops.model.plan import World
from msgflash_gitops.planning.audit.coverage import Sight, coverage_of
from msgflash_gitops.planning.audit.findings import by_subject, state_findings
from msgflash_gitops.planning.audit.sends import expand
from msgflash_gitops.planning.audit.subjects import untimed_notices

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEEK = Window(NOW - timedelta(days=7), NOW + timedelta(days=7), "UTC")
LIVE = LiveCampaign("c-1", "Spring", "scheduled")
GONE = replace(LIVE, id="c-2", status=DELETED)
DOUBT = Doubt("spring", "0123456789", NOW, "run")
MEMORY = Memory({"c-2": Remembered("c-2", "summer", None, DELETED, NOW)})
EMPTY = Sight(World.DOCUMENTED, (), Memory(), frozenset())


def spots(sight: Sight, *untimed: LiveCampaign) -> list[str]:
    return list(coverage_of(sight, untimed).blind_spots)


def test_counts_of_a_list() -> None:
    sight = Sight(World.LIST, (LIVE, GONE, replace(LIVE, seen_at=NOW)), MEMORY, frozenset({"c-2"}))
    found = coverage_of(sight, ())
    assert (found.world, found.remembered, found.listed, found.read, found.messages_read) == (World.LIST, 1, 1, 1, 0)


def test_a_list_leaves_nothing_in_doubt() -> None:
    memory = Memory(doubts=(DOUBT,))
    assert not [each for each in spots(replace(EMPTY, world=World.LIST, memory=memory)) if "doubt" in each]
    assert spots(replace(EMPTY, memory=memory))[-1].startswith("1 create is in doubt, nobody knows")


def test_keys_in_doubt_are_told_once_and_in_order() -> None:
    memory = Memory(doubts=(DOUBT, replace(DOUBT, run="later"), replace(DOUBT, key="autumn")))
    assert (
        "2 creates are in doubt, nobody knows whether there is a campaign: autumn, spring;"
        in spots(replace(EMPTY, memory=memory))[-1]
    )


@pytest.mark.parametrize(
    ("searched", "words"),
    [
        (Searched(0), "no message was there to read"),
        (
            Searched(7, since={"lyon": NOW, "paris": NOW - HOUR}),
            "which go back to Mon 2027-03-01 12:00 UTC on lyon, Mon 2027-03-01 11:00 UTC on paris: what sent earlier is not found",
        ),
        (Searched(7, ("c-9",), left=3), "3 more campaigns that messages name were not read: 1 are read at most"),
        (Searched(7, ("c-2",), (GONE,)), "1 campaign sent messages and was deleted since: only that is known of c-2"),
    ],
)
def test_how_far_the_messages_went(searched: Searched, words: str) -> None:
    told = spots(replace(EMPTY, searched=searched))
    assert [each for each in told if words in each], told
    assert not [each for each in told if "--read-messages" in each]


def test_what_cannot_be_placed_in_time() -> None:
    stranger = replace(GONE, id="c-3")
    told = spots(replace(EMPTY, memory=MEMORY), LIVE, GONE, stranger)[-2:]
    assert told == [
        "1 campaign that the ledger remembers cannot be shown: deleted in the dashboard, and not known for when: summer (c-2)",
        "1 campaign cannot be shown, because the API shows no time at which it starts: c-1",
    ]
    assert untimed_notices([LIVE, GONE]) == ["campaign c-1 (scheduled) shows no time at which it starts: 'Spring'"]


def subject(at: datetime, **facts: Any) -> Subject:
    live = replace(LIVE, status=DELETED, fields={"schedule": format_instant(at)}, **facts)
    return Subject("Spring", State.DRIFTED, Origin.GIT, at, "none", {}, {}, live, "spring", reason="deleted")


@pytest.mark.parametrize(
    ("at", "facts", "outlook"),
    [
        (NOW + HOUR, {}, Outlook.NEVER),
        (NOW - HOUR, {}, Outlook.UNKNOWN),
        (NOW - HOUR, {"seen_at": NOW - 2 * HOUR}, Outlook.NEVER),
        (NOW - HOUR, {"seen_at": NOW - HOUR / 2}, Outlook.UNKNOWN),
        (NOW - HOUR, {"started_at": NOW - HOUR}, Outlook.SENT),
    ],
)
def test_what_was_deleted_before_its_time_is_never_sent(at: datetime, facts: dict[str, Any], outlook: Outlook) -> None:
    (send,) = expand([subject(at, **facts)], WEEK, NOW)
    assert send.outlook is outlook
    assert bool(send.notes) is (outlook is Outlook.UNKNOWN)
    assert (send.state is State.STOPPED) is (outlook is Outlook.NEVER)


@pytest.mark.parametrize(("facts", "kinds"), [({}, []), ({"started_at": NOW - HOUR}, [Kind.UNMANAGED])])
def test_an_unmanaged_one_that_sent_and_was_deleted_is_a_finding(facts: dict[str, Any], kinds: list[Kind]) -> None:
    one = replace(subject(NOW - HOUR, **facts), state=State.UNMANAGED)
    assert [each.kind for each in state_findings(by_subject(expand([one], WEEK, NOW)))] == kinds


def test_a_doubt_whose_time_has_passed_is_told_in_every_window_that_holds_the_present() -> None:
    one = replace(subject(NOW - timedelta(days=30)), campaign=None, state=State.IN_DOUBT)
    (send,) = expand([one], WEEK, NOW)
    assert (send.at, send.outlook) == (NOW - timedelta(days=30), Outlook.UNKNOWN)
