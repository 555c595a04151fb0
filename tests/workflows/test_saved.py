"""A saved plan is applied as it was reviewed, or not at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from msgflash_gitops.errors import PlanFileError, StalePlanError
from msgflash_gitops.model.definition import TemplateContent
from msgflash_gitops.model.plan import AccountRef, Action, Change, Consent, Current
from msgflash_gitops.model.project import Project
from msgflash_gitops.sandbox.seed import sample_id
from msgflash_gitops.workflows.saved import what_moved
from tests.simulation.virtual import START
from tests.workflows.desk import SOON, URL, Desk, define, scope_with

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
