"""A create: it exists once, or it is said that this cannot be told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from msgflash_gitops.errors import Interrupted, Refused
from msgflash_gitops.executor.create import Created, create
from msgflash_gitops.executor.settings import Settings
from msgflash_gitops.executor.trouble import Trouble
from msgflash_gitops.model.ledger import Intent, Operation, OutcomeSeen, Phase
from msgflash_gitops.model.outcome import Failure, Outcome
from msgflash_gitops.model.plan import Action
from msgflash_gitops.sandbox import Behaviour, Fault
from tests.simulation.virtual import START
from tests.support.bench import SOON, Bench, change, want
from tests.support.builders import DAILY

MakeBench = Callable[..., Bench]
WANTED = want()
CHANGE = change(Action.CREATE, WANTED)
POST = "^/campaigns$"
APPLY_AGAIN = "apply again: it looks the campaign up by its marker before it creates anything, so nothing is sent twice"
LEAD = timedelta(minutes=5)


def made(bench: Bench, single: Any = CHANGE) -> Created:
    return bench.do(lambda steps: create(steps, single))


def trouble(bench: Bench, single: Any = CHANGE) -> Trouble:
    with pytest.raises(Trouble) as caught:
        made(bench, single)
    return caught.value


def stored(bench: Bench) -> dict[str, Any]:
    (only,) = bench.sandbox.campaigns()
    return only


def test_an_answered_create_is_done(bench: Bench) -> None:
    created = made(bench)
    assert (created.live.id, created.recovered) == (stored(bench)["id"], False)
    assert created.live.id in bench.known
    at = Operation.CREATE
    assert bench.written() == [
        Intent("spring", "create", at, None, WANTED.digest, WANTED.instance.id, SOON, "none", attempt=1),
        OutcomeSeen("spring", "create", at, Phase.DONE, created.live.id, WANTED.digest, status="scheduled"),
    ]
    assert stored(bench)["name"] == WANTED.body["name"]


def test_the_start_of_the_change_is_what_is_asked_for(bench: Bench) -> None:
    """A series is created at its next occurrence, not at the anchor that the definition names."""
    at = WANTED.anchor + timedelta(days=1)
    series = want(repeat=DAILY)
    made(bench, change(Action.CREATE, series, start=at))
    assert stored(bench)["schedule"] == "2027-03-02T14:00:00.000Z"


def test_a_create_whose_answer_was_lost_is_found_in_the_list(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("drop-after", path=POST))
    created = made(bench)
    assert (created.live.id, created.recovered) == (stored(bench)["id"], True)
    assert bench.requests() == ["POST /campaigns", "GET /campaigns"]
    assert bench.noted() == [("create", "intent"), ("create", "recovered")]
    assert bench.written()[1].campaign_id == created.live.id


def test_what_had_this_name_before_is_not_what_the_lost_create_left(bench: Bench) -> None:
    before = bench.add(WANTED, "paused")
    bench.sandbox.faults.add(Fault("drop-before", path=POST))
    created = made(bench)
    assert created.live.id != before.id
    assert not created.recovered
    assert [getattr(entry, "attempt", None) for entry in bench.written()] == [1, 2, None]
    assert bench.times("POST") == [0.0, 15.105]


def test_a_lost_create_that_shows_after_a_while_is_not_repeated(make_bench: MakeBench) -> None:
    bench = make_bench(Behaviour(lists=True, list_lag=14.0))
    bench.sandbox.faults.add(Fault("drop-after", path=POST))
    assert made(bench).recovered
    assert bench.times("POST") == [0.0]


def test_three_attempts_without_an_answer_are_unknown(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("drop-before", path=POST, times=9))
    caught = trouble(bench)
    assert caught.outcome is Outcome.UNKNOWN
    assert caught.campaign_id is None
    assert caught.failure == Failure(
        "unknown",
        "the create may have landed: 3 attempts got no answer, and the campaign does not show in the list",
        APPLY_AGAIN,
    )
    assert bench.requests().count("POST /campaigns") == 3
    assert bench.noted() == [*[("create", "intent")] * 3, ("create", "unknown")]


def test_a_list_that_cannot_be_read_leaves_it_unknown(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("drop-before", path=POST))
    bench.sandbox.faults.add(Fault("status", "GET", POST, times=99))
    caught = trouble(bench)
    assert (caught.outcome, caught.failure.code, caught.failure.hint) == (Outcome.UNKNOWN, "unknown", APPLY_AGAIN)
    assert caught.failure.message.startswith("the create may have landed: create campaign: ")
    assert caught.failure.message.endswith("; the account could not be listed to look it up")
    assert bench.requests().count("POST /campaigns") == 1
    assert bench.noted() == [("create", "intent")]


def test_a_refused_create_is_written_down_with_its_code(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("refuse", path=POST, code="VALIDATION_ERROR", status=400))
    with pytest.raises(Refused):
        made(bench)
    assert bench.noted() == [("create", "intent"), ("create", "refused")]
    assert getattr(bench.written()[1], "code", None) == "VALIDATION_ERROR"


def test_a_create_that_cannot_be_written_down_is_not_made(bench: Bench) -> None:
    bench.break_ledger()
    assert trouble(bench).failure.code == "ledger"
    assert bench.requests() == []


@pytest.mark.parametrize("closer, posts", [(0, 1), (1, 0)])
def test_a_start_at_min_lead_is_created_and_a_millisecond_closer_is_not(bench: Bench, closer: int, posts: int) -> None:
    single = change(Action.CREATE, want(at=START + LEAD - timedelta(milliseconds=closer)))
    if posts:
        made(bench, single)
    else:
        assert trouble(bench, single).failure.code == "late"
    assert bench.requests() == ["POST /campaigns"] * posts
    assert bench.noted() == [("create", "intent"), ("create", "done")] * posts


@pytest.mark.parametrize("seconds, statuses", [(30.0, ["scheduled"]), (29.999, [])])
def test_a_create_told_to_wait_leaves_by_min_lead_or_not_at_all(
    bench: Bench, seconds: float, statuses: list[str]
) -> None:
    bench.sandbox.faults.add(Fault("rate-limit", path=POST, retry_after="30"))
    single = change(Action.CREATE, want(at=START + LEAD + timedelta(seconds=seconds)))
    if statuses:
        made(bench, single)
    else:
        assert trouble(bench, single).failure.code == "late"
        assert bench.noted() == [("create", "intent"), ("create", "not-sent")]
    assert [each["status"] for each in bench.sandbox.campaigns()] == statuses


def test_a_create_without_a_start_is_not_made(bench: Bench) -> None:
    assert trouble(bench, replace(CHANGE, start=None)).failure.code == "late"
    assert bench.requests() == []


def test_a_second_attempt_that_would_be_late_is_not_made(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("drop-before", path=POST))
    single = change(Action.CREATE, want(at=START + LEAD + timedelta(seconds=10)))
    assert trouble(bench, single).failure.code == "late"
    assert bench.noted() == [("create", "intent")]
    assert bench.requests().count("POST /campaigns") == 1


def test_an_interruption_before_the_only_attempt_leaves_is_no_trouble_of_the_campaign(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("rate-limit", path=POST))
    bench.after_request = lambda *_: bench.stopper.stop()
    caught = trouble(bench)
    assert (caught.outcome, caught.failure.message) == (Outcome.SKIPPED, "interrupted")
    assert bench.noted() == [("create", "intent"), ("create", "not-sent")]


def test_an_interruption_after_a_lost_create_says_that_its_outcome_is_not_known(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("drop-before", path=POST))
    bench.after_request = lambda *_: bench.stopper.stop()
    caught = trouble(bench)
    assert (caught.outcome, caught.failure.code) == (Outcome.FAILED, "interrupted")
    assert caught.failure.message == "interrupted after a create whose outcome is not known"
    assert bench.noted() == [("create", "intent")]


def test_an_interruption_while_the_second_attempt_waits_says_so_too(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("drop-before", path=POST))
    bench.sandbox.faults.add(Fault("rate-limit", path=POST))
    posts: list[str] = []

    def stop_at_the_second(method: str, path: str) -> None:
        posts.extend([path] * (method == "POST"))
        if len(posts) == 2:
            bench.stopper.stop()

    bench.after_request = stop_at_the_second
    caught = trouble(bench)
    assert (caught.outcome, caught.failure.message) == (
        Outcome.FAILED,
        "interrupted after a create whose outcome is not known",
    )
    assert bench.noted()[-1] == ("create", "not-sent")


def test_a_write_kept_back_for_another_reason_is_passed_on(bench: Bench) -> None:
    """The client may be told to keep a write back without the run being stopped."""

    def kept_back() -> None:
        raise Interrupted("not now")

    bench.before_write = kept_back
    with pytest.raises(Interrupted, match="not now"):
        made(bench)
    assert bench.noted() == [("create", "intent"), ("create", "not-sent")]


# what was stored is another thing than what was sent


def test_a_name_that_was_cut_is_paused_at_once(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("alter-name", path=POST))
    caught = trouble(bench)
    item = stored(bench)
    sent = WANTED.body["name"]
    assert item["status"] == "paused"
    assert (caught.outcome, caught.campaign_id) == (Outcome.FAILED, item["id"])
    assert caught.failure == Failure(
        "name-altered",
        f"MsgFlash stored something else than was sent, so campaign {item['id']} was paused at once "
        f"(name: sent {sent!r}, stored {item['name']!r})",
        "shorten the name or the key",
    )
    assert bench.noted() == [("create", "intent"), ("create", "done"), ("pause", "intent"), ("pause", "done")]
    assert item["id"] in bench.known


def lose_and(bench: Bench, **fields: Any) -> None:
    """The create's answer is lost, and what it stored is something else."""
    bench.sandbox.faults.add(Fault("drop-after", path=POST))

    def alter(method: str, path: str) -> None:
        if method == "POST" and path == "/campaigns":
            item = bench.sandbox.campaigns()[-1]
            bench.sandbox.set_status(item["id"], fields.pop("status", "scheduled"), **fields)

    bench.after_request = alter


