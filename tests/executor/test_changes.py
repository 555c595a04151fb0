"""Each action from its first to its last request, and what of a replace that was cut short is said."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from msgflash_gitops.errors import Interrupted
from msgflash_gitops.executor.changes import carry_out
from msgflash_gitops.executor.settings import Settings
from msgflash_gitops.model.outcome import Failure, Outcome, Result
from msgflash_gitops.model.plan import Action, Change, Current
from msgflash_gitops.sandbox import Behaviour, Fault
from tests.simulation.virtual import START
from tests.support.bench import Bench, change, want

MakeBench = Callable[..., Bench]
OLD, NEW = want(body="old"), want(body="new")
POST = "^/campaigns$"
LEAD = timedelta(minutes=5)
KEEPS = Settings(resume_keeps_schedule=True)
KEEPING = Behaviour(lists=True, resume_before_start="keeps-schedule")
AGAIN = "apply again: it looks up what exists first"


def refuse(bench: Bench, path: str = POST) -> None:
    bench.sandbox.faults.add(Fault("refuse", path=path, code="VALIDATION_ERROR", status=400))


def failed(result: Result) -> Failure:
    assert result.outcome is Outcome.FAILED
    assert result.error is not None
    return result.error


def replacing(old: Current, **more: Any) -> Change:
    return change(Action.REPLACE, NEW, old, **more)


# stop


def test_a_stop_pauses_and_says_that_it_stays_paused(bench: Bench) -> None:
    old = bench.add(OLD)
    result = bench.one(change(Action.STOP, OLD, old))
    assert (result.outcome, result.campaign_id, result.error) == (Outcome.DONE, old.id, None)
    assert result.notes == (f"{old.id} stays paused",)
    assert result.safety is None


def test_a_stop_cancels_where_the_vendor_can(make_bench: MakeBench) -> None:
    bench = make_bench(Behaviour(lists=True, supports_cancel=True))
    old = bench.add(OLD)
    result = bench.one(change(Action.STOP, OLD, old))
    assert (result.outcome, result.campaign_id, result.notes) == (Outcome.DONE, old.id, ())
    assert bench.status(old) == "cancelled"


def test_what_is_stopped_already_is_stopped(bench: Bench) -> None:
    old = bench.add(OLD, "cancelled")
    result = bench.one(change(Action.STOP, OLD, old))
    assert (result.outcome, result.campaign_id) == (Outcome.DONE, old.id)
    assert result.notes == (f"{old.id} was cancelled already",)
    assert ("POST", "cancel") not in [(seen.method, seen.path[-6:]) for seen in bench.sandbox.requests]


def test_what_was_sent_cannot_be_stopped(bench: Bench) -> None:
    old = bench.add(OLD)
    stop = change(Action.STOP, OLD, old)
    bench.sandbox.set_status(old.id, "completed")
    result = bench.one(stop)
    assert failed(result) == Failure("sent", f"campaign {old.id} was sent before it could be stopped")
    assert result.campaign_id == old.id


def test_a_series_that_shows_completed_and_cannot_be_paused_is_told(bench: Bench) -> None:
    old = bench.add(OLD, "completed")
    failure = failed(bench.one(change(Action.STOP, OLD, old)))
    assert failure is not None
    assert (failure.code, "may send again" in failure.message) == ("not-paused", True)


def test_what_is_paused_already_when_it_is_stopped_is_retired(make_bench: MakeBench) -> None:
    bench = make_bench(Behaviour(lists=True, supports_cancel=True))
    old = bench.add(OLD, "paused")
    assert bench.one(change(Action.STOP, OLD, old)).outcome is Outcome.DONE
    assert bench.status(old) == "cancelled"


# pause and resume


@pytest.mark.parametrize("status", ["scheduled", "paused"])
def test_a_pause_leaves_it_paused(bench: Bench, status: str) -> None:
    old = bench.add(OLD, status)
    result = bench.one(change(Action.PAUSE, OLD, old))
    assert (result.outcome, result.campaign_id, result.notes) == (Outcome.DONE, old.id, ())
    assert bench.status(old) == "paused"


def test_a_resume_hands_on_what_the_vendor_says_of_its_safety(bench: Bench) -> None:
    old = bench.add(OLD, "paused")
    result = bench.one(change(Action.RESUME, OLD, old))
    assert (result.outcome, result.campaign_id) == (Outcome.DONE, old.id)
    assert result.safety is not None
    assert result.safety["decision"] == "allow"
    assert bench.requests((old.id,)) == ["POST /campaigns/0/resume"]


def test_a_resume_that_creates_anew_is_a_replace(bench: Bench) -> None:
    old = bench.add(OLD, "paused")
    result = bench.one(change(Action.RESUME, NEW, old, recreate=True))
    assert result.outcome is Outcome.DONE
    assert result.campaign_id != old.id
    assert bench.requests((old.id,)) == ["GET /campaigns/0", "POST /campaigns", "POST /campaigns/0/cancel"]
    assert bench.statuses() == [("old", "paused"), ("new", "scheduled")]


# create


def test_a_create_hands_on_id_and_safety(bench: Bench) -> None:
    result = bench.one(change(Action.CREATE, NEW))
    (item,) = bench.sandbox.campaigns()
    assert (result.outcome, result.campaign_id, result.notes) == (Outcome.DONE, item["id"], ())
    assert result.safety is not None
    assert result.safety["riskLevel"] == "low"


def test_a_create_that_was_looked_up_is_recovered(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("drop-after", path=POST))
    result = bench.one(change(Action.CREATE, NEW))
    assert (result.outcome, result.campaign_id) == (Outcome.RECOVERED, bench.sandbox.campaigns()[0]["id"])
    assert result.safety is None


@pytest.mark.parametrize("action", [Action.CREATE, Action.REPLACE])
def test_what_git_wants_paused_is_created_and_paused(bench: Bench, action: Action) -> None:
    old = bench.add(OLD) if action is Action.REPLACE else None
    result = bench.one(change(action, want(body="new", paused=True), old))
    assert result.outcome is Outcome.DONE
    assert bench.statuses()[-1] == ("new", "paused")


def test_what_a_person_paused_first_is_paused_as_git_wants_it(bench: Bench) -> None:
    def paused(method: str, path: str) -> None:
        if (method, path) == ("POST", "/campaigns"):
            bench.sandbox.set_status(bench.sandbox.campaigns()[0]["id"], "paused")

    bench.after_request = paused
    result = bench.one(change(Action.CREATE, want(paused=True)))
    assert (result.outcome, result.error) == (Outcome.DONE, None)


# replace


def test_a_replace_pauses_creates_and_retires_in_this_order(make_bench: MakeBench) -> None:
    bench = make_bench(Behaviour(lists=True, supports_cancel=True))
    old, rest = bench.add(OLD), bench.add(want(body="older"), "paused")
    result = bench.one(replacing(old, retire=(rest,)))
    assert (result.outcome, result.notes) == (Outcome.DONE, ())
    assert result.safety is not None
    assert bench.requests((old.id, rest.id)) == [
        "POST /campaigns/0/pause",
        "POST /campaigns",
        "POST /campaigns/0/cancel",
        "POST /campaigns/1/cancel",
    ]
    assert bench.statuses() == [("old", "cancelled"), ("older", "cancelled"), ("new", "scheduled")]
    assert result.campaign_id == bench.sandbox.campaigns()[-1]["id"]


def test_a_replace_says_what_stays_paused(bench: Bench) -> None:
    old, rest = bench.add(OLD), bench.add(want(body="older"), "paused")
    assert bench.one(replacing(old, retire=(rest,))).notes == (f"{old.id} stays paused", f"{rest.id} stays paused")


def test_a_recovered_replace_says_so(bench: Bench) -> None:
    old = bench.add(OLD)
    bench.sandbox.faults.add(Fault("drop-after", path=POST))
    assert bench.one(replacing(old)).outcome is Outcome.RECOVERED
    assert bench.statuses() == [("old", "paused"), ("new", "scheduled")]


def test_a_replace_that_would_be_late_touches_nothing(bench: Bench) -> None:
    old = bench.add(OLD)
    result = bench.one(replacing(old, start=START + LEAD - timedelta(milliseconds=1)))
    assert failed(result).code == "late"
    assert bench.requests() == []


def test_a_replace_of_what_somebody_paused_meanwhile_has_moved(bench: Bench) -> None:
    old = bench.add(OLD)
    bench.sandbox.set_status(old.id, "paused")
    result = bench.one(replacing(old))
    assert failed(result).code == "moved"
    assert bench.statuses() == [("old", "paused")]


def test_a_replace_of_what_somebody_resumed_meanwhile_has_moved(bench: Bench) -> None:
    old = bench.add(OLD, "paused")
    bench.sandbox.set_status(old.id, "scheduled")
    result = bench.one(replacing(old))
    assert failed(result).code == "moved"
    assert failed(result).message.startswith(f"campaign {old.id} is scheduled now")
    assert result.campaign_id == old.id
    assert bench.statuses() == [("old", "scheduled")]


BEGUN = {"planned": 4, "sent": 1}


@pytest.mark.parametrize(
    "status, started, created",
    [("scheduled", False, False), ("scheduled", True, True), ("running", False, True), ("running", True, True)],
)
def test_what_began_since_the_plan_is_not_created_anew(bench: Bench, status: str, started: bool, created: bool) -> None:
    """Consent was given for what ran when the plan was made, and a series that waits has started before."""
    old = bench.add(OLD, status, stats=BEGUN)
    result = bench.one(replacing(replace(old, started=started)))
    assert (result.outcome is Outcome.DONE) is created
    if not created:
        assert failed(result).code == "begun"
        assert bench.statuses() == [("old", "paused")]


def test_without_statistics_the_start_of_the_plan_tells_whether_it_began(bench: Bench) -> None:
    old = bench.add(OLD, stats={})
    assert bench.one(replacing(old)).outcome is Outcome.DONE
    assert not any(line.startswith("GET") for line in bench.requests())


def test_an_interruption_after_the_pause_says_what_cannot_be_sent(bench: Bench) -> None:
    old = bench.add(OLD)
    bench.after_request = lambda *_: bench.stopper.stop()
    result = bench.one(replacing(old))
    message = f"interrupted after {old.id} was paused: nothing can be sent until you apply again"
    assert failed(result) == Failure("interrupted", message, AGAIN)
    assert bench.noted() == [("pause", "intent"), ("pause", "done")]


def test_an_interruption_that_only_the_client_sees_says_so_too(bench: Bench) -> None:
    old = bench.add(OLD)
    seen: list[str] = []

    def keep_the_second_back() -> None:
        seen.append("write")
        if len(seen) == 2:
            raise Interrupted("interrupted before the request was sent")

    bench.before_write = keep_the_second_back
    message = f"interrupted after {old.id} was paused: nothing can be sent until you apply again"
    assert failed(bench.one(replacing(old))) == Failure("interrupted", message, AGAIN)


# compensation


def test_a_refused_replace_leaves_the_old_one_paused_and_says_so(bench: Bench) -> None:
    old = bench.add(OLD)
    refuse(bench)
    result = bench.one(replacing(old))
    error = failed(result)
    assert (error.code, result.campaign_id) == ("VALIDATION_ERROR", old.id)
    assert error.message.endswith(f"; the old campaign {old.id} STAYS PAUSED, so nothing will be sent for spring")
    assert error.message.startswith("create campaign: ")
    assert bench.status(old) == "paused"


def test_a_refusal_without_a_code_is_api(bench: Bench) -> None:
    old = bench.add(OLD)
    bench.sandbox.faults.add(Fault("refuse", path=POST, status=302))
    assert failed(bench.one(replacing(old))).code == "api"
    assert bench.status(old) == "paused"


def test_a_refused_replace_resumes_the_old_one_where_that_keeps_its_schedule(make_bench: MakeBench) -> None:
    bench = make_bench(KEEPING, settings=KEEPS)
    old = bench.add(OLD)
    refuse(bench)
    result = bench.one(replacing(old))
    assert failed(result).message.endswith(f"; the old campaign {old.id} was resumed and is sent as before")
    assert result.campaign_id == old.id
    assert bench.statuses() == [("old", "scheduled")]


def test_a_refusal_hands_on_its_hint(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.sandbox.behaviour = Behaviour(lists=True, campaigns_on_plan=False)
    old = bench.add(OLD)
    plain = bench.one(change(Action.CREATE, want("other")))
    error = failed(bench.one(replacing(old)))
    assert plain.error is not None
    assert error.hint == plain.error.hint is not None
    assert error.code == "CAMPAIGNS_NOT_AVAILABLE_ON_PLAN"


def test_what_was_paused_before_is_not_resumed(make_bench: MakeBench) -> None:
    bench = make_bench(KEEPING, settings=KEEPS)
    old = bench.add(OLD, "paused")
    refuse(bench)
    assert "STAYS PAUSED" in failed(bench.one(replacing(old))).message
    assert bench.status(old) == "paused"


@pytest.mark.parametrize("schedule, resumed", [(0.105, False), (0.106, True), (None, False)])
def test_what_has_no_start_ahead_is_not_resumed(make_bench: MakeBench, schedule: float | None, resumed: bool) -> None:
    """0.105 seconds into the run the refusal arrives."""
    bench = make_bench(KEEPING, settings=KEEPS)
    old = bench.add(OLD)
    shown = None if schedule is None else (START + timedelta(seconds=schedule)).isoformat()
    refuse(bench)
    message = failed(bench.one(replacing(replace(old, schedule=shown)))).message
    assert ("was resumed" in message) is resumed


def test_a_create_that_came_too_late_brings_the_old_one_back(make_bench: MakeBench) -> None:
    bench = make_bench(KEEPING, settings=KEEPS)
    old = bench.add(OLD)
    bench.sandbox.faults.add(Fault("rate-limit", path="/pause$", retry_after="30"))
    result = bench.one(replacing(old, start=START + LEAD + timedelta(seconds=29)))
    error = failed(result)
    assert (error.code, error.hint) == ("late", "set a new schedule and plan again")
    assert error.message == (
        "its start came closer than min_lead while the plan was being applied: nothing was sent; "
        f"the old campaign {old.id} was resumed and is sent as before"
    )
    assert result.campaign_id == old.id
    assert bench.status(old) == "scheduled"


def test_a_create_that_cannot_be_written_down_leaves_the_old_one_paused(bench: Bench) -> None:
    old = bench.add(OLD)
    bench.after_request = lambda *_: bench.break_ledger()
    error = failed(bench.one(replacing(old)))
    assert error.code == "ledger"
    assert error.hint
    assert f"the old campaign {old.id} STAYS PAUSED" in error.message


def test_an_unknown_create_of_a_replace_is_unknown(make_bench: MakeBench) -> None:
    """The old one must not come back: the new one may be there."""
    bench = make_bench(KEEPING, settings=KEEPS)
    old = bench.add(OLD)
    bench.sandbox.faults.add(Fault("drop-before", path=POST, times=9))
    result = bench.one(replacing(old))
    assert (result.outcome, result.campaign_id) == (Outcome.UNKNOWN, None)
    assert bench.status(old) == "paused"


def test_what_asks_for_nothing_cannot_be_carried_out(bench: Bench) -> None:
    with pytest.raises(AssertionError, match="nothing to carry out"):
        bench.do(lambda steps: carry_out(steps, change(Action.LATE, NEW)))
