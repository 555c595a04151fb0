"""Which pauses the journal knows as our own."""

from msgflash_gitops.model.json_value import Json
from msgflash_gitops.planning.history import interrupted_ids


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
