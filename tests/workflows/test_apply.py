"""A whole apply: exit codes, what is verified, what is a problem, and what becomes of a race."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from msgflash_gitops.model.outcome import Applied, Failure, Outcome, Result
from msgflash_gitops.model.plan import AccountRef, Action, Change, Plan
from msgflash_gitops.model.project import Policy, Project, VendorFacts
from msgflash_gitops.sandbox import Behaviour, Fault
from msgflash_gitops.workflows.apply import exit_code, settings_of
from msgflash_gitops.workflows.plan import Scope
from tests.simulation.virtual import START
from tests.simulation.world import Draft, Ended, Machine, World

SPRING = Draft("spring", START + timedelta(hours=2), "v1")
SUMMER = Draft("summer", START + timedelta(hours=3), "v1")
POST = "^/campaigns$"
MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[MakeWorld]:
    made: list[World] = []

    def make(behaviour: Behaviour | None = None, project: Project | None = None) -> World:
        made.append(World(tmp_path, behaviour or Behaviour(), project=project or Project("/", "crm")))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    return make_world()


def applied(ended: Ended) -> Applied:
    assert ended.applied is not None
    return ended.applied


def outcomes(ended: Ended) -> list[tuple[str, Outcome]]:
    return [(each.key, each.outcome) for each in applied(ended).results]


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


def test_what_was_applied_is_verified_once(world: World) -> None:
    ended = world.apply([SPRING, SUMMER])[0]
    assert outcomes(ended) == [("spring", Outcome.DONE), ("summer", Outcome.DONE)]
    assert (applied(ended).verified, applied(ended).problems, applied(ended).interrupted) == (True, (), False)
    assert ended.code == 0
    lists = [seen for seen in world.sandbox.requests if (seen.method, seen.path) == ("GET", "/campaigns")]
    assert len(lists) == 2


def test_where_nothing_is_to_be_done_nothing_is_read_again(world: World) -> None:
    world.apply([SPRING])
    before = len(world.sandbox.requests)
    ended = world.apply([SPRING])[0]
    assert (applied(ended).results, applied(ended).verified, ended.code) == ((), True, 0)
    assert sorted(seen.path for seen in world.sandbox.requests[before:]) == ["/campaigns", "/instances"]


def test_what_is_late_is_not_verified(world: World) -> None:
    ended = world.apply([replace(SPRING, at=START + timedelta(minutes=4))])[0]
    assert outcomes(ended) == [("spring", Outcome.SKIPPED)]
    assert (applied(ended).verified, applied(ended).problems, ended.code) == (False, (), 5)


def test_what_is_held_is_not_verified(world: World) -> None:
    world.apply([SPRING])
    world.sandbox.set_status(world.owned()[0]["id"], "paused")
    ended = world.apply([SPRING])[0]
    assert outcomes(ended) == [("spring", Outcome.HELD)]
    assert (applied(ended).verified, ended.code) == (False, 5)


def test_a_refused_create_does_not_stand(world: World) -> None:
    world.sandbox.faults.add(Fault("refuse", path=POST, code="VALIDATION_ERROR", status=400))
    ended = world.apply([SPRING, SUMMER])[0]
    assert sorted(each.value for _, each in outcomes(ended)) == ["done", "failed"]
    assert (applied(ended).verified, applied(ended).problems, ended.code) == (False, (), 5)


def test_an_account_that_refuses_everything_cannot_be_used(make_world: MakeWorld) -> None:
    world = make_world(Behaviour(campaigns_on_plan=False))
    ended = world.apply([SPRING])[0]
    assert (applied(ended).verified, ended.code) == (False, 3)


def test_an_unknown_create_is_unknown(world: World) -> None:
    world.sandbox.faults.add(Fault("drop-before", path=POST, times=9))
    ended = world.apply([SPRING, SUMMER])[0]
    assert Outcome.UNKNOWN in [each for _, each in outcomes(ended)]
    assert (applied(ended).verified, ended.code) == (False, 6)


# problems


def test_what_was_created_and_does_not_show_is_a_problem(make_world: MakeWorld) -> None:
    world = make_world(Behaviour(list_lag=1e6))
    ended = world.apply([SPRING])[0]
    (made,) = world.owned()
    assert applied(ended).problems == (f"campaign {made['id']} was created and does not show in the list",)
    assert (applied(ended).verified, ended.code) == (False, 5)
    assert "verify" not in (world.folder / "runner.jsonl").read_text()


def test_what_shows_within_the_time_to_settle_is_no_problem(make_world: MakeWorld) -> None:
    world = make_world(Behaviour(list_lag=14.0))
    ended = world.apply([SPRING])[0]
    assert (applied(ended).verified, applied(ended).problems, ended.code) == (True, (), 0)
    assert '"operation": "verify"' in (world.folder / "runner.jsonl").read_text()


def test_a_list_that_cannot_be_read_again_is_a_problem(world: World) -> None:
    world.sandbox.faults.add(Fault("status", "GET", POST, skip=1, times=99))
    ended = world.apply([SPRING])[0]
    assert applied(ended).problems == (
        "the account could not be listed again: whether everything is there once is not verified",
    )
    assert outcomes(ended) == [("spring", Outcome.DONE)]
    assert (applied(ended).verified, ended.code) == (False, 5)


def test_what_a_person_did_meanwhile_is_a_problem(world: World) -> None:
    served = world._served

    def meddle() -> None:
        served()
        seen = world.sandbox.requests[-1]
        if (seen.method, seen.path) == ("POST", "/campaigns"):
            world.sandbox.set_status(world.sandbox.campaigns()[-1]["id"], "cancelled")

    world._served = meddle  # type: ignore[method-assign]
    ended = world.apply([SPRING])[0]
    (made,) = world.owned()
    (problem,) = applied(ended).problems
    assert problem.startswith(f"spring: {made['id']} was applied, and now the account asks for blocked: ")
    assert problem.endswith("Somebody else changed it at the same time: plan again")
    assert (applied(ended).verified, ended.code) == (False, 5)


# races


def test_of_a_race_the_oldest_is_kept_and_the_other_is_stopped(make_world: MakeWorld) -> None:
    world = make_world(Behaviour(list_lag=5.0))
    ended = world.apply([SPRING], [Machine("runner"), Machine("laptop", delay=0.2)])
    assert [each.code for each in ended] == [0, 0]
    assert all(applied(each).verified and not applied(each).problems for each in ended)
    assert sorted(each["status"] for each in world.owned()) == ["paused", "scheduled"]
    stops = [each for one in ended for each in applied(one).results if each.action is Action.STOP]
    assert stops
    assert all(each.change.duplicate and each.outcome is Outcome.DONE for each in stops)


def test_a_double_that_cannot_be_stopped_is_not_verified(make_world: MakeWorld) -> None:
    world = make_world(Behaviour(list_lag=5.0))
    world.sandbox.faults.add(Fault("refuse", path="/pause$", code="CONFLICT", status=409, times=99))
    ended = world.apply([SPRING], [Machine("runner"), Machine("laptop", delay=0.2)])
    for each in ended:
        assert applied(each).problems == (
            "duplicates were stopped, and whether everything is there once now is not verified: apply again",
        )
        assert (applied(each).verified, each.code) == (False, 5)
        stops = [one for one in applied(each).results if one.action is Action.STOP]
        assert len(stops) == 4


# leftovers


def test_leftovers_are_cancelled_where_the_vendor_can(make_world: MakeWorld) -> None:
    world = make_world()
    world.apply([SPRING, SUMMER])
    world.apply([replace(SPRING, body="v2"), replace(SUMMER, body="v2")])
    assert sorted(each["status"] for each in world.owned()) == ["paused", "paused", "scheduled", "scheduled"]
    before = len(world.sandbox.requests)
    world.apply([replace(SPRING, body="v2"), replace(SUMMER, body="v2")])
    tried = [seen.path.rsplit("/", 1)[-1] for seen in world.sandbox.requests[before:] if seen.method == "POST"]
    assert tried == ["cancel"]  # the first try shows that there is no such call
    world.sandbox.behaviour = Behaviour(supports_cancel=True)
    ended = world.apply([replace(SPRING, body="v2"), replace(SUMMER, body="v2")])[0]
    assert sorted(each["status"] for each in world.owned()) == ["cancelled", "cancelled", "scheduled", "scheduled"]
    assert (applied(ended).verified, ended.code) == (True, 0)
