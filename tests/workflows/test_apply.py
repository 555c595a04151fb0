"""A whole apply: exit codes, what is verified, what is a problem, and what becomes of a race."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from msgflash_gitops.model.definition import Definition, DirectContent
from msgflash_gitops.model.ledger import Observed
from msgflash_gitops.model.outcome import Applied, Failure, Outcome, Result
from msgflash_gitops.model.plan import AccountRef, Action, Change, Plan
from msgflash_gitops.model.project import Policy, Project, VendorFacts
from msgflash_gitops.sandbox import Behaviour, Fault
from msgflash_gitops.workflows.apply import exit_code, settings_of
from msgflash_gitops.workflows.plan import Scope
from tests.simulation.virtual import START
from tests.workflows.desk import define
from tests.workflows.office import Office

POST = "^/campaigns$"
MakeOffice = Callable[..., Office]


def spring(body: str = "v1", **changes: Any) -> Definition:
    return define("spring", **{"content": DirectContent("text", {"body": body}), **changes})


def summer(body: str = "v1") -> Definition:
    return define("summer", at=START + timedelta(hours=3), name="Summer", content=DirectContent("text", {"body": body}))


@pytest.fixture
def office(make_office: MakeOffice) -> Office:
    return make_office()


# exit codes


def plan_of(*changes: Change) -> Plan:
    return Plan("crm", "default", AccountRef("http://127.0.0.1"), START, changes)


def result(outcome: Outcome, error: Failure | None = None, action: Action = Action.CREATE) -> Result:
    return Result(Change("k", "K", action, ""), outcome, error=error)


DONE, RECOVERED = result(Outcome.DONE), result(Outcome.RECOVERED)
REFUSED = result(Outcome.FAILED, Failure("VALIDATION_ERROR", "no"))
UNUSABLE = result(Outcome.FAILED, Failure("api", "no", unusable=True))
NOT_TRIED = result(Outcome.SKIPPED, Failure("api", "no", unusable=True))
UNKNOWN = result(Outcome.UNKNOWN, Failure("unknown", "?"))
HELD = result(Outcome.HELD)


@pytest.mark.parametrize(
    "results, code",
    [
        ([], 0),
        ([DONE], 0),
        ([DONE, RECOVERED, HELD], 0),
        ([DONE, REFUSED], 5),
        ([REFUSED], 5),
        ([UNUSABLE], 3),
        ([UNUSABLE, NOT_TRIED, HELD], 3),
        ([UNUSABLE, REFUSED], 5),
        ([DONE, UNUSABLE], 5),
        ([RECOVERED, UNUSABLE], 5),
        ([UNKNOWN], 6),
        ([UNKNOWN, DONE, UNUSABLE, REFUSED], 6),
    ],
)
def test_the_exit_code_of_what_became_of_each_change(results: list[Result], code: int) -> None:
    assert exit_code(plan_of(), Applied(tuple(results), True)) == code


@pytest.mark.parametrize(
    "change, code",
    [
        (Change("k", "K", Action.CREATE, ""), 0),
        (Change("k", "K", Action.PAST, ""), 0),
        (Change("k", "K", Action.CREATE, "", held=True), 5),
        (Change("k", "K", Action.BLOCKED, ""), 5),
        (Change("k", "K", Action.LATE, ""), 5),
    ],
)
def test_what_needs_attention_is_no_success(change: Change, code: int) -> None:
    assert exit_code(plan_of(change), Applied((), True)) == code


def test_problems_and_interruptions_are_no_success() -> None:
    assert exit_code(plan_of(), Applied((), False)) == 0
    assert exit_code(plan_of(), Applied((DONE,), False, ("a problem",))) == 5
    assert exit_code(plan_of(), Applied((DONE,), False, interrupted=True)) == 5
    assert exit_code(plan_of(), Applied((UNUSABLE,), False, ("a problem",))) == 3


def test_the_settings_of_a_run_are_those_of_the_project() -> None:
    project = Project(
        "/",
        "crm",
        policy=Policy(min_lead=timedelta(minutes=7)),
        vendor=VendorFacts(resume_keeps_schedule=True, settle=timedelta(seconds=9)),
    )
    settings = settings_of(Scope(project, "default", AccountRef("http://127.0.0.1")))
    assert (settings.min_lead, settings.settle) == (timedelta(minutes=7), timedelta(seconds=9))
    assert settings.resume_keeps_schedule


# verified


def test_what_was_applied_is_verified_once(office: Office) -> None:
    ended = office.apply(spring(), summer())
    assert ended.outcomes == [("spring", Outcome.DONE), ("summer", Outcome.DONE)]
    assert (ended.applied.verified, ended.applied.problems, ended.applied.interrupted) == (True, (), False)
    assert ended.code == 0
    lists = [seen for seen in office.sandbox.requests if (seen.method, seen.path) == ("GET", "/campaigns")]
    assert [seen.query["limit"] for seen in lists] == ["1", "100", "100"]


def test_where_nothing_is_to_be_done_nothing_is_read_again(office: Office) -> None:
    office.apply(spring())
    before = len(office.sandbox.requests)
    ended = office.apply(spring())
    assert (ended.applied.results, ended.applied.verified, ended.code) == ((), True, 0)
    read = [(seen.path, seen.query.get("limit")) for seen in office.sandbox.requests[before:]]
    assert sorted(each for each in read if each[1] != "1") == [("/campaigns", "100"), ("/instances", None)]


def test_what_is_late_is_not_verified(office: Office) -> None:
    ended = office.apply(spring(at=START + timedelta(minutes=4)))
    assert ended.outcomes == [("spring", Outcome.SKIPPED)]
    assert (ended.applied.verified, ended.applied.problems, ended.code) == (False, (), 5)


def test_what_is_held_is_not_verified(office: Office) -> None:
    office.apply(spring())
    office.sandbox.set_status(office.sandbox.campaigns()[0]["id"], "paused")
    ended = office.apply(spring())
    assert ended.outcomes == [("spring", Outcome.HELD)]
    assert (ended.applied.verified, ended.code) == (False, 5)


def test_a_refused_create_does_not_stand(office: Office) -> None:
    office.sandbox.faults.add(Fault("refuse", path=POST, code="VALIDATION_ERROR", status=400))
    ended = office.apply(spring(), summer())
    assert sorted(each.value for _, each in ended.outcomes) == ["done", "failed"]
    assert (ended.applied.verified, ended.applied.problems, ended.code) == (False, (), 5)


def test_an_account_that_refuses_everything_cannot_be_used(make_office: MakeOffice) -> None:
    ended = make_office(Behaviour(lists=True, campaigns_on_plan=False)).apply(spring())
    assert (ended.applied.verified, ended.code) == (False, 3)


def test_an_unknown_create_is_unknown(office: Office) -> None:
    office.sandbox.faults.add(Fault("drop-before", path=POST, times=9))
    ended = office.apply(spring(), summer())
    assert Outcome.UNKNOWN in [each for _, each in ended.outcomes]
    assert (ended.applied.verified, ended.code) == (False, 6)


# problems


def test_what_was_created_and_does_not_show_is_a_problem(make_office: MakeOffice) -> None:
    office = make_office(Behaviour(lists=True, list_lag=1e6))
    ended = office.apply(spring())
    (made,) = office.sandbox.campaigns()
    assert ended.applied.problems == (f"campaign {made['id']} was created and does not show in the list",)
    assert (ended.applied.verified, ended.code) == (False, 5)
    assert not any(isinstance(fact, Observed) and fact.verified for fact in office.facts())


def test_what_shows_within_the_time_to_settle_is_no_problem(make_office: MakeOffice) -> None:
    office = make_office(Behaviour(lists=True, list_lag=14.0))
    ended = office.apply(spring())
    assert (ended.applied.verified, ended.applied.problems, ended.code) == (True, (), 0)
    assert Observed(lists=True, verified=True) in office.facts()


def test_a_list_that_cannot_be_read_again_is_a_problem(office: Office) -> None:
    office.sandbox.faults.add(Fault("status", "GET", POST, skip=2, times=99))
    ended = office.apply(spring())
    assert ended.applied.problems == (
        "the account could not be listed again: whether everything is there once is not verified",
    )
    assert ended.outcomes == [("spring", Outcome.DONE)]
    assert (ended.applied.verified, ended.code) == (False, 5)


def test_what_a_person_did_meanwhile_is_a_problem(office: Office) -> None:
    def meddle(method: str, path: str) -> None:
        if (method, path) == ("POST", "/campaigns"):
            office.sandbox.set_status(office.sandbox.campaigns()[-1]["id"], "cancelled")

    office.after_request = meddle
    ended = office.apply(spring())
    (made,) = office.sandbox.campaigns()
    (problem,) = ended.applied.problems
    assert problem.startswith(f"spring: {made['id']} was applied, and now the account asks for blocked: ")
    assert problem.endswith("Somebody else changed it at the same time: plan again")
    assert (ended.applied.verified, ended.code) == (False, 5)


# races of machines that share no ledger


def race(office: Office) -> list[Any]:
    mine, other = ([spring()], "runner"), ([spring()], "laptop")
    return office.together(office.deploy(*mine), office.deploy(*other, delay=0.2))


def test_of_a_race_the_oldest_is_kept_and_the_other_is_stopped(make_office: MakeOffice) -> None:
    office = make_office(Behaviour(lists=True, list_lag=5.0, rate_limit=1000))
    ended = race(office)
    assert [each.code for each in ended] == [0, 0]
    assert all(each.applied.verified and not each.applied.problems for each in ended)
    assert office.statuses() == ["paused", "scheduled"]
    stops = [each for one in ended for each in one.applied.results if each.action is Action.STOP]
    assert stops
    assert all(each.change.duplicate and each.outcome is Outcome.DONE for each in stops)


def test_a_double_that_cannot_be_stopped_is_not_verified(make_office: MakeOffice) -> None:
    office = make_office(Behaviour(lists=True, list_lag=5.0, rate_limit=1000))
    office.sandbox.faults.add(Fault("refuse", path="/pause$", code="CONFLICT", status=409, times=99))
    for each in race(office):
        assert each.applied.problems == (
            "duplicates were stopped, and whether everything is there once now is not verified: apply again",
        )
        assert (each.applied.verified, each.code) == (False, 5)
        stops = [one for one in each.applied.results if one.action is Action.STOP]
        assert len(stops) == 4


# leftovers


def test_leftovers_are_cancelled_where_the_vendor_can(office: Office) -> None:
    office.apply(spring(), summer())
    office.apply(spring("v2"), summer("v2"))
    assert office.statuses() == ["paused", "paused", "scheduled", "scheduled"]
    before = len(office.posts())
    office.apply(spring("v2"), summer("v2"))
    # the first try shows that there is no such call
    assert [line.rsplit("/", 1)[-1] for line in office.posts()[before:]] == ["cancel"]
    office.sandbox.behaviour = Behaviour(lists=True, supports_cancel=True)
    ended = office.apply(spring("v2"), summer("v2"))
    assert office.statuses() == ["cancelled", "cancelled", "scheduled", "scheduled"]
    assert (ended.applied.verified, ended.code) == (True, 0)
