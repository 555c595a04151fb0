"""A whole run: what is carried out, in which order, and which outcome everything else gets."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from msgflash_gitops.model.outcome import Failure, Outcome
from msgflash_gitops.model.plan import Action
from msgflash_gitops.sandbox import Behaviour, Fault
from tests.support.bench import Bench, change, want

MakeBench = Callable[..., Bench]
UNAVAILABLE = Behaviour(lists=True, campaigns_on_plan=False)


def test_what_is_held_or_asks_for_nothing_gets_its_outcome_without_a_request(bench: Bench) -> None:
    held = change(Action.CREATE, want("held"), held=True)
    late = change(Action.LATE, want("late"))
    stuck = change(Action.BLOCKED, want("stuck"), held=True)
    results = bench.run(held, late, stuck)
    assert [(each.change, each.outcome) for each in results] == [
        (held, Outcome.HELD),
        (late, Outcome.SKIPPED),
        (stuck, Outcome.HELD),
    ]
    assert all(each.error is None and each.campaign_id is None for each in results)
    assert bench.requests() == []
    assert bench.progress == []


def test_stops_and_pauses_come_first_and_the_results_keep_the_plans_order(bench: Bench) -> None:
    gone, quiet = bench.add(want("gone", body="gone")), bench.add(want("quiet", body="quiet"))
    changes = [
        change(Action.CREATE, want("new", body="new")),
        change(Action.STOP, want("gone"), gone),
        change(Action.LATE, want("late")),
        change(Action.PAUSE, want("quiet"), quiet),
    ]
    results = bench.run(*changes)
    assert [each.change for each in results] == changes
    assert [each.outcome for each in results] == [Outcome.DONE, Outcome.DONE, Outcome.SKIPPED, Outcome.DONE]
    *stops, last = bench.requests((gone.id, quiet.id))
    assert sorted(stops) == ["POST /campaigns/0/cancel", "POST /campaigns/0/pause", "POST /campaigns/1/pause"]
    assert stops.index("POST /campaigns/0/pause") < stops.index("POST /campaigns/0/cancel")
    assert last == "POST /campaigns"
    assert sorted(each.key for each in bench.progress[:2]) == ["gone", "quiet"]
    assert [each.key for each in bench.progress[2:]] == ["new"]
    assert bench.statuses() == [("gone", "paused"), ("quiet", "paused"), ("new", "scheduled")]


@pytest.mark.parametrize("in_flight, seconds", [(1, 4.0), (2, 2.105), (4, 1.315)])
def test_no_more_changes_at_a_time_than_in_flight(make_bench: MakeBench, in_flight: int, seconds: float) -> None:
    bench = make_bench(Behaviour(lists=True, latency=1.0))
    bench.run(*(change(Action.CREATE, want(f"k{n}", body=f"b{n}")) for n in range(4)), in_flight=in_flight)
    assert bench.loop.seconds == pytest.approx(seconds, abs=0.01)


def test_a_plan_that_refuses_campaigns_is_asked_once(make_bench: MakeBench) -> None:
    bench = make_bench(UNAVAILABLE)
    results = bench.run(*(change(Action.CREATE, want(f"k{n}")) for n in range(3)), in_flight=1)
    assert [each.outcome for each in results] == [Outcome.FAILED, Outcome.SKIPPED, Outcome.SKIPPED]
    error = results[0].error
    assert error is not None
    assert error.code == "CAMPAIGNS_NOT_AVAILABLE_ON_PLAN"
    assert "Campaigns are not available on this plan" in error.message
    assert error.hint
    assert error.unusable
    assert [each.error for each in results] == [error] * 3
    assert bench.requests() == ["POST /campaigns"]
    assert bench.progress == results


def test_a_refusal_of_one_campaign_keeps_nothing_else_back(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("refuse", path="^/campaigns$", code="VALIDATION_ERROR", status=400))
    results = bench.run(*(change(Action.CREATE, want(f"k{n}")) for n in range(2)), in_flight=1)
    assert [each.outcome for each in results] == [Outcome.FAILED, Outcome.DONE]
    assert results[0].error is not None
    assert (results[0].error.code, results[0].error.unusable) == ("VALIDATION_ERROR", False)
    assert results[0].campaign_id is None


def test_a_refusal_names_the_campaign_that_the_change_is_about(bench: Bench) -> None:
    current = bench.add(want())
    bench.sandbox.faults.add(Fault("refuse", path="/pause$", code="CONFLICT", status=409, times=9))
    result = bench.one(change(Action.PAUSE, want(), current))
    assert result.outcome is Outcome.FAILED
    assert result.campaign_id == current.id
    assert result.error is not None
    assert result.error.code == "CONFLICT"


def test_a_failure_without_a_code_is_api_and_stops_the_run(bench: Bench) -> None:
    first, second = bench.add(want("a")), bench.add(want("b"))
    bench.sandbox.faults.add(Fault("status", "POST", "/pause$"))
    bench.sandbox.faults.add(Fault("status", "GET", "^/campaigns/", times=99))
    results = bench.run(change(Action.PAUSE, want("a"), first), change(Action.PAUSE, want("b"), second), in_flight=1)
    assert [each.outcome for each in results] == [Outcome.FAILED, Outcome.SKIPPED]
    assert results[0].error is not None
    assert (results[0].error.code, results[0].error.unusable) == ("api", True)
    assert results[0].error.hint == "try again later"
    assert bench.status(second) == "scheduled"


def test_a_key_whose_other_campaign_could_not_be_stopped_gets_no_second_one(bench: Bench) -> None:
    double, plain = bench.add(want("double")), bench.add(want("plain"))
    bench.sandbox.faults.add(Fault("refuse", path="/pause$", code="CONFLICT", status=409, times=2))
    results = bench.run(
        change(Action.STOP, want("double"), double, duplicate=True),
        change(Action.CREATE, want("double")),
        change(Action.PAUSE, want("plain"), plain),
        change(Action.CREATE, want("plain")),
        change(Action.CREATE, want("free")),
    )
    assert [each.outcome for each in results] == [
        Outcome.FAILED,
        Outcome.FAILED,
        Outcome.FAILED,
        Outcome.DONE,
        Outcome.DONE,
    ]
    assert (results[1].key, results[1].action) == ("double", Action.CREATE)
    assert results[1].error == Failure(
        "not-stopped",
        "another campaign of this key could not be stopped: creating a second one could send it twice",
        "stop it in the dashboard, then apply again",
    )
    assert bench.requests().count("POST /campaigns") == 2


def test_an_interrupted_run_starts_nothing(bench: Bench) -> None:
    bench.stopper.stop()
    result = bench.one(change(Action.CREATE, want()))
    assert result.outcome is Outcome.SKIPPED
    assert result.error == Failure("interrupted", "interrupted", "apply again: it looks up what exists first")
    assert bench.requests() == []
    assert bench.noted() == []


def test_a_request_that_waits_when_the_run_is_interrupted_does_not_leave(bench: Bench) -> None:
    current = bench.add(want())
    bench.sandbox.faults.add(Fault("rate-limit", path="/pause$"))
    bench.after_request = lambda *_: bench.stopper.stop()
    result = bench.one(change(Action.PAUSE, want(), current))
    assert result.outcome is Outcome.SKIPPED
    assert result.error == Failure(
        "interrupted", "interrupted before the request was sent", "apply again: it looks up what exists first"
    )
    assert bench.status(current) == "scheduled"


def test_a_start_too_close_is_late_and_has_no_campaign(bench: Bench) -> None:
    at = bench.clock.now() + bench.settings.min_lead - timedelta(milliseconds=1)
    result = bench.one(change(Action.CREATE, want(at=at)))
    assert result.outcome is Outcome.FAILED
    assert result.campaign_id is None
    assert result.error == Failure(
        "late",
        "its start came closer than min_lead while the plan was being applied: nothing was sent",
        "set a new schedule and plan again",
    )
    assert bench.requests() == []
