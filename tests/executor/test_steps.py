"""The single writes: what each does when it is answered, refused, not answered, or cannot be written down first."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from msgflash_gitops.errors import Refused
from msgflash_gitops.executor.settings import Settings
from msgflash_gitops.executor.steps import Moved, Steps
from msgflash_gitops.executor.trouble import Trouble
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.ledger import Observed
from msgflash_gitops.model.outcome import Failure, Outcome
from msgflash_gitops.model.plan import Action, Change
from msgflash_gitops.sandbox import Behaviour, Fault
from tests.simulation.virtual import START
from tests.support.bench import SOON, Bench, change, want

MakeBench = Callable[..., Bench]
WANTED = want()
CHANGE = change(Action.REPLACE, WANTED)
MILLISECOND = timedelta(milliseconds=1)


def pause(bench: Bench, campaign_id: str, *, ours: bool = False) -> LiveCampaign:
    return bench.do(lambda steps: steps.pause(CHANGE, campaign_id, ours=ours))


def resume(bench: Bench, campaign_id: str) -> LiveCampaign:
    return bench.do(lambda steps: steps.resume(CHANGE, campaign_id))


def retire(bench: Bench, campaign_id: str) -> str | None:
    return bench.do(lambda steps: steps.retire(CHANGE, campaign_id))


def steps_of(bench: Bench) -> Steps:
    async def nothing(steps: Steps) -> Steps:
        return steps

    return bench.do(nothing)


# pause


def test_a_pause_is_written_down_before_and_after(bench: Bench) -> None:
    current = bench.add(WANTED)
    assert pause(bench, current.id).status == "paused"
    entries = bench.written()
    assert bench.noted() == [("pause", "intent"), ("pause", "done")]
    for entry in entries:
        assert (entry.key, entry.action, entry.campaign_id) == ("spring", "replace", current.id)
        assert entry.digest is None, "the digest of the definition is not that of the campaign that is paused"
    assert [getattr(entry, "status", None) for entry in entries] == [None, "paused"]
    assert [each.at for each in bench.entries() if each.fact in entries] == [START, START]


def test_what_bears_no_definition_is_written_down_under_its_key(bench: Bench) -> None:
    current = bench.add(WANTED)
    gone = Change("gone", "Gone", Action.STOP, "", current=current)
    bench.do(lambda steps: steps.pause(gone, current.id))
    assert [(entry.key, entry.digest) for entry in bench.written()] == [("gone", None), ("gone", None)]


def test_a_pause_whose_answer_was_lost_is_looked_up(bench: Bench) -> None:
    current = bench.add(WANTED)
    bench.sandbox.faults.add(Fault("drop-after", path="/pause$"))
    assert pause(bench, current.id).status == "paused"
    assert bench.requests((current.id,)) == ["POST /campaigns/0/pause", "GET /campaigns/0"]
    assert bench.noted()[-1] == ("pause", "done")


def test_a_pause_that_did_not_land_is_tried_again_when_it_settled(bench: Bench) -> None:
    current = bench.add(WANTED)
    bench.sandbox.faults.add(Fault("drop-before", path="/pause$"))
    assert pause(bench, current.id).status == "paused"
    assert bench.times("GET") == [0.105, 0.605, 1.605, 3.605, 7.605, 11.605, 15.605]
    assert bench.times("POST") == [0.0, 15.71]


def test_a_pause_that_never_lands_is_given_up_after_three_attempts(bench: Bench) -> None:
    current = bench.add(WANTED)
    bench.sandbox.faults.add(Fault("drop-before", path="/pause$", times=9))
    with pytest.raises(Trouble) as caught:
        pause(bench, current.id)
    assert bench.requests((current.id,)).count("POST /campaigns/0/pause") == 3
    assert (caught.value.outcome, caught.value.campaign_id) == (Outcome.FAILED, current.id)
    assert caught.value.failure == Failure(
        "not-paused",
        f"campaign {current.id} could not be paused, its status is 'scheduled'",
        "look at it in the MsgFlash dashboard, then plan again",
    )
    assert bench.noted() == [("pause", "intent"), ("pause", "failed")]
    assert bench.written()[-1].campaign_id == current.id


def test_a_pause_that_lands_late_counts_as_ours(bench: Bench) -> None:
    """The first one is carried out after the last look: the second is refused, because of the first."""
    current = bench.add(WANTED)
    bench.sandbox.faults.add(Fault("drop-before", path="/pause$"))
    posts: list[str] = []

    def landed(method: str, path: str) -> None:
        posts.extend([path] * (method == "POST"))
        if len(posts) == 2:
            bench.sandbox.set_status(current.id, "paused")

    bench.before_request = landed
    assert pause(bench, current.id).status == "paused"
    assert len(posts) == 2


def test_an_unanswered_pause_of_what_a_person_sent_meanwhile_has_moved(bench: Bench) -> None:
    current = bench.add(WANTED)
    bench.sandbox.faults.add(Fault("drop-before", path="/pause$"))

    def sent(method: str, _: str) -> None:
        if method == "POST":
            bench.sandbox.set_status(current.id, "completed")

    bench.after_request = sent
    with pytest.raises(Moved) as caught:
        pause(bench, current.id)
    assert (caught.value.status, caught.value.campaign_id) == ("completed", current.id)
    assert len(bench.times("POST")) == 1


@pytest.mark.parametrize("status", ["paused", "completed", "cancelled", "paused_quota"])
def test_what_somebody_else_stopped_has_moved(bench: Bench, status: str) -> None:
    current = bench.add(WANTED, status)
    with pytest.raises(Moved) as caught:
        pause(bench, current.id)
    assert caught.value.status == status
    assert (caught.value.outcome, caught.value.campaign_id) == (Outcome.FAILED, current.id)
    assert caught.value.failure == Failure(
        "moved",
        f"campaign {current.id} is {status} now: somebody else changed it since the plan was made",
        "plan again",
    )
    assert bench.noted() == [("pause", "intent"), ("pause", "failed")]
    assert getattr(bench.written()[-1], "status", None) == status, "what it is now is remembered"


def test_what_was_to_be_paused_anyway_may_be_paused_already(bench: Bench) -> None:
    current = bench.add(WANTED, "paused")
    assert pause(bench, current.id, ours=True).status == "paused"
    assert bench.noted()[-1] == ("pause", "done")


def test_what_was_deleted_has_moved(bench: Bench) -> None:
    current = bench.add(WANTED)
    bench.sandbox.delete_campaign(current.id)
    with pytest.raises(Moved) as caught:
        pause(bench, current.id, ours=True)
    assert (caught.value.status, caught.value.campaign_id) == ("deleted", current.id)
    assert str(caught.value) == caught.value.failure.message
    assert f"campaign {current.id} is deleted now" in caught.value.failure.message
    assert bench.requests((current.id,)) == ["POST /campaigns/0/pause"]


def test_a_refusal_of_what_still_can_send_is_a_refusal(bench: Bench) -> None:
    current = bench.add(WANTED)
    bench.sandbox.faults.add(Fault("refuse", path="/pause$", code="CONFLICT", status=409))
    with pytest.raises(Refused) as caught:
        pause(bench, current.id, ours=True)
    assert caught.value.code == "CONFLICT"
    assert bench.noted() == [("pause", "intent"), ("pause", "failed")]
    assert len(bench.times("POST")) == 1


def test_a_pause_that_cannot_be_written_down_is_not_made(bench: Bench) -> None:
    current = bench.add(WANTED)
    bench.break_ledger()
    with pytest.raises(Trouble) as caught:
        pause(bench, current.id)
    assert (caught.value.outcome, caught.value.failure.code) == (Outcome.FAILED, "ledger")
    assert str(bench.ledger_path) in caught.value.failure.message
    assert caught.value.failure.hint
    assert bench.steps.ledger_fault is not None
    assert bench.steps.ledger_fault.message == caught.value.failure.message
    assert bench.requests() == []


def test_a_pause_that_cannot_be_written_down_afterwards_happened_all_the_same(bench: Bench) -> None:
    current = bench.add(WANTED)
    bench.after_request = lambda *_: bench.break_ledger()
    assert pause(bench, current.id).status == "paused"
    assert bench.steps.ledger_fault is not None


# resume


def test_a_resume_is_written_down_before_and_after(make_bench: MakeBench) -> None:
    bench = make_bench(Behaviour(lists=True, resume_before_start="keeps-schedule"))
    current = bench.add(WANTED, "paused")
    assert resume(bench, current.id).status == "scheduled"
    assert bench.noted() == [("resume", "intent"), ("resume", "done")]
    assert [entry.campaign_id for entry in bench.written()] == [current.id, current.id]


def test_a_resume_whose_answer_was_lost_is_looked_up(make_bench: MakeBench) -> None:
    bench = make_bench(Behaviour(lists=True, resume_before_start="keeps-schedule"))
    current = bench.add(WANTED, "paused")
    bench.sandbox.faults.add(Fault("drop-after", path="/resume$"))
    assert resume(bench, current.id).status == "scheduled"
    assert bench.requests((current.id,)) == ["POST /campaigns/0/resume", "GET /campaigns/0"]


def test_a_resume_that_did_not_land_is_asked_for_once_and_looked_at_until_it_settled(bench: Bench) -> None:
    current = bench.add(WANTED, "paused")
    bench.sandbox.faults.add(Fault("drop-before", path="/resume$"))
    with pytest.raises(Trouble) as caught:
        resume(bench, current.id)
    assert bench.times("POST") == [0.0]
    assert bench.times("GET") == [0.105, 0.605, 1.605, 3.605, 7.605, 11.605, 15.605]
    assert (caught.value.outcome, caught.value.campaign_id) == (Outcome.FAILED, current.id)
    assert caught.value.failure == Failure("not-resumed", f"campaign {current.id} is still paused")
    assert bench.noted() == [("resume", "intent"), ("resume", "failed")]
    assert [entry.campaign_id for entry in bench.written()] == [current.id, current.id]


@pytest.mark.parametrize(
    "settle, reads",
    [
        (1.604, [0.105, 0.605, 1.605]),
        (1.605, [0.105, 0.605, 1.605]),
        (1.606, [0.105, 0.605, 1.605, 3.605]),
        (0.0, [0.105]),
    ],
)
def test_a_campaign_is_read_until_the_time_to_settle_is_over(
    make_bench: MakeBench, settle: float, reads: list[float]
) -> None:
    bench = make_bench(settings=Settings(settle=timedelta(seconds=settle)))
    current = bench.add(WANTED, "paused")
    bench.sandbox.faults.add(Fault("drop-before", path="/resume$"))
    with pytest.raises(Trouble):
        resume(bench, current.id)
    assert bench.times("GET") == reads


# retire


def test_what_is_retired_is_cancelled_where_the_vendor_can(make_bench: MakeBench) -> None:
    bench = make_bench(Behaviour(lists=True, supports_cancel=True))
    current = bench.add(WANTED, "paused")
    assert retire(bench, current.id) is None
    assert bench.status(current) == "cancelled"
    assert bench.noted() == [("cancel", "intent"), ("cancel", "done")]
    assert [entry.campaign_id for entry in bench.written()] == [current.id, current.id]


def test_what_cannot_be_cancelled_stays_paused_and_a_note_says_so(bench: Bench) -> None:
    current = bench.add(WANTED, "paused")
    assert retire(bench, current.id) == f"{current.id} stays paused"
    assert bench.noted() == [("cancel", "intent"), ("cancel", "left-paused")]
    assert bench.written()[-1].campaign_id == current.id


def test_a_cancel_that_fails_leaves_a_note_with_the_reason(make_bench: MakeBench) -> None:
    bench = make_bench(Behaviour(lists=True, supports_cancel=True))
    current = bench.add(WANTED, "completed")
    note = retire(bench, current.id)
    assert note is not None
    assert note.startswith(f"{current.id} stays paused (")
    assert "A campaign that is completed cannot be cancelled" in note
    assert bench.noted()[-1] == ("cancel", "left-paused")


def test_a_cancel_that_cannot_be_written_down_is_not_made(make_bench: MakeBench) -> None:
    bench = make_bench(Behaviour(lists=True, supports_cancel=True))
    current = bench.add(WANTED, "paused")
    bench.break_ledger()
    note = retire(bench, current.id)
    assert note is not None
    assert note.startswith(f"{current.id} stays paused (the ledger ")
    assert bench.requests() == []


# checks


@pytest.mark.parametrize("lead", [timedelta(minutes=5), timedelta(hours=1)])
def test_a_start_at_min_lead_is_in_time_and_a_millisecond_closer_is_not(make_bench: MakeBench, lead: timedelta) -> None:
    steps = steps_of(make_bench(settings=Settings(min_lead=lead)))
    steps.check_start(START + lead)
    for start in (START + lead - MILLISECOND, None):
        with pytest.raises(Trouble) as caught:
            steps.check_start(start)
        assert (caught.value.outcome, caught.value.failure.code) == (Outcome.FAILED, "late")


def test_an_interruption_says_what_has_happened(bench: Bench) -> None:
    steps = steps_of(bench)
    steps.check_stopping("after something")
    bench.stopper.stop()
    hint = "apply again: it looks up what exists first"
    with pytest.raises(Trouble) as caught:
        steps.check_stopping()
    assert (caught.value.outcome, caught.value.failure) == (
        Outcome.SKIPPED,
        Failure("interrupted", "interrupted", hint),
    )
    with pytest.raises(Trouble) as caught:
        steps.check_stopping("after something")
    assert (caught.value.outcome, caught.value.failure) == (
        Outcome.FAILED,
        Failure("interrupted", "interrupted after something", hint),
    )


def test_a_remark_for_later_runs_is_written_down(bench: Bench) -> None:
    bench.do(lambda steps: steps.record(Observed(lists=True, verified=True)))
    assert Observed(lists=True, verified=True) in [each.fact for each in bench.entries()]
    assert bench.steps.ledger_fault is None


def test_a_remark_that_cannot_be_written_down_holds_nothing_up(bench: Bench) -> None:
    bench.break_ledger()
    bench.do(lambda steps: steps.record(Observed(lists=True)))
    assert bench.steps.ledger_fault is not None
    assert bench.steps.unwritten == []


BEGUN = {"sent": 1, "planned": 4}
WAITING = {"sent": 0, "planned": 4}


@pytest.mark.parametrize(
    "stats, start, shown, reads, begun",
    [
        (BEGUN, SOON, WAITING, 0, True),
        (WAITING, START, BEGUN, 0, False),
        ({}, SOON, BEGUN, 0, False),
        ({}, START + MILLISECOND, BEGUN, 0, False),
        ({}, START, BEGUN, 1, True),
        ({}, START, WAITING, 1, False),
        ({}, None, BEGUN, 1, True),
        ({}, None, WAITING, 1, False),
    ],
)
def test_what_had_begun_before_it_was_paused_is_told_by_its_statistics(
    bench: Bench, stats: dict[str, int], start: object, shown: dict[str, int], reads: int, begun: bool
) -> None:
    """Where the pause's answer shows none, and the start has come, it is read."""
    current = bench.add(WANTED, "paused", stats=shown)
    paused = LiveCampaign(current.id, current.name, "paused", stats=stats)
    code = None
    try:
        bench.do(lambda steps: steps.check_not_begun(paused, start))  # type: ignore[arg-type]
    except Trouble as trouble:
        code = trouble.failure.code
        assert (trouble.outcome, trouble.campaign_id) == (Outcome.FAILED, current.id)
        assert trouble.failure.message == (
            f"campaign {current.id} had begun to send before it could be paused; the new one was not created"
        )
        assert trouble.failure.hint == "look at what went out, then apply with --allow-running or raise `revision`"
    assert code == ("begun" if begun else None)
    assert len(bench.times("GET")) == reads


@pytest.mark.parametrize("schedule, begun", [(SOON, False), (START + MILLISECOND, False), (START, True)])
def test_messages_that_wait_count_once_their_time_has_come(bench: Bench, schedule: datetime, begun: bool) -> None:
    """Whether the pause's answer shows them, or only the campaign that is read."""
    queued = {"queued": 3, "planned": 4}
    current = bench.add(want(at=schedule), "paused", stats=queued)
    told = LiveCampaign(current.id, current.name, "paused", {"schedule": format_instant(schedule)}, queued)
    for paused in (told, LiveCampaign(current.id, current.name, "paused")):
        code = None
        try:
            bench.do(lambda steps, paused=paused: steps.check_not_begun(paused, START))  # type: ignore[misc]
        except Trouble as trouble:
            code = trouble.failure.code
        assert code == ("begun" if begun else None)
