"""Guards name their numbers and the flag that lifts them."""

from msgflash_gitops.model.plan import Action, Change, Consent, Flag
from msgflash_gitops.model.project import Policy
from msgflash_gitops.planning.assemble import decide_all
from msgflash_gitops.planning.decide import Context
from msgflash_gitops.planning.guards import guard
from tests.support.builders import NOW, PROJECT, desired, live


def stops(count: int) -> tuple[Change, ...]:
    gone = [live(desired(f"k{number}"), campaign_id=f"c{number}") for number in range(count)]
    return decide_all([], gone, PROJECT, Context(NOW, Policy())).changes


def test_as_many_stops_as_the_policy_allows_go_on() -> None:
    assert not any(change.held for change in guard(stops(5), Consent(), Policy()))


def test_one_more_holds_them_all_and_says_how_many() -> None:
    guarded = guard(stops(6), Consent(), Policy())
    assert all(change.held and change.held_by is Flag.MAX_STOPS for change in guarded)
    assert "6 stops in one plan, more than 5: --max-stops 6" in guarded[0].reason


def test_the_flag_lifts_it_for_its_number_only() -> None:
    assert not any(change.held for change in guard(stops(6), Consent(max_stops=6), Policy()))
    assert all(change.held for change in guard(stops(7), Consent(max_stops=6), Policy()))
    assert all(change.held for change in guard(stops(1), Consent(max_stops=0), Policy()))


def test_stops_of_duplicates_are_never_held() -> None:
    one = desired()
    twins = [live(one, campaign_id=f"c{number}") for number in range(9)]
    guarded = guard(decide_all([one], twins, PROJECT, Context(NOW, Policy())).changes, Consent(max_stops=0), Policy())
    assert sum(change.action is Action.STOP for change in guarded) == 8
    assert not any(change.held for change in guarded)


def test_consent_lifts_what_it_names_and_nothing_else() -> None:
    one = desired()
    paused = decide_all([one], [live(one, "paused")], PROJECT, Context(NOW, Policy())).changes
    running = decide_all([desired(body="New")], [live(one, "running")], PROJECT, Context(NOW, Policy())).changes
    assert [change.held for change in guard(paused, Consent(allow_resume=True), Policy())] == [False]
    assert [change.held for change in guard(paused, Consent(allow_running=True), Policy())] == [True]
    assert [change.held for change in guard(running, Consent(allow_running=True), Policy())] == [False]
    assert [change.held for change in guard(running, Consent(allow_resume=True), Policy())] == [True]