def test_a_text_that_was_altered_is_paused_at_once(bench: Bench) -> None:
    lose_and(bench, body="Hell")
    caught = trouble(bench)
    item = stored(bench)
    assert item["status"] == "paused"
    assert caught.failure == Failure(
        "stored-otherwise",
        f"MsgFlash stored something else than was sent, so campaign {item['id']} was paused at once "
        "(body: sent 'Hello', stored 'Hell')",
        "look at it in the dashboard and report it to the vendor",
    )
    assert bench.noted()[1] == ("create", "recovered")


def test_everything_that_was_altered_is_named(bench: Bench) -> None:
    lose_and(bench, body="Hell", repeat="daily")
    message = trouble(bench).failure.message
    assert "(repeat: sent 'none', stored 'daily'; body: sent 'Hello', stored 'Hell')" in message


def test_a_name_that_had_to_be_shortened_for_its_marker_is_stored_as_it_was_sent(bench: Bench) -> None:
    long = want(name="Spring " * 60)
    made(bench, change(Action.CREATE, long))
    assert stored(bench)["name"] == long.body["name"]


def test_what_was_altered_and_cannot_send_is_left_as_it_is(bench: Bench) -> None:
    lose_and(bench, body="Hell", status="cancelled")
    assert trouble(bench).failure.code == "stored-otherwise"
    assert bench.requests() == ["POST /campaigns", "GET /campaigns"]


