"""What the ledger's entries come to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.ledger import (
    Entry,
    Fact,
    Intent,
    Linked,
    Observed,
    Operation,
    OutcomeSeen,
    Phase,
    RunBegan,
    Unlinked,
)
from msgflash_gitops.model.memory import DELETED, Memory, Remembered
from msgflash_gitops.planning.memory import remember, settle

START = datetime(2027, 3, 1, 12, tzinfo=UTC)
SEND = START + timedelta(days=1)
CREATE = Intent("k", "create", Operation.CREATE, digest="d", instance_id="i", start=SEND, repeat="none")
CREATED = OutcomeSeen("k", "create", Operation.CREATE, Phase.DONE, "c1", "d", status="scheduled")


def memory(*facts: Fact | tuple[str, Fact]) -> Memory:
    """Entries a second apart; a fact alone is of run r1."""
    entries = []
    for number, each in enumerate(facts, 1):
        run, fact = each if isinstance(each, tuple) else ("r1", each)
        entries.append(Entry(number, "", START + timedelta(seconds=number), run, fact))
    return remember(entries)


def pause(phase: Phase | None, action: str = "replace", status: str | None = None) -> Fact:
    if phase is None:
        return Intent("k", action, Operation.PAUSE, "c1")
    return OutcomeSeen("k", action, Operation.PAUSE, phase, "c1", status=status)


def test_a_campaign_that_was_created_is_remembered_with_what_was_sent() -> None:
    found = memory(RunBegan("apply", commit="abc"), CREATE, CREATED)
    at = START + timedelta(seconds=3)
    made = Remembered("c1", "k", "d", "scheduled", at, "i", SEND, "none", run="r1", commit="abc")
    assert found.campaigns == {"c1": made}
    assert found.doubts == ()
    assert found.applied == {"d"}
    assert found.open_create == at


def test_a_create_without_an_outcome_is_in_doubt_until_it_is_settled() -> None:
    (doubt,) = memory(CREATE).doubts
    assert (doubt.key, doubt.digest, doubt.run, doubt.start) == ("k", "d", "r1", SEND)
    unknown = replace(CREATED, phase=Phase.UNKNOWN, campaign_id=None)
    assert [each.key for each in memory(CREATE, unknown).doubts] == ["k"]
    for phase in (Phase.REFUSED, Phase.NOT_SENT):
        assert memory(CREATE, replace(CREATED, phase=phase, campaign_id=None)).doubts == ()


def test_another_runs_outcome_settles_nothing() -> None:
    assert len(memory(CREATE, ("r2", CREATE), ("r2", CREATED)).doubts) == 1


def test_a_person_settles_a_doubt_either_way() -> None:
    nothing = memory(CREATE, ("r2", Linked("k", None)))
    assert (nothing.doubts, dict(nothing.campaigns)) == ((), {})
    linked = memory(CREATE, ("r2", Linked("k", "c9", "d"))).campaigns["c9"]
    assert (linked.key, linked.digest, linked.status, linked.start) == ("k", "d", None, SEND)
    assert linked.may_send
    assert memory(CREATE, Linked("other", None)).doubts != ()


def test_a_list_that_had_time_settles_every_doubt() -> None:
    assert memory(CREATE, ("r2", Observed(lists=True, verified=True))).doubts == ()
    assert memory(CREATE, ("r2", Observed(lists=False, verified=True))).doubts != ()
    assert memory(CREATE, ("r2", Observed(lists=True))).doubts != ()


def test_what_was_created_is_open_until_its_own_run_saw_it() -> None:
    assert memory(CREATE, CREATED, ("r2", Observed(lists=True, verified=True))).open_create is not None
    assert memory(CREATE, CREATED, Observed(lists=True, verified=True)).open_create is None


def test_what_was_given_up_is_forgotten() -> None:
    assert dict(memory(CREATE, CREATED, Unlinked("k", "c1")).campaigns) == {}


def test_the_last_status_seen_counts_and_when() -> None:
    seen = memory(CREATE, CREATED, Observed(statuses={"c1": "completed", "stranger": "running"}))
    assert (seen.campaigns["c1"].status, seen.campaigns["c1"].seen_at) == ("completed", START + timedelta(seconds=3))
    assert set(seen.campaigns) == {"c1"}
    assert memory(CREATE, CREATED, pause(Phase.DONE)).campaigns["c1"].status == "paused"
    assert memory(CREATE, CREATED, pause(Phase.FAILED, status="running")).campaigns["c1"].status == "running"


def test_what_can_still_send() -> None:
    made = memory(CREATE, CREATED).campaigns["c1"]
    able = {status for status in ("scheduled", "running", "paused", "draft") if replace(made, status=status).may_send}
    assert able == {"scheduled", "running", "paused", "draft"}
    for status in ("completed", "cancelled", "failed", DELETED):
        assert not replace(made, status=status).may_send
    assert replace(made, status="completed", repeat="daily").may_send


def test_a_pause_announced_by_an_unfinished_replace_is_ours() -> None:
    assert memory(pause(None)).interrupted == {"c1"}
    assert memory(pause(None), pause(Phase.DONE)).interrupted == {"c1"}
    assert memory(pause(None, "resume"), pause(Phase.DONE, "resume")).interrupted == {"c1"}
    assert memory(pause(None, "stop"), pause(Phase.DONE, "stop")).interrupted == frozenset()
    assert memory(pause(None), pause(Phase.FAILED)).interrupted == frozenset()
    resumed = OutcomeSeen("k", "replace", Operation.RESUME, Phase.DONE, "c1")
    assert memory(pause(None), pause(Phase.DONE), resumed).interrupted == frozenset()
    assert memory(pause(None), CREATE, CREATED).interrupted == frozenset()
    other = (replace(CREATE, key="other"), replace(CREATED, key="other"))
    assert memory(pause(None), *other).interrupted == {"c1"}


def test_whether_there_is_a_list_is_what_was_last_found_out() -> None:
    assert memory().lists is None
    assert memory(Observed(lists=True), Observed(cancels=False)).lists is True
    assert memory(Observed(lists=True), Observed(lists=False)).lists is False


@given(st.lists(st.sampled_from([CREATE, CREATED, Linked("k", None), Linked("k", "c1", "d"), Unlinked("k", "c1")])))
def test_no_create_is_lost(facts: list[Fact]) -> None:
    """An intent is either settled by what came after it or in doubt."""
    settled = True
    for fact in facts:
        if fact == CREATE:
            settled = False
        elif not isinstance(fact, Unlinked):
            settled = True
    assert (memory(*facts).doubts == ()) == settled


# doubts that messages settle


def test_what_settles_a_doubt_is_remembered_as_if_its_answer_had_come() -> None:
    before = memory(CREATE, ("r2", replace(CREATE, key="other")))
    doubt, other = before.doubts
    after = settle(before, {doubt: LiveCampaign("c9", "Spring [crm/k@d]", "running")})
    assert after.doubts == (other,)
    assert after.campaigns == {
        "c9": Remembered("c9", "k", "d", "running", doubt.at, "i", SEND, "none", run="r1"),
    }
    assert replace(after, campaigns=before.campaigns, doubts=before.doubts) == before


def test_where_nothing_is_settled_the_memory_is_the_same() -> None:
    before = memory(CREATE, CREATED, ("r2", CREATE))
    assert settle(before, {}) is before
    (doubt,) = before.doubts
    after = settle(before, {doubt: LiveCampaign("c9", "Spring [crm/k@d]", "running")})
    assert set(after.campaigns) == {"c1", "c9"}


def test_what_messages_told_is_what_a_later_run_remembers() -> None:
    """The entry that apply writes for a doubt that it found settled says the same as what it planned with."""
    before = memory(CREATE)
    (doubt,) = before.doubts
    planned = settle(before, {doubt: LiveCampaign("c9", "Spring [crm/k@d]", "running")})
    written = memory(
        CREATE, ("r2", Linked("k", "c9", "d", by="messages")), ("r2", Observed(statuses={"c9": "running"}))
    )
    assert written.doubts == planned.doubts == ()
    mine, theirs = planned.campaigns["c9"], written.campaigns["c9"]
    assert replace(theirs, seen_at=mine.seen_at, run=mine.run) == mine
