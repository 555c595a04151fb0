"""Which campaigns are asked for, and what the answers come to: out of a list, or one by one out of the ledger."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from msgflash_gitops.errors import ApiError, BadAnswer
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.definition import Audience, Recipients
from msgflash_gitops.model.memory import DELETED, Doubt, Memory, Remembered
from msgflash_gitops.model.plan import Desired
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.planning.marker import Marker, mark
from msgflash_gitops.sandbox import Fault
from msgflash_gitops.sandbox.seed import sample_id
from msgflash_gitops.sandbox.sendings import messages
from msgflash_gitops.workflows.campaigns import Campaigns, Reading, look_again, read_campaigns, recalled, wanted
from tests.simulation.virtual import START
from tests.support.builders import DAILY, PROJECT
from tests.workflows.desk import INSTANCE_ID, SOON, Desk, memory_of, remember, want

NOBODY = "11111111-1111-4111-8111-111111111111"
HOUR = timedelta(hours=1)


def reading(*campaigns: Remembered, names: frozenset[str] = frozenset({PROJECT}), **changes: Any) -> Reading:
    memory = changes.pop("memory", memory_of(*campaigns))
    return Reading(PROJECT, names, changes.pop("now", START), memory, **changes)


def read(desk: Desk, what: Reading, *desired: Desired) -> Campaigns:
    return desk.do(lambda api: read_campaigns(api, what, desired))


def states(found: Campaigns) -> dict[str, str]:
    return {each.id: each.status for each in found.live}


# the documented world: by id


def test_without_a_list_what_is_remembered_is_asked_for_by_its_id(alone: Desk) -> None:
    mine = alone.put(want(), "running")
    alone.put(want("stranger"))
    found = read(alone, reading(mine))
    assert not found.lists
    (live,) = found.live
    assert (live.id, live.status, live.seen_at) == (mine.id, "running", None)
    assert live.fields["body"] == "Hello"
    assert alone.asked(mine) == ["spring"]


def test_what_answers_404_was_deleted(alone: Desk) -> None:
    mine = remember(NOBODY)
    (live,) = read(alone, reading(mine)).live
    assert (live.id, live.status, live.seen_at) == (NOBODY, DELETED, None)
    assert live.name == "spring [crm/spring@0123456789]", "the ledger keeps no name, and its marker tells whose it was"
    assert live.start == SOON


@pytest.mark.parametrize(
    "fault",
    [
        Fault("refuse", "GET", "/campaigns/", code="FORBIDDEN", status=403),
        Fault("status", "GET", "/campaigns/", status=503, times=99),
        Fault("garbage", "GET", "/campaigns/", times=99),
        Fault("lie-id", "GET", "/campaigns/", times=99),
    ],
    ids=lambda fault: fault.kind,
)
def test_whatever_else_is_answered_is_no_deletion(alone: Desk, fault: Fault) -> None:
    mine = alone.put(want())
    alone.sandbox.faults.add(fault)
    with pytest.raises(ApiError, match="campaign"):
        read(alone, reading(mine))


@pytest.mark.parametrize(
    "status, repeat, asked",
    [
        *[(status, "none", True) for status in ("scheduled", "running", "paused", "paused_quota", "draft", DELETED)],
        *[(status, "none", False) for status in ("completed", "cancelled", "failed")],
        ("completed", "daily", True),
        ("cancelled", "daily", False),
        (None, None, True),
    ],
)
def test_what_can_send_no_more_is_not_asked_for(
    alone: Desk, status: str | None, repeat: str | None, asked: bool
) -> None:
    mine = replace(alone.put(want()), status=status, repeat=repeat)
    (live,) = read(alone, reading(mine)).live
    assert alone.asked(mine) == ["spring"] * asked
    assert (live.status, live.seen_at) == (("scheduled", None) if asked else (status, mine.seen_at))


@pytest.mark.parametrize("refresh", Refresh)
def test_a_link_that_nobody_has_looked_at_is_always_asked_for(alone: Desk, refresh: Refresh) -> None:
    linked = replace(alone.put(want(), "completed"), status=None, start=None, repeat=None)
    found = read(alone, reading(linked, refresh=refresh), want())
    assert states(found) == {linked.id: "completed"}


def test_refresh_none_asks_for_nothing_and_says_when_it_was_seen(alone: Desk) -> None:
    mine = alone.put(want(), "cancelled")
    found = read(alone, reading(mine, refresh=Refresh.NONE), want(body="edited"))
    assert alone.paths() == ["/campaigns"]  # whether there is a list
    assert [(each.status, each.seen_at) for each in found.live] == [("scheduled", mine.seen_at)]


WANTED = want()


@pytest.mark.parametrize(
    "desired, states, asked",
    [
        (WANTED, [("same", "scheduled")], False),
        (WANTED, [("same", "running")], False),
        (WANTED, [("same", "draft")], False),
        (want(body="edited"), [("same", "scheduled")], True),
        (want(paused=True), [("same", "scheduled")], True),
        (want(paused=True), [("same", "paused")], False),
        (WANTED, [("same", "paused")], True),
        (WANTED, [("same", "paused_quota")], True),
        (None, [("same", "scheduled")], True),
        (None, [("same", "paused")], False),
        (None, [("same", "paused_plan")], False),
        (WANTED, [("same", "scheduled"), ("other", "paused")], False),
        (WANTED, [("same", "scheduled"), ("other", "scheduled")], True),
        (WANTED, [("same", "completed"), ("other", "scheduled")], True),
        (want("summer", renamed_from="spring"), [("same", "scheduled")], True),
    ],
)
def test_touched_asks_where_git_does_not_say_what_was_applied_last(
    desired: Desired | None, states: list[tuple[str, str]], asked: bool
) -> None:
    """The digest covers the body, and not the key: so a rename alone would be no other form; its name says otherwise."""
    digests = {"same": WANTED.digest, "other": "0123456789"}
    if desired is not None and desired.renamed_from:
        digests["same"] = "9876543210"
    memory = memory_of(
        *(remember(f"c{n}", digest=digests[form], status=status) for n, (form, status) in enumerate(states))
    )
    found = wanted(reading(memory=memory, refresh=Refresh.TOUCHED), [desired] if desired else [])
    assert [each.id for each in found] == [each.id for each in memory.campaigns.values() if asked and each.may_send]


def test_touched_knows_what_was_renamed_and_stands(alone: Desk) -> None:
    mine = remember("c1", digest=WANTED.digest)
    renamed = replace(WANTED, key="summer", renamed_from="spring")
    assert wanted(reading(mine, refresh=Refresh.TOUCHED), [renamed]) == []


def test_touched_and_all_differ_in_what_stands_alone(alone: Desk) -> None:
    stands, edited = alone.put(want("a")), alone.put(want("b"))
    desired = [want("a"), want("b", body="edited")]
    for refresh, asked in ((Refresh.TOUCHED, ["b"]), (Refresh.ALL, ["a", "b"])):
        alone.sandbox.requests.clear()
        read(alone, reading(stands, edited, refresh=refresh), *desired)
        assert alone.asked(stands, edited) == asked


# pins


def test_what_a_definition_pins_is_asked_for(alone: Desk) -> None:
    pinned = alone.put(want(), name="By hand")
    found = read(alone, reading(pins=[pinned.id, pinned.id, NOBODY]))
    assert [(each.id, each.name) for each in found.live] == [(pinned.id, "By hand")]
    assert alone.asked(pinned) == [NOBODY, "spring"]


def test_what_is_pinned_and_remembered_is_asked_for_once(alone: Desk) -> None:
    mine = alone.put(want())
    found = read(alone, reading(mine, pins=[mine.id.upper()]))
    assert [each.id for each in found.live] == [mine.id]
    assert len(alone.asked(mine)) == 1


# doubts that messages settle


def doubt_about(one: Desired, **changes: Any) -> Doubt:
    values: dict[str, Any] = {"instance_id": INSTANCE_ID, "start": one.anchor, "repeat": "none"}
    return Doubt(one.key, one.digest, START - HOUR, "run0", **{**values, **changes})


def started(desk: Desk, one: Desired, **changes: Any) -> str:
    """A campaign that a create left behind whose answer was lost, once it has begun to send."""
    made = desk.put(one, **changes)
    desk.loop.pass_time(3 * 3600)
    desk.sandbox.tick()
    return made.id


def settled(desk: Desk, *doubts: Doubt, **changes: Any) -> Campaigns:
    memory = Memory(doubts=doubts)
    return read(desk, reading(memory=memory, now=desk.clock.now(), **changes))


def test_what_has_started_is_known_by_its_messages(alone: Desk) -> None:
    one = want()
    left, doubt = started(alone, one), doubt_about(one)
    found = settled(alone, doubt)
    assert {each: live.id for each, live in found.settled.items()} == {doubt: left}
    assert states(found) == {left: "completed"}
    pages = [seen for seen in alone.sandbox.requests if seen.path == "/messages"]
    assert {seen.query["instanceId"] for seen in pages} == {INSTANCE_ID}
    assert alone.asked(left) == [left]


@pytest.mark.parametrize(
    "changes",
    [
        {"digest": "0123456789"},
        {"key": "summer"},
        {"instance_id": None},
        {"instance_id": sample_id("instance", "boutique-lyon")},
        {"start": None},
    ],
)
def test_marker_and_digest_must_both_be_those_of_the_doubt(alone: Desk, changes: dict[str, Any]) -> None:
    one = want()
    started(alone, one)
    found = settled(alone, replace(doubt_about(one), **changes))
    assert (found.settled, found.live) == ({}, ())


def test_another_projects_campaign_settles_nothing(alone: Desk) -> None:
    one = want()
    left = started(alone, one, name=mark(one.name, Marker("shop", one.key, one.digest)))
    assert settled(alone, doubt_about(one)).settled == {}
    found = settled(alone, doubt_about(one), names=frozenset({PROJECT, "shop"}))
    assert [each.id for each in found.settled.values()] == [left]


@pytest.mark.parametrize(
    "refresh, early, looked", [("all", 0, True), ("touched", 0, True), ("none", 0, False), ("all", 1, False)]
)
def test_messages_are_read_once_the_start_has_passed_and_never_from_memory_alone(
    alone: Desk, refresh: str, early: int, looked: bool
) -> None:
    doubt = doubt_about(want(at=START + timedelta(milliseconds=early)))
    read(alone, reading(memory=Memory(doubts=(doubt,)), refresh=Refresh(refresh)))
    assert ("/messages" in alone.paths()) is looked


def test_doubts_of_one_instance_share_its_pages(alone: Desk) -> None:
    doubts = [doubt_about(want(key, at=START)) for key in ("a", "b")]
    lyon = doubt_about(want("c", at=START), instance_id=sample_id("instance", "boutique-lyon"))
    read(alone, reading(memory=Memory(doubts=(*doubts, lyon))))
    assert alone.paths().count("/messages") == 2


def test_what_is_remembered_is_no_stranger(alone: Desk) -> None:
    """An earlier campaign of the same form is not what the create in doubt left behind."""
    one = want()
    mine = replace(remember(started(alone, one), digest=one.digest), status="completed")
    memory = replace(memory_of(mine), doubts=(doubt_about(one),))
    found = read(alone, reading(memory=memory, now=alone.clock.now()))
    assert found.settled == {}
    assert alone.asked(mine) == []


def test_twenty_strangers_are_looked_at(alone: Desk) -> None:
    """The budget of requests is the user's; the newest messages come first."""
    one_person = Recipients(Audience.EXPLICIT, (sample_id("contact", "+33639981000"),))
    oldest = want("oldest", at=START + timedelta(minutes=1), recipients=one_person)
    left = alone.put(oldest)
    others = [alone.put(want(f"k{n}", at=START + timedelta(minutes=2 + n), recipients=one_person)) for n in range(25)]
    alone.loop.pass_time(3600)
    alone.sandbox.tick()
    assert settled(alone, doubt_about(oldest)).settled == {}
    asked = alone.asked(left, *others)
    assert len(asked) == 20
    assert "k24" in asked and "k5" in asked and "k4" not in asked