def test_a_lost_create_whose_name_was_cut_is_recognised_by_everything_else(bench: Bench) -> None:
    lose_and(bench, name="  SPRING  ")
    caught = trouble(bench)
    assert caught.failure.code == "name-altered"
    assert stored(bench)["status"] == "paused"


def test_eight_letters_of_the_name_are_enough(bench: Bench) -> None:
    lose_and(bench, name="spring s")
    assert trouble(bench, change(Action.CREATE, want(name="Spring sale"))).failure.code == "name-altered"
    assert stored(bench)["status"] == "paused"


def test_the_ninth_letter_does_not_matter(bench: Bench) -> None:
    lose_and(bench, name="Spring sun")
    assert trouble(bench, change(Action.CREATE, want(name="Spring sale"))).failure.code == "name-altered"


@pytest.mark.parametrize(
    "fields", [{"name": "Autumn"}, {"name": "Spring", "body": "Else"}, {"name": "Spring [crm/other@abcdefabcdef]"}]
)
def test_what_is_not_like_the_lost_create_is_not_taken_for_it(make_bench: MakeBench, fields: dict[str, Any]) -> None:
    bench = make_bench(settings=Settings(settle=timedelta(seconds=1)))
    lose_and(bench, **fields)
    created = made(bench)
    assert not created.recovered
    assert bench.requests().count("POST /campaigns") == 2
    assert [each["status"] for each in bench.sandbox.campaigns()] == ["scheduled", "scheduled"]


LATER = "ffffffff-0000-4000-8000-000000000000"


@pytest.mark.parametrize("created, kept", [("2027-03-01T11:59:59.000Z", True), (None, False)])
def test_of_several_that_landed_the_oldest_is_the_one(bench: Bench, created: str | None, kept: bool) -> None:
    bench.sandbox.faults.add(Fault("drop-after", path=POST))
    body = dict(WANTED.body)

    def one_more(method: str, path: str) -> None:
        if method == "POST":
            bench.sandbox.add_campaign(body, createdAt=created, id=LATER)

    bench.after_request = one_more
    assert (made(bench).live.id == LATER) is kept
