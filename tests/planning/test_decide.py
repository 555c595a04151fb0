"""The decision table of the design, row by row."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.memory import Memory
from msgflash_gitops.model.plan import Action, Change, Desired, Flag
from msgflash_gitops.model.project import Policy
from msgflash_gitops.planning.assemble import decide_all
from msgflash_gitops.planning.decide import Context
from tests.support.builders import AHEAD, DAILY, NOW, PROJECT, desired, live

OTHER = "0123456789"


def decide(one: Desired, *campaigns: LiveCampaign, **context: object) -> list[Change]:
    settings = Context(NOW, Policy(), **context)  # type: ignore[arg-type]
    return list(decide_all([one], campaigns, PROJECT, settings).changes)


def only(one: Desired, *campaigns: LiveCampaign, **context: object) -> Change:
    changes = decide(one, *campaigns, **context)
    assert len(changes) == 1, changes
    return changes[0]


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


class TestNothingLive:
    def test_far_enough_ahead_is_created(self) -> None:
        change = only(desired())
        assert (change.action, change.start, change.held) == (Action.CREATE, AHEAD, False)

    def test_exactly_min_lead_ahead_is_created(self) -> None:
        assert only(desired(at=NOW + timedelta(minutes=5))).action is Action.CREATE

    @pytest.mark.parametrize("at", [NOW + timedelta(minutes=4, seconds=59), NOW, ago(hours=23, minutes=59)])
    def test_too_close_or_just_passed_is_late(self, at: datetime) -> None:
        change = only(desired(at=at))
        assert change.action is Action.LATE
        assert change.start is None

    def test_passed_longer_ago_is_past(self) -> None:
        assert only(desired(at=ago(hours=24, seconds=1))).action is Action.PAST

    def test_a_series_starts_at_its_next_occurrence_and_names_what_it_missed(self) -> None:
        change = only(desired(at=ago(days=2, hours=1), repeat=DAILY))
        assert change.action is Action.CREATE
        assert change.start == NOW + timedelta(hours=23)
        assert change.missed == (ago(days=2, hours=1), ago(days=1, hours=1), ago(hours=1))

    def test_a_series_is_never_late(self) -> None:
        change = only(desired(at=NOW + timedelta(minutes=1), repeat=DAILY))
        assert (change.action, change.start) == (Action.CREATE, NOW + timedelta(days=1, minutes=1))

    def test_a_series_past_its_end_is_past(self) -> None:
        assert only(desired(at=ago(days=9), repeat=DAILY, until=ago(days=1))).action is Action.PAST

    def test_paused_is_created_when_ahead_and_past_when_not(self) -> None:
        assert only(desired(paused=True)).action is Action.CREATE
        assert only(desired(paused=True, at=ago(minutes=1))).action is Action.PAST


class TestScheduled:
    def test_same_is_unchanged(self) -> None:
        assert only(desired(), live(desired())).action is Action.UNCHANGED

    def test_edited_in_git_is_replaced(self) -> None:
        change = only(desired(body="New"), live(desired(body="Old")))
        assert (change.action, change.held) == (Action.REPLACE, False)
        assert [(each.field, each.before, each.after) for each in change.differences] == [("body", "Old", "New")]

    def test_drifted_in_the_dashboard_is_replaced(self) -> None:
        change = only(desired(), live(desired(), recipients={"type": "all"}))
        assert change.action is Action.REPLACE
        assert "drifted" in change.reason
        assert {each.field for each in change.differences} == {"recipients.type", "recipients.value"}

    def test_a_difference_that_is_not_shown_is_found_by_the_digest(self) -> None:
        change = only(desired(revision=2), live(desired()))
        assert change.action is Action.REPLACE
        assert [each.field for each in change.differences] == ["digest"]

    def test_an_edit_that_cannot_be_in_time_leaves_the_live_one_alone(self) -> None:
        change = only(desired(at=NOW + timedelta(minutes=2), body="New"), live(desired(), schedule=AHEAD.isoformat()))
        assert change.action is Action.BLOCKED
        assert "too late" in change.reason

    def test_paused_in_git_is_paused(self) -> None:
        assert only(desired(paused=True), live(desired())).action is Action.PAUSE

    def test_a_series_that_moved_on_is_the_same_series(self) -> None:
        series = desired(repeat=DAILY)
        assert only(series, live(series, schedule=(AHEAD + timedelta(days=3)).isoformat())).action is Action.UNCHANGED
        other = live(series, schedule=(AHEAD + timedelta(days=3, minutes=1)).isoformat())
        assert only(series, other).action is Action.REPLACE

    def test_a_series_past_its_end_is_stopped(self) -> None:
        series = desired(at=ago(days=9), repeat=DAILY, until=ago(hours=1))
        assert only(series, live(series)).action is Action.STOP


class TestRunning:
    def test_same_is_unchanged(self) -> None:
        assert only(desired(at=ago(minutes=1)), live(desired(at=ago(minutes=1)), "running")).action is Action.UNCHANGED

    def test_differing_is_held(self) -> None:
        change = only(desired(body="New"), live(desired(body="Old"), "running"))
        assert (change.action, change.held, change.held_by) == (Action.REPLACE, True, Flag.ALLOW_RUNNING)

    def test_differing_without_a_time_ahead_is_blocked(self) -> None:
        was = desired(at=ago(minutes=1))
        assert only(desired(at=ago(minutes=1), body="New"), live(was, "running")).action is Action.BLOCKED

    def test_paused_in_git_is_paused(self) -> None:
        assert only(desired(paused=True), live(desired(), "running")).action is Action.PAUSE


class TestPaused:
    def test_not_paused_in_git_is_held_and_created_anew(self) -> None:
        change = only(desired(), live(desired(), "paused"))
        assert (change.action, change.held_by, change.recreate) == (Action.RESUME, Flag.ALLOW_RESUME, True)
        assert change.start == AHEAD

    def test_is_resumed_where_the_vendor_keeps_the_schedule(self) -> None:
        change = only(desired(), live(desired(), "paused"), resume_keeps_schedule=True)
        assert (change.action, change.held, change.recreate) == (Action.RESUME, True, False)

    def test_one_that_had_begun_is_resumed(self) -> None:
        was = desired(at=ago(minutes=30))
        change = only(was, live(was, "paused", stats={"sent": 12}))
        assert (change.action, change.held, change.recreate) == (Action.RESUME, True, False)

    def test_one_whose_time_passed_before_it_began_is_late_then_past(self) -> None:
        was = desired(at=ago(minutes=30))
        assert only(was, live(was, "paused")).action is Action.LATE
        was = desired(at=ago(days=3))
        assert only(was, live(was, "paused")).action is Action.PAST

    def test_paused_in_git_too_is_unchanged(self) -> None:
        assert only(desired(paused=True), live(desired(), "paused")).action is Action.UNCHANGED

    def test_another_form_is_held_as_a_person_may_have_paused_it(self) -> None:
        change = only(desired(body="New"), live(desired(body="Old"), "paused"))
        assert (change.action, change.held_by) == (Action.REPLACE, Flag.ALLOW_RESUME)

    def test_another_form_that_our_cut_off_replace_paused_goes_on(self) -> None:
        change = only(
            desired(body="New"), live(desired(body="Old"), "paused"), memory=Memory(interrupted=frozenset({"c1"}))
        )
        assert (change.action, change.held) == (Action.REPLACE, False)

    def test_superseded_is_ignored_and_listed_for_housekeeping(self) -> None:
        new, old = desired(body="New"), desired(body="Old")
        campaigns = [live(old, "paused", campaign_id="old"), live(new, campaign_id="new")]
        decisions = decide_all([new], campaigns, PROJECT, Context(NOW, Policy()))
        assert [change.action for change in decisions.changes] == [Action.UNCHANGED]
        assert [each.id for each in decisions.superseded] == ["old"]

    @pytest.mark.parametrize("status", ["paused_quota", "paused_plan"])
    def test_paused_by_the_vendor_is_blocked(self, status: str) -> None:
        assert only(desired(), live(desired(), status)).action is Action.BLOCKED

    def test_paused_by_the_vendor_beside_the_same_stops_the_other(self) -> None:
        one = desired()
        changes = decide(one, live(one, "paused_quota", campaign_id="a"), live(one, campaign_id="b"))
        assert {(change.action, change.current.id) for change in changes if change.current} == {
            (Action.BLOCKED, "a"),
            (Action.STOP, "b"),
        }


class TestEnded:
    def test_completed_is_finished(self) -> None:
        was = desired(at=ago(hours=2))
        assert only(was, live(was, "completed")).action is Action.FINISHED

    def test_completed_in_another_form_with_a_time_ahead_is_created_and_names_the_send(self) -> None:
        change = only(desired(), live(desired(at=ago(days=30)), "completed", campaign_id="sent-1"))
        assert change.action is Action.CREATE
        assert "sent-1" in change.warnings[0]

    def test_an_edit_after_the_send_has_no_effect(self) -> None:
        was = desired(at=ago(hours=2))
        change = only(desired(at=ago(hours=2), body="New"), live(was, "completed"))
        assert change.action is Action.FINISHED
        assert "no effect" in change.warnings[0]

    def test_the_same_scheduled_again_beside_a_completed_one_is_stopped(self) -> None:
        one = desired()
        changes = decide(one, live(one, "completed", campaign_id="a"), live(one, campaign_id="b"))
        assert [(change.action, change.duplicate) for change in changes if change.action is Action.STOP] == [
            (Action.STOP, True)
        ]

    @pytest.mark.parametrize("status", ["cancelled", "failed"])
    def test_cancelled_or_failed_is_blocked_until_the_revision_is_raised(self, status: str) -> None:
        change = only(desired(), live(desired(), status))
        assert change.action is Action.BLOCKED
        assert "revision" in change.reason
        assert only(desired(revision=2), live(desired(), status)).action is Action.CREATE

    def test_a_revert_in_git_creates_the_cancelled_one_anew_and_stops_the_other(self) -> None:
        old, new = desired(body="Old"), desired(body="New")
        change = only(old, live(old, "cancelled", campaign_id="a"), live(new, campaign_id="b"))
        assert change.action is Action.REPLACE
        assert change.current is not None
        assert change.current.id == "b"

    def test_a_revert_in_git_retires_the_paused_one_that_it_replaces(self) -> None:
        old, new = desired(body="Old"), desired(body="New")
        change = only(old, live(old, "paused", campaign_id="a"), live(new, campaign_id="b"))
        assert change.action is Action.REPLACE
        assert [each.id for each in change.retire] == ["a"]


class TestSeriesBetweenSends:
    """A series that shows `completed` may send again: the vendor says nothing of series between two sends."""

    def series(self, **changes: Any) -> Desired:
        return desired(at=ago(days=3), repeat=DAILY, **changes)

    def test_it_stands_and_no_second_one_is_created_beside_it(self) -> None:
        one = self.series()
        assert only(one, live(one, "completed")).action is Action.UNCHANGED

    def test_an_edit_replaces_it(self) -> None:
        was = self.series()
        change = only(self.series(body="New"), live(was, "completed"))
        assert (change.action, change.held) == (Action.REPLACE, False)
        assert change.current is not None
        assert change.current.id == "c1"

    def test_pausing_removing_and_the_end_of_the_series_stop_it(self) -> None:
        one = self.series()
        assert only(self.series(paused=True), live(one, "completed")).action is Action.PAUSE
        assert only(self.series(until=ago(hours=1)), live(one, "completed")).action is Action.STOP
        orphans = decide_all([], [live(one, "completed")], PROJECT, Context(NOW, Policy())).changes
        assert [change.action for change in orphans] == [Action.STOP]

    def test_two_of_them_are_live_twice(self) -> None:
        one = self.series()
        changes = decide(one, live(one, "completed", campaign_id="a"), live(one, "completed", campaign_id="b"))
        assert [(change.action, change.current and change.current.id) for change in changes] == [
            (Action.STOP, "b"),
            (Action.UNCHANGED, "a"),
        ]

    def test_a_single_send_that_is_completed_is_finished(self) -> None:
        one = desired(at=ago(hours=2))
        assert only(one, live(one, "completed")).action is Action.FINISHED


class TestTwice:
    def test_the_oldest_is_kept_then_the_lowest_id_whatever_the_contender_desires(self) -> None:
        one, other = desired(), desired(body="Other")
        campaigns = [
            live(other, campaign_id="9", created=ago(days=1)),
            live(one, campaign_id="2", created=ago(days=2)),
            live(other, campaign_id="1", created=ago(days=2)),
            live(one, campaign_id="3", created=ago(days=1)),
        ]
        for contender, action in ((one, Action.REPLACE), (other, Action.UNCHANGED)):
            changes = decide(contender, *campaigns)
            stops = [change for change in changes if change.action is Action.STOP]
            assert {change.current.id for change in stops if change.current} == {"2", "3", "9"}
            assert all(change.duplicate and not change.held for change in stops)
            assert [(c.action, c.current.id) for c in changes if c.current and c not in stops] == [(action, "1")]


class TestIdentity:
    def test_a_removed_key_is_stopped(self) -> None:
        changes = decide(desired("other"), live(desired("other")), live(desired("gone"), campaign_id="c2"))
        assert [(each.key, each.action) for each in changes] == [("gone", Action.STOP), ("other", Action.UNCHANGED)]

    def test_other_projects_and_unmarked_campaigns_are_not_touched(self) -> None:
        one = desired()
        foreign = live(one, name=f"Spring [shop/spring@{one.digest}]", campaign_id="f")
        unmarked = live(one, name="Something else", campaign_id="u")
        decisions = decide_all([one], [foreign, unmarked, live(one)], PROJECT, Context(NOW, Policy()))
        assert [change.action for change in decisions.changes] == [Action.UNCHANGED]
        assert len(decisions.unmanaged) == 2

    def test_another_project_with_the_same_form_blocks_until_it_is_said_to_be_ours(self) -> None:
        one = desired()
        earlier = live(one, name=f"Spring [shop/spring@{one.digest}]", campaign_id="f")
        for status in ("scheduled", "running", "paused", "paused_quota"):
            held = decide_all([one], [replace(earlier, status=status)], PROJECT, Context(NOW, Policy())).changes
            assert [(change.action, "formerly: [shop]" in change.reason) for change in held] == [(Action.BLOCKED, True)]
        ours = Context(NOW, Policy(), formerly=frozenset({"shop"}))
        decided = decide_all([one], [earlier], PROJECT, ours).changes
        assert [change.action for change in decided] == [Action.UNCHANGED]
        gone = decide_all([], [earlier], PROJECT, ours).changes
        assert [change.action for change in gone] == [Action.STOP]

    @pytest.mark.parametrize("status", ["completed", "cancelled", "failed"])
    def test_another_projects_earlier_send_does_not_block(self, status: str) -> None:
        one = desired()
        earlier = live(one, status, name=f"Spring [shop/spring@{one.digest}]")
        changes = decide_all([one], [earlier], PROJECT, Context(NOW, Policy())).changes
        assert [change.action for change in changes] == [Action.CREATE]

    @pytest.mark.parametrize("shown", ["tomorrow", "0001-01-01T00:00:00+05:00", "2027-03-11T12:00:00", ""])
    def test_a_schedule_that_cannot_be_read_blocks_before_the_first_write(self, shown: str) -> None:
        one = desired()
        change = only(one, live(one, schedule=shown))
        assert (change.action, repr(shown) in change.reason) == (Action.BLOCKED, True)
        assert only(desired(paused=True), live(one, schedule=shown)).action is Action.PAUSE
        orphan = decide_all([], [live(one, schedule=shown)], PROJECT, Context(NOW, Policy())).changes
        assert [each.action for each in orphan] == [Action.STOP]

    def test_a_namesake_without_marker_is_adopted_or_replaced(self) -> None:
        one = desired()
        assert only(one, live(one, marked=False)).action is Action.UNCHANGED
        change = only(one, live(one, marked=False, body="Old"))
        assert (change.action, change.reason) == (Action.REPLACE, "made outside git, and differs")

    def test_several_namesakes_are_blocked(self) -> None:
        one = desired()
        change = only(one, live(one, marked=False), live(one, marked=False, campaign_id="c2"))
        assert change.action is Action.BLOCKED

    def test_a_namesake_on_another_instance_is_not_ours(self) -> None:
        one = desired()
        other = live(one, marked=False, instanceId="22222222-2222-4222-8222-222222222222")
        assert only(one, other).action is Action.CREATE

    def test_definitions_that_share_a_name_adopt_by_schedule(self) -> None:
        first, second = desired("a"), desired("b", at=AHEAD + timedelta(days=1), body="Second")
        campaign = live(second, marked=False)
        changes = decide_all([first, second], [campaign], PROJECT, Context(NOW, Policy())).changes
        assert {change.key: change.action for change in changes} == {"a": Action.CREATE, "b": Action.UNCHANGED}

    def test_a_pin_matches_without_marker_or_name(self) -> None:
        one = desired(pinned_id="c1")
        assert only(one, live(one, name="Old name")).action is Action.REPLACE
        assert only(one, live(one, marked=False)).action is Action.UNCHANGED

    def test_a_pin_to_nothing_is_blocked(self) -> None:
        assert only(desired(pinned_id="nowhere")).action is Action.BLOCKED

    def test_a_pin_on_another_projects_campaign_is_blocked(self) -> None:
        one = desired(pinned_id="c1")
        assert only(one, live(one, name=f"Spring [shop/x@{OTHER}]")).action is Action.BLOCKED

    def test_a_renamed_key_keeps_its_campaign(self) -> None:
        assert only(desired("new", renamed_from="spring"), live(desired("spring"))).action is Action.UNCHANGED

    def test_a_damaged_marker_blocks_its_key(self) -> None:
        one = desired()
        assert only(one, live(one, name="Spring [crm/spring@3f9a")).action is Action.BLOCKED

    def test_an_unknown_status_is_never_acted_on(self) -> None:
        one = desired()
        assert only(one, live(one, "archiving")).action is Action.BLOCKED
        assert only(one, live(one, "archiving", digest=OTHER, campaign_id="x"), live(one)).action is Action.UNCHANGED

    def test_an_orphan_with_an_unknown_status_is_shown(self) -> None:
        decisions = decide_all([], [live(desired(), "archiving")], PROJECT, Context(NOW, Policy()))
        assert decisions.changes == ()
        assert "archiving" in decisions.notices[0]


def test_two_states_of_a_key_give_one_decision_whatever_the_order_of_the_list() -> None:
    one = desired()
    campaigns = [live(one, campaign_id=str(number), created=ago(days=number)) for number in range(4)]
    forward = decide(one, *campaigns)
    assert forward == decide(one, *reversed(campaigns))


def test_what_cannot_be_seen_is_not_a_difference() -> None:
    one = desired()
    shown = live(one)
    hidden = replace(shown, fields={name: value for name, value in shown.fields.items() if name != "body"})
    assert only(one, hidden).action is Action.UNCHANGED