def test_no_more_than_five_pages_of_messages_are_read(alone: Desk) -> None:
    doubtful = want(at=START + timedelta(minutes=1))
    left = alone.put(doubtful)
    newer = [alone.put(want(f"k{n}", at=START + timedelta(minutes=5))) for n in range(4)]
    alone.loop.pass_time(3600)
    alone.sandbox.tick()
    assert len(list(messages(alone.sandbox.store, None, INSTANCE_ID, None))) > 500
    assert settled(alone, doubt_about(doubtful)).settled == {}
    assert alone.paths().count("/messages") == 5
    assert left.id not in alone.asked(*newer)


# the list world


def test_with_a_list_nothing_is_asked_for_that_it_shows(desk: Desk) -> None:
    mine, by_hand = desk.put(want()), desk.put(want("x"), name="By hand")
    found = read(desk, reading(mine, refresh=Refresh.NONE))
    assert found.lists
    assert states(found) == {mine.id: "scheduled", by_hand.id: "scheduled"}
    assert desk.asked(mine) == []


def test_what_the_list_lacks_is_asked_for_and_a_list_that_hides_something_is_none(desk: Desk) -> None:
    hidden = desk.put(want(), _shows="2030-01-01T00:00:00.000Z")
    with pytest.raises(BadAnswer, match="the list of campaigns is not whole: it lacks ") as caught:
        read(desk, reading(hidden))
    assert hidden.id in caught.value.message
    assert "more" not in caught.value.message
    assert "nothing was sent" in (caught.value.hint or "")
    assert desk.asked(hidden) == ["spring"]


