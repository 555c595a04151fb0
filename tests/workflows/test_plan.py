"""What a plan says, what it was made for, and what it read to know that."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from msgflash_gitops.errors import BadAnswer, InputError, LedgerError
from msgflash_gitops.model.definition import Audience, Recipients, TemplateContent
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.ledger import Head, LedgerRef
from msgflash_gitops.model.memory import DELETED, Doubt, Memory
from msgflash_gitops.model.plan import AccountRef, Action, Consent, Flag, World
from msgflash_gitops.model.project import Policy, Project, VendorFacts
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.sandbox.seed import USER_ID
from msgflash_gitops.workflows.campaigns import Campaigns
from msgflash_gitops.workflows.plan import context_of
from tests.simulation.virtual import START
from tests.support.builders import PROJECT
from tests.workflows.desk import INSTANCE_ID, SCOPE, SOON, URL, Desk, define, memory_of, remember, scope_with, want

MADE = START + timedelta(milliseconds=105)  # two reads come first, and the second one waits its turn
LEAD = timedelta(minutes=5)
LATE_WINDOW = timedelta(hours=24)
MILLISECOND = timedelta(milliseconds=1)


def action_at(desk: Desk, at: datetime) -> Action:
    (change,) = desk.plan(define(at=at)).plan.changes
    return change.action


@pytest.mark.parametrize(
    "at, action",
    [
        (MADE + LEAD, Action.CREATE),
        (MADE + LEAD - MILLISECOND, Action.LATE),
        (MADE - LATE_WINDOW, Action.LATE),
        (MADE - LATE_WINDOW - MILLISECOND, Action.PAST),
    ],
)
def test_the_edges_of_min_lead_and_late_window(desk: Desk, at: datetime, action: Action) -> None:
    assert action_at(desk, at) is action


def test_a_plan_says_what_it_was_made_for(desk: Desk) -> None:
    scope = scope_with(workspace="staging", account=AccountRef(URL, "team-1"), commit="abc123")
    remark = Finding("renamed-from-leftover", "look here", "campaigns/a.yaml", severity=Severity.WARNING)
    consent = Consent(allow_resume=True, max_stops=3)
    plan = desk.plan(define(), scope=scope, findings=[remark], consent=consent).plan
    assert (plan.project, plan.workspace, plan.commit) == (PROJECT, "staging", "abc123")
    assert plan.account == AccountRef(URL, "team-1", ())
    assert plan.made_at == MADE
    assert plan.valid_until == SOON - LEAD
    assert plan.findings == (remark,)
    assert plan.consent == consent
    assert [each.key for each in plan.desired] == ["spring"]
    assert (plan.superseded, plan.notices, plan.unmanaged) == ((), (), 0)


def test_a_plan_counts_what_is_not_its_own_and_names_the_accounts_users(desk: Desk) -> None:
    desk.add(define())
    (mine,) = desk.plan(define()).live
    desk.sandbox.add_campaign({**_body(desk), "name": "By hand"})
    planned = desk.plan(define())
    assert planned.plan.unmanaged == 1
    assert planned.plan.account.user_ids == (USER_ID,)
    assert len(planned.live) == 2
    assert mine in planned.live
    assert planned.growth == ()


def _body(desk: Desk) -> dict[str, object]:
    return dict(desk.plan(define("hand")).plan.desired[0].body)


def test_a_plan_that_sends_nothing_never_expires(desk: Desk) -> None:
    assert desk.plan().plan.valid_until is None


def test_a_label_that_the_account_does_not_have_is_an_error(desk: Desk) -> None:
    remark = Finding("renamed-from-leftover", "look here", "campaigns/a.yaml", severity=Severity.WARNING)
    with pytest.raises(InputError) as caught:
        desk.plan(define(instance="nobody"), findings=[remark])
    assert caught.value.message == "the definitions do not fit the account, nothing was sent"
    assert caught.value.findings[0] == remark
    assert len(caught.value.findings) == 2


def test_a_rename_that_is_done_is_a_remark(desk: Desk) -> None:
    plan = desk.plan(define("printemps", renamed_from="spring")).plan
    (finding,) = plan.findings
    assert (finding.rule, finding.severity, finding.key) == ("renamed-from-leftover", Severity.WARNING, "printemps")
    assert finding.message == "nothing live bears the old key 'spring' any more"
    assert finding.hint == "remove `renamed_from`"
    assert finding.path == "campaigns/printemps.yaml"


def test_templates_and_groups_are_read_only_where_a_definition_names_one(desk: Desk) -> None:
    desk.plan(define())
    assert sorted(desk.paths()) == ["/campaigns", "/instances"]
    group = Recipients(Audience.GROUP, group="VIP Paris")
    desk.plan(define(recipients=group, content=TemplateContent("Birthday")))
    assert sorted(desk.paths()[2:]) == ["/campaigns", "/contacts/groups", "/instances", "/templates"]


def test_consent_lifts_what_is_held(desk: Desk) -> None:
    definitions = [define(f"k{n}") for n in range(3)]
    desk.add(*definitions)
    scope = scope_with(project=Project("/", PROJECT, policy=Policy(max_stops=2)))
    held = desk.plan(scope=scope).plan
    assert [(each.action, each.held, each.held_by) for each in held.changes] == [
        (Action.STOP, True, Flag.MAX_STOPS)
    ] * 3
    assert desk.plan(scope=scope, consent=Consent(max_stops=3)).plan.held == 0


def test_what_was_made_here_and_is_not_listed_is_no_list(desk: Desk) -> None:
    desk.add(define("a"), define("b"), _shows="2030-01-01T00:00:00.000Z")
    ids = [each["id"] for each in desk.sandbox.campaigns()]
    with pytest.raises(BadAnswer) as caught:
        desk.plan(define("a"), scope=scope_with(memory=Memory({each: remember(each) for each in ids})))
    assert f"it lacks {ids[0]} (" in caught.value.message
    assert caught.value.message.endswith("), which was made from here and exists, and 1 more")
    assert caught.value.hint


def test_what_was_made_here_and_deleted_is_no_fault(desk: Desk) -> None:
    gone = "11111111-1111-4111-8111-111111111111"
    plan = desk.plan(define(), scope=scope_with(memory=Memory({gone: remember(gone)}))).plan
    assert [(each.key, each.action) for each in plan.changes] == [("spring", Action.CREATE)]


@pytest.mark.parametrize(
    "ago, seconds",
    [(None, 0.0), (0.0, 15.0), (5.0, 10.0), (15.0, 0.0), (20.0, 0.0), (-100.0, 15.0)],
)
def test_a_create_without_an_outcome_needs_time_to_settle(ago: float | None, seconds: float) -> None:
    """At most that time, whatever the clocks say."""
    opened = None if ago is None else START - timedelta(seconds=ago)
    assert scope_with(memory=Memory(open_create=opened)).unsettled(START) == timedelta(seconds=seconds)
    assert scope_with(memory=Memory(open_create=opened, lists=False)).unsettled(START) == timedelta(seconds=seconds)


def test_what_decides_is_handed_on() -> None:
    project = Project(
        "/", PROJECT, policy=Policy(max_stops=9), vendor=VendorFacts(resume_keeps_schedule=True), formerly=("old",)
    )
    memory = Memory(interrupted=frozenset({"i"}), applied=frozenset({"a"}))
    context = context_of(scope_with(project=project, memory=memory), START, Campaigns((), lists=False))
    assert (context.now, context.policy.max_stops, context.resume_keeps_schedule) == (START, 9, True)
    assert (context.memory, set(context.formerly), context.lists) == (memory, {"old"}, False)
    context = context_of(SCOPE, START, Campaigns((), lists=True))
    assert (context.memory, context.formerly, context.lists) == (Memory(), frozenset(), True)


# an account without a list


def test_a_plan_says_which_world_it_is_and_what_it_was_made_from(alone: Desk, desk: Desk) -> None:
    ledger = LedgerRef("id", "git", Head(7, "a" * 64))
    scope = scope_with(ledger=ledger, refresh=Refresh.TOUCHED)
    for one, world in ((alone, World.DOCUMENTED), (desk, World.LIST)):
        plan = one.plan(define(), scope=scope).plan
        assert (plan.world, plan.ledger, plan.refresh) == (world, ledger, Refresh.TOUCHED)
    assert desk.plan(define()).plan.ledger is None


def test_without_a_list_and_without_memory_nothing_is_there(alone: Desk) -> None:
    alone.put(want())
    planned = alone.plan(define())
    assert [(each.key, each.action) for each in planned.plan.changes] == [("spring", Action.CREATE)]
    assert (planned.live, planned.plan.unmanaged) == ((), 0)


def test_what_is_remembered_is_compared_as_it_is_now(alone: Desk) -> None:
    mine, edited, gone = alone.put(want("a")), alone.put(want("b", body="old")), alone.put(want("c"))
    alone.sandbox.delete_campaign(gone.id)
    plan = alone.plan(
        define("a"), define("b"), define("c"), scope=scope_with(memory=memory_of(mine, edited, gone))
    ).plan
    assert {each.key: each.action for each in plan.changes} == {
        **{"a": Action.UNCHANGED, "b": Action.REPLACE, "c": Action.BLOCKED}
    }
    assert all(each.current is not None and each.current.seen_at is None for each in plan.changes)


def test_what_was_not_asked_for_says_when_it_was_seen(alone: Desk) -> None:
    mine = alone.put(want(), "cancelled")
    (change,) = alone.plan(define(), scope=scope_with(memory=memory_of(mine), refresh=Refresh.NONE)).plan.changes
    assert (change.action, change.current and change.current.seen_at) == (Action.UNCHANGED, mine.seen_at)


@pytest.mark.parametrize("refresh", Refresh)
def test_to_be_sure_whatever_a_change_touches_is_asked_for(alone: Desk, refresh: Refresh) -> None:
    """An apply out of memory: what stands is believed, and what is about to be written to is not."""
    stands, edited, gone = alone.put(want("a")), alone.put(want("b", body="old")), alone.put(want("c"))
    scope = scope_with(memory=memory_of(stands, edited, gone), refresh=refresh, sure=True)
    plan = alone.plan(define("a"), define("b"), scope=scope).plan
    assert [(each.key, each.action) for each in plan.pending] == [("b", Action.REPLACE), ("c", Action.STOP)]
    assert all(each.current is not None and each.current.seen_at is None for each in plan.pending)
    asked = alone.asked(stands, edited, gone)
    assert asked == (["a", "b", "c"] if refresh is Refresh.ALL else ["b", "c"])


def test_what_was_believed_wrongly_is_decided_anew(alone: Desk) -> None:
    edited, gone = alone.put(want("b", body="old"), "completed"), alone.put(want("c"))
    alone.sandbox.delete_campaign(gone.id)
    scope = scope_with(memory=memory_of(edited, gone), refresh=Refresh.NONE, sure=True)
    plan = alone.plan(define("b"), scope=scope).plan
    assert [(each.key, each.action) for each in plan.changes] == [("b", Action.CREATE)]
    assert "sent before" in plan.changes[0].reason


def test_it_is_asked_again_until_nothing_is_guessed(alone: Desk) -> None:
    """The double that was to be stopped was sent meanwhile, so the other one is to be stopped, which nobody had asked for."""
    kept, double = sorted((alone.put(want()) for _ in range(2)), key=lambda each: each.id)
    alone.sandbox.set_status(double.id, "completed")
    scope = scope_with(memory=memory_of(kept, double), refresh=Refresh.NONE, sure=True)
    plan = alone.plan(define(), scope=scope).plan
    stop, finished = sorted(plan.changes, key=lambda each: each.action, reverse=True)
    assert (stop.action, stop.current and stop.current.id) == (Action.STOP, kept.id)
    assert (finished.action, finished.current and finished.current.id) == (Action.FINISHED, double.id)
    assert stop.current is not None and stop.current.seen_at is None
    assert alone.paths().count(f"/campaigns/{kept.id}") == 1


def doubt(key: str = "spring", **changes: Any) -> Doubt:
    values: dict[str, Any] = {
        "digest": want().digest,
        "at": START,
        "run": "r",
        "instance_id": INSTANCE_ID,
        "start": SOON,
    }
    return Doubt(key, **{**values, **changes})


def test_a_doubt_blocks_its_key_alone(alone: Desk) -> None:
    scope = scope_with(memory=Memory(doubts=(doubt(), doubt("gone", digest="0123456789"))))
    plan = alone.plan(define(), define("summer", body="else"), scope=scope).plan
    assert {each.key: each.action for each in plan.changes} == {
        **{"spring": Action.BLOCKED, "summer": Action.CREATE, "gone": Action.BLOCKED}
    }
    renamed = alone.plan(define("printemps", renamed_from="spring"), scope=scope).plan
    assert {each.key: each.action for each in renamed.changes} == {"printemps": Action.BLOCKED, "gone": Action.BLOCKED}


def test_a_doubt_that_messages_settle_blocks_nothing_any_more(alone: Desk) -> None:
    one = want(at=START + timedelta(minutes=10))
    left = alone.put(one)
    alone.loop.pass_time(3600)
    alone.sandbox.tick()
    unsettled = doubt(digest=one.digest, start=one.anchor)
    planned = alone.plan(define(at=one.anchor), scope=scope_with(memory=Memory(doubts=(unsettled,))))
    (change,) = planned.plan.changes
    assert (change.action, change.current and change.current.id) == (Action.FINISHED, left.id)
    assert list(planned.campaigns.settled) == [unsettled]


# another account


def test_a_ledger_about_another_account_is_told_by_its_instances(alone: Desk) -> None:
    elsewhere = "99999999-9999-4999-8999-999999999999"
    memory = memory_of(*(remember(f"{n}" * 8 + "-1111-4111-8111-111111111111", instance_id=elsewhere) for n in (1, 2)))
    with pytest.raises(LedgerError) as caught:
        alone.plan(define(), scope=scope_with(memory=memory))
    assert caught.value.message == (
        "the ledger is about another account: of the 2 campaigns that it remembers, none that was asked for is in this one, nor "
        "their instances; nothing was sent"
    )
    assert "--workspace" in (caught.value.hint or "")


@pytest.mark.parametrize("status", ["scheduled", "completed"])
def test_another_account_is_told_where_nothing_else_is_asked_for(alone: Desk, status: str) -> None:
    known = remember("1" * 8 + "-1111-4111-8111-111111111111", instance_id="99999999-9999-4999-8999-999999999999")
    scope = scope_with(memory=memory_of(replace(known, status=status)), refresh=Refresh.NONE)
    with pytest.raises(LedgerError, match="about another account"):
        alone.plan(define(), scope=scope)


def test_a_list_that_vanished_is_no_account_without_one(alone: Desk) -> None:
    """What only the list showed, an adopted campaign for one, would be created again."""
    with pytest.raises(BadAnswer, match="had a list of campaigns"):
        alone.plan(define(), scope=scope_with(memory=Memory(lists=True)))
    assert alone.plan(define(), scope=scope_with(memory=Memory(lists=False))).plan.changes
    confirmed = Project("/", PROJECT, vendor=VendorFacts(list_gone=True))
    assert alone.plan(define(), scope=scope_with(project=confirmed, memory=Memory(lists=True))).plan.changes


@pytest.mark.parametrize("case", ["an instance is here", "one is there", "none was asked for", "no instance is known"])
def test_deletions_alone_make_it_no_other_account(alone: Desk, case: str) -> None:
    elsewhere = "99999999-9999-4999-8999-999999999999"
    gone = remember("11111111-1111-4111-8111-111111111111", "gone", instance_id=elsewhere)
    memory = {
        "an instance is here": memory_of(replace(gone, instance_id=INSTANCE_ID)),
        "one is there": memory_of(gone, replace(alone.put(want()), instance_id=elsewhere)),
        "none was asked for": memory_of(replace(gone, status=DELETED, start=None)),
        "no instance is known": memory_of(replace(gone, instance_id=None)),
    }[case]
    assert alone.plan(define(), scope=scope_with(memory=memory)).plan.changes


def test_with_a_list_another_account_is_told_too(desk: Desk) -> None:
    gone = remember("11111111-1111-4111-8111-111111111111", instance_id="99999999-9999-4999-8999-999999999999")
    with pytest.raises(LedgerError, match="the ledger is about another account"):
        desk.plan(define(), scope=scope_with(memory=memory_of(gone)))
