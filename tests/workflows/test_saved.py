"""A saved plan is applied as it was reviewed, or not at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from msgflash_gitops.errors import LedgerError, PlanFileError, StalePlanError
from msgflash_gitops.model.definition import TemplateContent
from msgflash_gitops.model.ledger import Observed
from msgflash_gitops.model.plan import AccountRef, Action, Change, Consent, Current, World
from msgflash_gitops.model.project import Project
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.sandbox import Behaviour
from msgflash_gitops.sandbox.seed import sample_id
from msgflash_gitops.workflows.saved import what_moved
from tests.simulation.virtual import START
from tests.workflows.desk import DOCUMENTED, SOON, URL, Desk, define, memory_of, scope_with, want
from tests.workflows.office import LEDGER, Office

LEAD = timedelta(minutes=5)


def test_a_plan_that_still_fits_is_made_again(desk: Desk) -> None:
    desk.add(define("b", body="old"))
    planned = desk.plan(define("a"), define("b", body="new"))
    again = desk.recheck(planned.plan)
    assert again.plan.changes == planned.plan.changes
    assert again.plan.desired == planned.plan.desired
    assert [each.id for each in again.live] == [each.id for each in planned.live]
    assert again.growth == ()


@pytest.mark.parametrize(
    "what, scope, planned, here",
    [
        ("project", {"project": Project("/", "shop")}, "'crm'", "'shop'"),
        ("workspace", {"workspace": "staging"}, "'default'", "'staging'"),
        ("base URL", {"account": AccountRef("http://127.0.0.2")}, f"'{URL}'", "'http://127.0.0.2'"),
        ("team", {"account": AccountRef(URL, "t1")}, "'none'", "'t1'"),
    ],
)
def test_a_plan_for_something_else_is_refused_before_anything_is_read(
    desk: Desk, what: str, scope: dict[str, Any], planned: str, here: str
) -> None:
    plan = desk.plan(define()).plan
    before = len(desk.paths())
    with pytest.raises(PlanFileError) as caught:
        desk.recheck(plan, scope_with(**scope))
    assert caught.value.message == f"the plan was made for {what} {planned}, this is {here}: nothing was sent"
    assert caught.value.hint == "use the workspace and key the plan was made with, or plan again"
    assert len(desk.paths()) == before


def test_a_plan_expires_a_millisecond_after_its_last_moment(desk: Desk) -> None:
    plan = desk.plan(define()).plan
    left = (SOON - LEAD - desk.clock.now()).total_seconds()
    desk.loop.pass_time(left - 0.001)
    at = desk.clock.now()
    assert plan.valid_until == SOON - LEAD
    # The reads take a moment themselves, so the plan that is decided anew may be late; but it is not called expired.
    with pytest.raises(StalePlanError, match="the account changed"):
        desk.recheck(replace(plan, valid_until=at))
    before = len(desk.paths())
    with pytest.raises(StalePlanError) as caught:
        desk.recheck(replace(plan, valid_until=desk.clock.now() - timedelta(milliseconds=1)))
    assert "the plan expired at " in caught.value.message
    assert caught.value.hint == "plan again"
    assert len(desk.paths()) == before


def test_a_plan_without_sends_does_not_expire(desk: Desk) -> None:
    plan = desk.plan().plan
    desk.loop.pass_time(1e6)
    assert desk.recheck(plan).plan.changes == ()


def test_a_plan_for_another_account_names_an_instance_that_is_not_here(desk: Desk) -> None:
    plan = desk.plan(define()).plan
    desk.sandbox.store.delete("instance", sample_id("instance", "boutique-principale"))
    with pytest.raises(PlanFileError) as caught:
        desk.recheck(plan)
    assert caught.value.message == (
        "the plan was made for another account: it has no instance 'boutique-principale' "
        f"({sample_id('instance', 'boutique-principale')}), nothing was sent"
    )
    assert caught.value.hint == "use the key the plan was made with, or plan again"


@pytest.mark.parametrize("planned, refused", [(("someone",), True), ((), False)])
def test_the_users_of_both_accounts_must_meet(desk: Desk, planned: tuple[str, ...], refused: bool) -> None:
    desk.add(define())
    plan = desk.plan(define()).plan
    reviewed = replace(plan, account=replace(plan.account, user_ids=planned))
    if not refused:
        desk.recheck(reviewed)
        return
    with pytest.raises(PlanFileError, match="the plan was made for another account: nothing was sent") as caught:
        desk.recheck(reviewed)
    assert caught.value.hint == "plan again"


def delete(desk: Desk) -> None:
    desk.sandbox.store.delete("template", sample_id("template", "Birthday"))


def edit(field: str) -> Callable[[Desk], None]:
    def edited(desk: Desk) -> None:
        item = desk.sandbox.store.get("template", sample_id("template", "Birthday"))
        assert item is not None
        desk.sandbox.store.put("template", {**item, field: "https://else.example/x.jpg"})

    return edited


@pytest.mark.parametrize(
    "act, line",
    [
        (delete, "template 'Birthday' was deleted"),
        (edit("body"), "template 'Birthday' was edited: people would get another text than the one reviewed"),
        (edit("mediaUrl"), "template 'Birthday' was edited: people would get another text than the one reviewed"),
    ],
)
def test_a_template_that_reads_otherwise_makes_the_plan_stale(
    desk: Desk, act: Callable[[Desk], None], line: str
) -> None:
    plan = desk.plan(define(content=TemplateContent("Birthday"))).plan
    desk.recheck(plan)
    act(desk)
    with pytest.raises(StalePlanError) as caught:
        desk.recheck(plan)
    assert caught.value.changes == (line,)
    assert caught.value.message == "the account changed since the plan was made"
    assert caught.value.hint == "plan and review again"


def test_what_moved_is_named(desk: Desk) -> None:
    (live,) = desk.add(define(body="old"))
    plan = desk.plan(define(body="new")).plan
    desk.sandbox.set_status(live, "completed")
    with pytest.raises(StalePlanError) as caught:
        desk.recheck(plan)
    (line,) = caught.value.changes
    assert line.startswith(f"spring: was replace ({live} scheduled) to start ")
    assert ", now create (no campaign) to start " in line


def test_consent_given_with_the_plan_or_now_counts(desk: Desk) -> None:
    desk.add(define(), status="paused")
    plan = desk.plan(define()).plan
    assert plan.held == 1
    assert desk.recheck(plan, consent=Consent(allow_resume=True)).plan.held == 0
    assert desk.recheck(replace(plan, consent=Consent(allow_resume=True))).plan.held == 0
    joined = desk.recheck(replace(plan, consent=Consent(True, False, 7)), consent=Consent(False, True)).plan.consent
    assert joined == Consent(True, True, 7)
    assert desk.recheck(replace(plan, consent=Consent(max_stops=7)), consent=Consent(max_stops=0)).plan.consent == (
        Consent(max_stops=0)
    )


CURRENT = Current("c1", "Spring", "scheduled", schedule="2027-04-01T00:00:00.000Z")
CHANGE = Change("spring", "Spring", Action.STOP, "", current=CURRENT, duplicate=True)


@pytest.mark.parametrize(
    "now",
    [
        replace(CHANGE, action=Action.PAUSE),
        replace(CHANGE, start=START),
        replace(CHANGE, recreate=True),
        replace(CHANGE, current=replace(CURRENT, name="Other")),
        replace(CHANGE, current=replace(CURRENT, status="paused")),
        replace(CHANGE, current=replace(CURRENT, schedule=None)),
        replace(CHANGE, current=replace(CURRENT, started=True)),
    ],
)
def test_everything_that_was_reviewed_must_be_as_it_was(now: Change) -> None:
    assert len(what_moved([CHANGE], [now])) == 1
    assert what_moved([CHANGE], [CHANGE]) == []


def test_words_and_warnings_may_differ() -> None:
    assert what_moved([CHANGE], [replace(CHANGE, reason="other", warnings=("w",), held=True)]) == []


def test_what_is_new_and_what_is_gone_is_named() -> None:
    other = replace(CHANGE, current=replace(CURRENT, id="c2"))
    assert what_moved([CHANGE], [other]) == [
        "spring: was stop (c1 scheduled), now nothing to do",
        "spring: was nothing to do, now stop (c2 scheduled)",
    ]


def test_every_stop_of_a_key_that_git_no_longer_has_is_one_that_was_reviewed() -> None:
    """Such a key may be live several times, and in doubt besides."""
    stops = [Change("gone", "Gone", Action.STOP, "", current=replace(CURRENT, id=each)) for each in ("c1", "c2")]
    doubt = Change("gone", "gone", Action.BLOCKED, "in doubt")
    assert what_moved([*stops, doubt], [doubt, *reversed(stops)]) == []
    assert what_moved(stops[:1], stops) == ["gone: was nothing to do, now stop (c2 scheduled)"]
    assert what_moved([*stops, doubt], stops) == ["gone: was blocked (no campaign), now nothing to do"]


# out of memory


def test_what_was_remembered_when_the_plan_was_made_may_show_more_now(alone: Desk) -> None:
    """Its name and its content were not known then; its id and its status were."""
    mine = alone.put(want(body="old"))
    scope = scope_with(memory=memory_of(mine), refresh=Refresh.NONE)
    plan = alone.plan(define(body="new"), scope=scope).plan
    (change,) = plan.changes
    assert (change.action, change.current and change.current.seen_at) == (Action.REPLACE, mine.seen_at)
    again = alone.recheck(plan, replace(scope, sure=True))
    (now,) = again.plan.changes
    assert (now.action, now.current and now.current.seen_at) == (Action.REPLACE, None)
    assert ("body", "old", "new") in [(each.field, each.before, each.after) for each in now.differences]


@pytest.mark.parametrize("status", ["running", "paused", "cancelled"])
def test_a_status_that_was_remembered_wrongly_makes_the_plan_stale(alone: Desk, status: str) -> None:
    mine = alone.put(want(body="old"), status)
    scope = scope_with(memory=memory_of(mine), refresh=Refresh.NONE)
    plan = alone.plan(define(body="new"), scope=scope).plan
    with pytest.raises(StalePlanError) as caught:
        alone.recheck(plan, replace(scope, sure=True))
    (line,) = caught.value.changes
    assert line.startswith(f"spring: was replace ({mine.id} scheduled) to start ")


def test_what_was_read_for_the_plan_and_is_remembered_now_is_compared_by_what_is_known(alone: Desk) -> None:
    mine = alone.put(want())
    plan = alone.plan(define(), scope=scope_with(memory=memory_of(mine))).plan
    assert [each.current.seen_at for each in plan.changes if each.current] == [None]
    alone.recheck(plan, scope_with(memory=memory_of(mine), refresh=Refresh.NONE))


@pytest.mark.parametrize("before", [True, False])
def test_an_account_that_gained_or_lost_its_list_makes_the_plan_stale(desk: Desk, before: bool) -> None:
    desk.sandbox.behaviour = Behaviour(lists=before)
    plan = desk.plan(define()).plan
    assert plan.world is (World.LIST if before else World.DOCUMENTED)
    desk.sandbox.behaviour = Behaviour(lists=not before)
    with pytest.raises(StalePlanError) as caught:
        desk.recheck(plan)
    had = "showed a list of campaigns" if before else "had no list of campaigns"
    assert caught.value.message == (
        f"the account {had} when the plan was made, and now it is otherwise: nothing was sent"
    )
    assert caught.value.hint == "plan and review again"


# the ledger that it was made with


def test_a_plan_is_applied_with_the_ledger_that_it_was_made_with(make_office: Callable[..., Office]) -> None:
    office = make_office(DOCUMENTED).named()
    plan = office.planned(define()).plan
    assert plan.ledger is not None
    assert (plan.ledger.id, plan.ledger.store, plan.ledger.head.number) == (LEDGER, "file", 1)
    ended = office.apply(reviewed=plan)
    assert (ended.code, len(office.posts())) == (0, 1)


@pytest.mark.parametrize("lists", [True, False])
def test_another_ledger_is_not_the_one_that_was_reviewed(make_office: Callable[..., Office], lists: bool) -> None:
    office = make_office(Behaviour(lists=lists)).named()
    plan = office.planned(define()).plan
    assert plan.ledger is not None
    ended = office.apply(reviewed=replace(plan, ledger=replace(plan.ledger, id="other")))
    assert isinstance(ended.error, LedgerError)
    assert ended.error.message == (
        "the plan was made with the ledger other (file), and this is another one: nothing was sent"
    )
    assert ended.error.hint == "apply with the ledger that the plan was made with, or plan again"
    assert (ended.code, office.posts()) == (3, [])


def test_an_older_copy_of_the_ledger_is_refused(make_office: Callable[..., Office]) -> None:
    office = make_office(DOCUMENTED).named()
    older = office.ledger_path().read_bytes()
    office.apply(define("first", body="first"))
    plan = office.planned(define(), define("first", body="first")).plan
    assert plan.ledger is not None
    office.ledger_path().write_bytes(older)
    (office.folder / "runner/.msgflash/ledger-seen.json").unlink()  # another machine, which has never seen the ledger
    ended = office.apply(reviewed=plan)
    assert isinstance(ended.error, LedgerError)
    assert ended.error.message.startswith("the ledger (ledger.jsonl) is an older copy: it ends with entry ")
    assert ended.error.message.endswith(
        f", and the plan was made with entry {plan.ledger.head.number}: nothing was sent"
    )
    assert len(office.posts()) == 1


def test_another_branch_of_the_ledger_is_refused(make_office: Callable[..., Office]) -> None:
    office = make_office(DOCUMENTED).named()
    plan = office.planned(define()).plan
    assert plan.ledger is not None
    forked = replace(plan.ledger, head=replace(plan.ledger.head, digest="f" * 64))
    ended = office.apply(reviewed=replace(plan, ledger=forked))
    assert isinstance(ended.error, LedgerError)
    assert office.posts() == []


def test_with_a_list_each_machine_may_have_a_ledger_of_its_own(make_office: Callable[..., Office]) -> None:
    """Made on a laptop, applied by a pipeline: msgflash.yaml names none, and the list is the memory of both."""
    office = make_office()
    office.apply(define("first", body="first"), machine="laptop")
    plan = office.planned(define(), define("first", body="first"), machine="laptop").plan
    assert plan.ledger is not None
    assert office.apply(reviewed=plan, machine="runner").code == 0


def test_a_ledger_that_went_on_meanwhile_is_no_other(make_office: Callable[..., Office]) -> None:
    office = make_office(DOCUMENTED).named()
    plan = office.planned(define()).plan
    office.write(Observed(cancels=False))
    assert office.apply(reviewed=plan).code == 0