def test_what_the_list_lacks_and_nobody_has_was_deleted(desk: Desk) -> None:
    shown = desk.put(want("shown"))
    found = read(desk, reading(shown, remember(NOBODY)))
    assert states(found) == {shown.id: "scheduled", NOBODY: DELETED}


def test_a_list_may_leave_out_what_can_send_no_more(desk: Desk) -> None:
    """An account may keep its history short; what is remembered still says that it was sent."""
    done = desk.put(want(), "completed", _shows="2030-01-01T00:00:00.000Z")
    remembered = replace(done, status="completed")
    found = read(desk, reading(remembered))
    assert states(found) == {done.id: "completed"}
    assert [each.seen_at for each in found.live] == [remembered.seen_at]
    assert desk.asked(done) == []


def test_a_list_settles_no_doubt_by_messages(desk: Desk) -> None:
    started(desk, want())
    assert settled(desk, doubt_about(want())).settled == {}
    assert "/messages" not in desk.paths()


# what is remembered, and what is looked at again


def test_a_campaign_out_of_memory_says_what_the_ledger_knows_and_no_more() -> None:
    series = recalled(remember("c1", repeat=DAILY.value), PROJECT)
    assert series == LiveCampaign(
        "c1",
        "spring [crm/spring@0123456789]",
        "scheduled",
        {"instanceId": INSTANCE_ID, "schedule": "2027-03-01T14:00:00.000Z", "repeat": "daily"},
        seen_at=START - HOUR,
    )
    bare = remember("c1", digest=None, status=None, instance_id=None, start=None, repeat=None)
    assert recalled(bare, PROJECT) == LiveCampaign("c1", "spring", "unknown", {}, seen_at=START - HOUR)


def test_what_is_looked_at_again_is_as_it_is_now(alone: Desk) -> None:
    kept, moved, gone, new = (alone.put(want(key)) for key in ("kept", "moved", "gone", "new"))
    before = [recalled(each, PROJECT) for each in (kept, moved, gone)]
    alone.sandbox.set_status(moved.id, "paused")
    alone.sandbox.delete_campaign(gone.id)
    ids = [moved.id, gone.id, new.id, NOBODY]
    now = alone.do(lambda api: look_again(api, before, ids))
    assert [(each.id, each.status) for each in now] == [
        (kept.id, "scheduled"),
        (moved.id, "paused"),
        (gone.id, DELETED),
        (new.id, "scheduled"),
    ]
    assert [each.seen_at is None for each in now] == [False, True, True, True]
    assert alone.asked(kept, moved, gone, new) == sorted([NOBODY, "gone", "moved", "new"])
