"""The account without a list: what is in doubt, remembered or gone is never created a second time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgflash_gitops.model.campaign import KNOWN_STATUSES, LiveCampaign
from msgflash_gitops.model.definition import Repeat
from msgflash_gitops.model.memory import DELETED, Doubt, Memory, Remembered
from msgflash_gitops.model.plan import PENDING, Action, Change, Desired
from msgflash_gitops.model.project import Policy
from msgflash_gitops.planning.assemble import decide_all
from msgflash_gitops.planning.decide import Context
from msgflash_gitops.planning.marker import Marker, mark
from msgflash_gitops.workflows.campaigns import recalled
from tests.support.builders import INSTANCE, NOW, PROJECT, desired, live

HOUR = timedelta(hours=1)


def doubt(one: Desired, **changes: Any) -> Doubt:
    values: dict[str, Any] = {"at": NOW - HOUR, "run": "run0", "instance_id": INSTANCE.id, "start": one.anchor}
    return Doubt(**{"key": one.key, "digest": one.digest, "repeat": "none", **values, **changes})


def decide(wanted: list[Desired], *campaigns: LiveCampaign, lists: bool = False, **memory: Any) -> list[Change]:
    context = Context(NOW, Policy(), memory=Memory(**memory), lists=lists)
    return list(decide_all(wanted, campaigns, PROJECT, context).changes)


def rows(changes: list[Change]) -> list[tuple[str, Action]]:
    return sorted((each.key, each.action) for each in changes)


ONE = desired()


def test_a_doubt_blocks_its_key_and_says_the_ways_out() -> None:
    (change,) = decide([ONE], doubts=(doubt(ONE),))
    assert (change.key, change.action, change.current, change.desired) == ("spring", Action.BLOCKED, None, ONE)
    assert change.reason == (
        "the answer to its create was lost on Mon 2027-03-01 11:00 UTC, so nobody knows whether it exists, and it is not created "
        f"again: look in the dashboard for a campaign named 'Spring [crm/spring@{ONE.digest}]': if it is there, "
        "`msgflash-gitops link spring ID`; if not, `msgflash-gitops link spring --none`"
    )


def test_a_doubt_about_another_form_blocks_the_key_too() -> None:
    edited = desired(body="edited")
    (change,) = decide([edited], doubts=(doubt(ONE),))
    assert change.action is Action.BLOCKED
    assert f"@{ONE.digest}]" in change.reason, "what to look for is what was sent"


def test_a_doubt_blocks_whatever_stands_beside_it() -> None:
    earlier = live(desired(body="old"))
    assert rows(decide([ONE], earlier, doubts=(doubt(ONE),))) == [("spring", Action.BLOCKED)]


def test_other_keys_go_on() -> None:
    other = desired("summer", body="else")
    assert rows(decide([ONE, other], doubts=(doubt(ONE),))) == [("spring", Action.BLOCKED), ("summer", Action.CREATE)]


def test_a_doubt_of_a_key_that_git_no_longer_has_is_named_still() -> None:
    (change,) = decide([], doubts=(doubt(ONE),))
    assert (change.key, change.action, change.desired) == ("spring", Action.BLOCKED, None)
    assert f"'… [crm/spring@{ONE.digest}]'" in change.reason
    assert "`msgflash-gitops link spring --none`" in change.reason


def test_what_is_known_of_a_key_that_git_no_longer_has_is_stopped_beside_its_doubt() -> None:
    earlier = live(desired(body="old"))
    assert rows(decide([], earlier, doubts=(doubt(ONE),))) == [("spring", Action.BLOCKED), ("spring", Action.STOP)]


def test_a_doubt_goes_along_with_a_rename() -> None:
    renamed = desired("summer", renamed_from="spring")
    (change,) = decide([renamed], doubts=(doubt(ONE),))
    assert (change.key, change.action) == ("summer", Action.BLOCKED)
    assert "`msgflash-gitops link spring ID`" in change.reason
    assert f"'Spring [crm/spring@{ONE.digest}]'" in change.reason


def test_the_very_form_in_doubt_is_not_created_under_another_key() -> None:
    """The file was moved, and nobody said `renamed_from`."""
    moved = desired("summer")
    assert moved.digest == ONE.digest
    changes = decide([moved], doubts=(doubt(ONE),))
    assert rows(changes) == [("spring", Action.BLOCKED), ("summer", Action.BLOCKED)]
    assert all("`msgflash-gitops link spring --none`" in each.reason for each in changes)
    assert rows(decide([moved], live(moved), doubts=(doubt(ONE),))) == [
        ("spring", Action.BLOCKED),
        ("summer", Action.UNCHANGED),
    ]


def test_a_list_has_no_doubts() -> None:
    assert rows(decide([ONE], doubts=(doubt(ONE),), lists=True)) == [("spring", Action.CREATE)]


@pytest.mark.parametrize(
    "status, action",
    [
        (DELETED, Action.BLOCKED),
        ("cancelled", Action.BLOCKED),
        ("failed", Action.BLOCKED),
        ("completed", Action.FINISHED),
    ],
)
def test_what_is_gone_is_not_sent_again_by_itself(status: str, action: Action) -> None:
    (change,) = decide([ONE], live(ONE, status))
    assert change.action is action
    (change,) = decide([desired(revision=2)], live(ONE, status))
    assert change.action is Action.CREATE


def test_what_was_deleted_says_so() -> None:
    (change,) = decide([ONE], live(ONE, DELETED))
    assert change.reason == (
        "the account does not have it any more: it was deleted in the dashboard. See there that it is gone, then raise `revision` to send it "
        "again, or remove the definition"
    )
    assert decide([], live(ONE, DELETED)) == []


# whatever is remembered, and whatever it is now

KEYS = ("spring", "summer")
FORMS = ("same", "old", "none")
STATUSES = st.sampled_from([*sorted(KNOWN_STATUSES), "draft"])
ids = st.sampled_from(["c1", "c2", "c3"])


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Desired], list[LiveCampaign], Memory]:
    """Definitions, what is remembered of them, and each of those as it is now: read, or out of memory."""
    repeat = draw(st.sampled_from([Repeat.NONE, Repeat.DAILY]))
    wanted = [
        desired(
            key,
            at=NOW + timedelta(minutes=draw(st.sampled_from([-90, 2, 600, 20000]))),
            body=key,
            paused=draw(st.booleans()),
            repeat=repeat,
        )
        for key in draw(st.sets(st.sampled_from(KEYS)))
    ]
    renamed = draw(st.booleans())
    if wanted and renamed:
        wanted[0] = replace(wanted[0], renamed_from="autumn")
    keys = [*KEYS, "autumn"]
    known, shown = {}, []
    for campaign_id in draw(st.sets(ids)):
        key = draw(st.sampled_from(keys))
        one = next((each for each in wanted if key in (each.key, each.renamed_from)), None)
        model = one or desired(key, body=key)
        digest = {"same": model.digest, "old": "0123456789", "none": None}[draw(st.sampled_from(FORMS))]
        status = draw(st.one_of(st.none(), STATUSES))
        facts: dict[str, Any] = {"instance_id": INSTANCE.id, "start": model.anchor, "repeat": str(repeat.value)}
        known[campaign_id] = Remembered(campaign_id, key, digest, status, NOW - HOUR, **facts)
        if draw(st.booleans()):
            named = mark(model.name, Marker(PROJECT, key, digest)) if digest and draw(st.booleans()) else model.name
            shown.append(live(model, draw(STATUSES), campaign_id=campaign_id, name=named))
        else:
            shown.append(recalled(known[campaign_id], PROJECT))
    doubtful = draw(st.lists(st.tuples(st.sampled_from(keys), st.booleans()), max_size=2))
    models = {each.key: each for each in wanted}
    doubts = tuple(
        doubt(model if same else desired(key, body="x"), key=key)
        for key, same in doubtful
        for model in [models.get(key) or desired(key, body=key)]
    )
    return wanted, shown, Memory(known, doubts=doubts)


@given(worlds())
def test_nothing_is_created_that_is_in_doubt(world: tuple[list[Desired], list[LiveCampaign], Memory]) -> None:
    wanted, shown, memory = world
    changes = decide_all(wanted, shown, PROJECT, Context(NOW, Policy(), memory=memory, lists=False)).changes
    keys = {each.key for each in memory.doubts}
    forms = {each.digest for each in memory.doubts}
    for change in changes:
        assert change.desired is None or not {change.key, change.desired.renamed_from} & keys or not pending(change)
        assert not change.creates or change.desired is None or change.desired.digest not in forms
    named = {each.desired.renamed_from or each.key if each.desired else each.key for each in changes if blocked(each)}
    named |= {each.key for each in changes if blocked(each)}
    assert keys <= named, "every doubtful key is named"


@given(worlds())
def test_nothing_is_created_a_second_time_in_a_form_that_is_remembered(
    world: tuple[list[Desired], list[LiveCampaign], Memory],
) -> None:
    """Whatever was remembered and is now: `replace` and `resume` of the paused one alone bring a form back, in its place."""
    wanted, shown, memory = world
    changes = decide_all(wanted, shown, PROJECT, Context(NOW, Policy(), memory=memory, lists=False)).changes
    now = {each.id: each for each in shown}
    for change in changes:
        if not change.creates:
            continue
        one = change.desired
        assert one is not None
        mine = [each for each in memory.campaigns.values() if each.key in (one.key, one.renamed_from)]
        same = [each for each in mine if each.digest == one.digest]
        retired = {each.id for each in (change.current, *change.retire) if each is not None}
        for each in same:
            assert change.action is not Action.CREATE
            assert each.id in retired or now[each.id].status in ("cancelled", "failed", DELETED), (change, each)


def pending(change: Change) -> bool:
    return change.action in PENDING


def blocked(change: Change) -> bool:
    return change.action is Action.BLOCKED
