"""What a plan says, what it was made for, and what it read to know that."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from msgflash_gitops.errors import BadAnswer, InputError
from msgflash_gitops.model.definition import Audience, Recipients, TemplateContent
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.memory import Memory, Remembered
from msgflash_gitops.model.plan import AccountRef, Action, Consent, Flag
from msgflash_gitops.model.project import Policy, Project, VendorFacts
from msgflash_gitops.sandbox.seed import USER_ID
from msgflash_gitops.workflows.campaigns import Campaigns
from msgflash_gitops.workflows.plan import context_of
from tests.simulation.virtual import START
from tests.support.builders import PROJECT
from tests.workflows.desk import SCOPE, SOON, URL, Desk, define, scope_with

MADE = START + timedelta(milliseconds=105)  # two reads come first, and the second one waits its turn
LEAD = timedelta(minutes=5)
LATE_WINDOW = timedelta(hours=24)
MILLISECOND = timedelta(milliseconds=1)


def remembered(campaign_id: str, key: str = "spring", **changes: Any) -> Remembered:
    """Made by an earlier run; the digest is not that of the definition."""
    values: dict[str, Any] = {"digest": "0123456789", "status": "scheduled", "seen_at": START}
    return Remembered(campaign_id, key, **{**values, **changes})


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
        desk.plan(define("a"), scope=scope_with(memory=Memory({each: remembered(each) for each in ids})))
    assert f"it lacks {ids[0]} (" in caught.value.message
    assert caught.value.message.endswith("), which was made from here and exists, and 1 more")
    assert caught.value.hint


def test_what_was_made_here_and_deleted_is_no_fault(desk: Desk) -> None:
    gone = "11111111-1111-4111-8111-111111111111"
    plan = desk.plan(define(), scope=scope_with(memory=Memory({gone: remembered(gone)}))).plan
    assert [(each.key, each.action) for each in plan.changes] == [("spring", Action.CREATE)]


@pytest.mark.parametrize(
    "ago, seconds",
    [(None, 0.0), (0.0, 15.0), (5.0, 10.0), (15.0, 0.0), (20.0, 0.0), (-100.0, 15.0)],
)
def test_a_create_without_an_outcome_needs_time_to_settle(ago: float | None, seconds: float) -> None:
    """At most that time, whatever the clocks say."""
    opened = None if ago is None else START - timedelta(seconds=ago)
    assert scope_with(memory=Memory(open_create=opened)).unsettled(START) == timedelta(seconds=seconds)
    assert scope_with(memory=Memory(open_create=opened, lists=False)).unsettled(START) == timedelta(0)


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
