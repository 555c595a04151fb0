"""Which pauses the journal knows as our own, and since when a create is open."""

import pytest

from msgflash_gitops.model.instant import parse_instant
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.planning.history import interrupted_ids, last_open_create


def step(
    operation: str, phase: str, campaign_id: str = "old", action: str = "replace", key: str = "k"
) -> dict[str, Json]:
    return {"key": key, "action": action, "operation": operation, "phase": phase, "id": campaign_id}


def test_a_pause_announced_and_never_finished_is_ours() -> None:
    assert interrupted_ids([step("pause", "intent")]) == {"old"}
    assert interrupted_ids([step("pause", "intent"), step("pause", "done")]) == {"old"}


def test_a_finished_replace_leaves_nothing() -> None:
    steps = [step("pause", "intent"), step("pause", "done"), step("create", "intent"), step("create", "done", "new")]
    assert interrupted_ids(steps) == frozenset()
    assert interrupted_ids([*steps[:-1], step("create", "recovered", "new")]) == frozenset()


def test_a_refused_create_leaves_the_pause_ours() -> None:
    assert interrupted_ids([step("pause", "done"), step("create", "refused", "")]) == {"old"}


def test_a_pause_that_failed_or_was_undone_is_not_ours() -> None:
    assert interrupted_ids([step("pause", "intent"), step("pause", "failed")]) == frozenset()
    assert interrupted_ids([step("pause", "done"), step("resume", "done")]) == frozenset()


def test_stops_and_wished_pauses_do_not_count() -> None:
    assert interrupted_ids([step("pause", "done", action="stop"), step("pause", "done", action="pause")]) == frozenset()


def test_another_keys_create_changes_nothing() -> None:
    assert interrupted_ids([step("pause", "done"), step("create", "done", "x", key="other")]) == {"old"}


def test_odd_lines_are_passed_over() -> None:
    assert (
        interrupted_ids([{}, {"key": 1}, {"key": "k", "operation": "pause", "phase": "done", "id": None}])
        == frozenset()
    )


AT = "2027-03-01T12:00:00+00:00"
LATER = "2027-03-01T12:00:09+00:00"


def create(phase: str, at: str = AT, run: str = "r1", key: str = "k") -> dict[str, Json]:
    return {"run": run, "key": key, "digest": "d", "operation": "create", "phase": phase, "at": at}


def verified(run: str = "r1") -> dict[str, Json]:
    return {"run": run, "operation": "verify", "phase": "done", "at": LATER}


@pytest.mark.parametrize(
    ("entries", "since"),
    [
        ([], None),
        ([create("intent")], AT),
        ([create("intent"), create("refused")], None),
        ([create("intent"), create("not-sent")], None),
        ([create("intent"), create("done", LATER)], LATER),
        ([create("intent"), create("done"), verified()], None),
        ([create("intent"), create("done"), verified("r2")], AT),
        ([create("intent"), create("unknown", LATER)], LATER),
        ([create("intent"), create("unknown", LATER), verified()], LATER),
        ([create("intent"), create("intent", LATER, key="other"), create("done", LATER), verified()], LATER),
    ],
)
def test_a_create_is_open_until_a_listing_showed_it(entries: list[dict[str, Json]], since: str | None) -> None:
    assert last_open_create(entries) == (parse_instant(since) if since else None)


def test_a_line_without_a_time_counts_as_long_ago() -> None:
    open_since = last_open_create([{**create("intent"), "at": "nonsense"}])
    assert open_since is not None
    assert open_since.year == 1
