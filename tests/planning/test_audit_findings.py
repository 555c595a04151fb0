"""States and findings, row by row, with the plan's own decisions behind them."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from msgflash_gitops.model.audit import AuditFinding, Kind, Limits, Outlook, Send, State, Subject, Window
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.plan import Desired
from msgflash_gitops.model.project import Policy
from msgflash_gitops.model.source import Position
from msgflash_gitops.planning.assemble import decide_all
from msgflash_gitops.planning.audit.delivery import delivery_findings
from msgflash_gitops.planning.audit.findings import by_subject, state_findings
from msgflash_gitops.planning.audit.risks import risk_findings
from msgflash_gitops.planning.audit.sends import expand, send_order
from msgflash_gitops.planning.audit.shown import Labels
from msgflash_gitops.planning.audit.subjects import Compared, make_subjects
from msgflash_gitops.planning.decide import Context
from msgflash_gitops.planning.match import match
from msgflash_gitops.planning.resolve import Account
from tests.support.builders import AHEAD, DAILY, INSTANCE, NOW, PROJECT, desired, live

PAST = NOW - timedelta(days=2)
WIDE = Window(NOW - timedelta(days=60), NOW + timedelta(days=60), "Europe/Paris")
AHEAD_ONLY = Window(NOW, NOW + timedelta(days=30), "Europe/Paris")
LIMITS = Limits()


def subjects(
    wanted: list[Desired], shown: list[LiveCampaign], faulty: dict[str, Position] | None = None
) -> list[Subject]:
    decisions = decide_all(wanted, shown, PROJECT, Context(NOW, Policy()))
    compared = Compared(PROJECT, wanted, shown, match(wanted, shown, PROJECT), decisions, faulty or {})
    return make_subjects(compared, Labels(Account((INSTANCE,))))[0]


def sends(wanted: list[Desired], shown: list[LiveCampaign], window: Window = WIDE) -> list[Send]:
    return sorted(expand(subjects(wanted, shown), window, NOW), key=send_order)


def states(wanted: list[Desired], shown: list[LiveCampaign]) -> dict[str, State]:
    return {subject.campaign_id or f"no {subject.key}": subject.state for subject in subjects(wanted, shown)}


def findings(wanted: list[Desired], shown: list[LiveCampaign], window: Window = WIDE) -> list[AuditFinding]:
    made = sends(wanted, shown, window)
    found = by_subject(made)
    return [
        *state_findings(found),
        *delivery_findings(found, NOW, LIMITS),
        *risk_findings(made, window, NOW, LIMITS),
    ]


def kinds(wanted: list[Desired], shown: list[LiveCampaign], window: Window = WIDE) -> list[str]:
    return [finding.kind.value for finding in findings(wanted, shown, window)]


def by_hand(status: str = "scheduled", *, at: datetime = AHEAD, name: str = "By hand", **facts: Any) -> LiveCampaign:
    return live(desired("hand", at=at), status, campaign_id="hand", marked=False, name=name, **facts)


class TestStates:
    def test_as_in_git(self) -> None:
        one = desired()
        assert states([one], [live(one)]) == {"c1": State.IN_SYNC}

    def test_changed_in_the_dashboard(self) -> None:
        one = desired()
        assert states([one], [live(one, body="Other")]) == {"c1": State.DRIFTED}

    def test_edited_in_git(self) -> None:
        assert states([desired(body="New")], [live(desired(body="Old"))]) == {"c1": State.DRIFTED}

    def test_paused_by_somebody(self) -> None:
        one = desired()
        assert states([one], [live(one, "paused")]) == {"c1": State.DRIFTED}

    def test_paused_as_in_git(self) -> None:
        one = desired(paused=True)
        assert states([one], [live(one, "paused")]) == {"c1": State.IN_SYNC}

    def test_cancelled_by_somebody(self) -> None:
        one = desired()
        assert states([one], [live(one, "cancelled")]) == {"c1": State.DRIFTED}

    def test_paused_by_the_vendor(self) -> None:
        one = desired()
        assert states([one], [live(one, "paused_quota")]) == {"c1": State.DRIFTED}

    def test_no_campaign(self) -> None:
        assert states([desired()], []) == {"no spring": State.MISSING}

    def test_late(self) -> None:
        assert states([desired(at=NOW - timedelta(hours=1))], []) == {"no spring": State.LATE}

    def test_live_twice(self) -> None:
        one = desired()
        first = live(one, campaign_id="c1", created=NOW - timedelta(days=2))
        assert states([one], [live(one, campaign_id="c2"), first]) == {"c1": State.IN_SYNC, "c2": State.DUPLICATE}

    def test_gone_from_git(self) -> None:
        assert states([], [live(desired())]) == {"c1": State.ORPHANED}

    def test_gone_from_git_and_stopped(self) -> None:
        assert states([], [live(desired(), "paused")]) == {"c1": State.IN_SYNC}

    def test_until_passed(self) -> None:
        one = desired(at=PAST, repeat=DAILY, until=NOW - timedelta(hours=1))
        assert states([one], [live(one)]) == {"c1": State.ORPHANED}

    def test_from_the_dashboard(self) -> None:
        assert states([], [by_hand()]) == {"hand": State.UNMANAGED}

    def test_adopted_by_name(self) -> None:
        one = desired()
        assert states([one], [live(one, marked=False)]) == {"c1": State.IN_SYNC}

    def test_left_by_a_replace(self) -> None:
        one = desired(body="New")
        old = live(desired(body="Old"), "paused", campaign_id="old")
        found = {subject.campaign_id: subject for subject in subjects([one], [live(one), old])}
        assert {each.state for each in found.values()} == {State.IN_SYNC}
        assert (found["c1"].superseded, found["old"].superseded) == (False, True)

    def test_an_earlier_send_under_the_key(self) -> None:
        old = live(desired(at=PAST, body="Old"), "completed", campaign_id="old")
        one = desired(body="New")
        assert states([one], [live(one), old]) == {"c1": State.IN_SYNC, "old": State.IN_SYNC}

    def test_a_faulty_definition_is_no_orphan(self) -> None:
        (subject,) = subjects([], [live(desired())], {"spring": Position("campaigns/spring.yaml", 3, 1)})
        assert (subject.state, str(subject.source)) == (State.DRIFTED, "campaigns/spring.yaml:3:1")

    def test_another_project(self) -> None:
        (subject,) = subjects([], [by_hand(name="X [shop/x@0123456789]")])
        assert (subject.state, subject.foreign, subject.name) == (State.UNMANAGED, "shop", "X")

    def test_without_a_time(self) -> None:
        assert subjects([], [by_hand(schedule=None)]) == []


class TestEachIsFoundOnce:
    """One campaign, one finding."""

    @pytest.mark.parametrize("window", [WIDE, AHEAD_ONLY])
    def test_comparing_with_git(self, window: Window) -> None:
        one = desired()
        assert kinds([one], [live(one)], window) == []
        assert kinds([], [by_hand()], window) == ["unmanaged"]
        assert kinds([one], [live(one, body="Other")], window) == ["drifted"]
        assert kinds([], [live(one)], window) == ["orphaned"]
        assert kinds([one], [], window) == ["missing"]
        assert kinds([desired(at=NOW - timedelta(hours=2))], [], window) == ["late"]
        assert kinds([desired(at=NOW + timedelta(minutes=2))], [], window) == ["late"]
        assert kinds([one], [live(one), live(one, campaign_id="c2")], window) == ["duplicate"]

    def test_a_series_is_one_campaign(self) -> None:
        hand = by_hand(at=NOW + timedelta(hours=1), repeat="daily")
        assert len(sends([], [hand], AHEAD_ONLY)) == 30
        assert kinds([], [hand], AHEAD_ONLY) == ["unmanaged", "dst-shift"]

    def test_cancelled_in_the_dashboard_before_anything_was_sent(self) -> None:
        assert kinds([], [by_hand("cancelled")]) == []

    def test_outside_the_window_nothing_is_told(self) -> None:
        assert kinds([], [by_hand(at=NOW + timedelta(days=31))], AHEAD_ONLY) == []
        assert kinds([], [by_hand("completed", at=PAST)], AHEAD_ONLY) == []


class TestLookingBack:
    def one(self, status: str, *, at: datetime = PAST, **stats: int) -> list[str]:
        made = desired(at=at)
        return kinds([made], [live(made, status, stats=stats)])

    def test_all_went_well(self) -> None:
        assert self.one("completed", planned=10, sent=8, failed=0) == ["partial"]
        assert self.one("completed", planned=10, sent=10) == []

    def test_partial_is_not_also_failed(self) -> None:
        assert self.one("completed", planned=10, sent=5, failed=2) == ["partial"]
        assert self.one("completed", planned=10, sent=8, failed=2) == ["failed"]

    def test_no_counters_no_finding(self) -> None:
        assert self.one("completed") == []

    def test_never_started(self) -> None:
        assert self.one("scheduled", planned=10) == ["never-started"]
        assert self.one("scheduled", at=NOW - timedelta(minutes=5), planned=10) == []

    def test_what_never_started_is_told_in_every_window_that_holds_the_present(self) -> None:
        made = desired(at=PAST)
        assert kinds([made], [live(made)], AHEAD_ONLY) == ["never-started"]
        later = Window(NOW + timedelta(days=1), NOW + timedelta(days=2), "UTC")
        assert kinds([made], [live(made)], later) == []

    def test_stuck(self) -> None:
        assert self.one("running", planned=10, sent=1) == ["stuck"]
        assert self.one("running", at=NOW - timedelta(hours=1), planned=10, sent=1) == []

    def test_sent_though_cancelled(self) -> None:
        made = desired(at=PAST)
        shown = [live(made, "cancelled", stats={"planned": 10, "sent": 3})]
        assert kinds([made], shown) == ["sent-though-cancelled"]

    def test_sent_without_definition(self) -> None:
        assert kinds([], [by_hand("completed", at=PAST)]) == ["unmanaged", "sent-without-definition"]
        assert kinds([], [live(desired(at=PAST), "completed")]) == ["orphaned", "sent-without-definition"]


class TestLookingAhead:
    def two(self, minutes: int, **changes: Any) -> list[str]:
        one, other = desired("one"), desired("two", at=AHEAD + timedelta(minutes=minutes), **changes)
        return kinds([one, other], [live(one, campaign_id="a"), live(other, campaign_id="b")])

    def test_the_same_people(self) -> None:
        assert self.two(60) == ["overlap"]
        assert self.two(24 * 60) == []

    def test_one_instance(self) -> None:
        assert self.two(9) == ["overlap", "crowded"]
        assert self.two(10) == ["overlap"]

    def test_all_contacts_overlap_with_everybody(self) -> None:
        from msgflash_gitops.model.definition import Audience, Recipients

        everybody = Recipients(Audience.ALL)
        assert self.two(60, recipients=everybody) == ["overlap"]
        assert self.two(-60, recipients=everybody) == ["overlap"]
        assert self.two(60, recipients=Recipients(Audience.TAGS, ("other",))) == []

    def test_an_instance_that_is_not_there(self) -> None:
        gone = by_hand(instanceId="99999999-9999-4999-8999-999999999999")
        (found,) = [each for each in findings([], [gone]) if each.kind is Kind.DISCONNECTED]
        assert "is not in the account" in found.message

    def test_a_series_goes_on_after_until(self) -> None:
        one = desired(at=NOW + timedelta(hours=1), repeat=DAILY, until=NOW + timedelta(days=3))
        assert kinds([one], [live(one)], AHEAD_ONLY) == ["past-until"]
        assert kinds([one], [live(one)], Window(NOW, NOW + timedelta(days=2), "UTC")) == []

    def test_a_series_in_utc_does_not_shift(self) -> None:
        """Its definition says an offset, so that nobody expects a wall clock."""
        one = desired(at=NOW + timedelta(hours=1), repeat=DAILY)
        assert kinds([one], [live(one)], WIDE) == []
        assert "dst-shift" in kinds([], [by_hand(at=NOW + timedelta(hours=1), repeat="daily")], WIDE)


class TestOutlook:
    @pytest.mark.parametrize(
        ("status", "at", "stats", "expected"),
        [
            ("scheduled", AHEAD, {}, Outlook.AHEAD),
            ("scheduled", PAST, {}, Outlook.OVERDUE),
            ("running", PAST, {}, Outlook.SENDING),
            ("completed", PAST, {}, Outlook.SENT),
            ("paused", AHEAD, {}, Outlook.STOPPED),
            ("cancelled", PAST, {"sent": 3}, Outlook.STOPPED),
            ("archived", AHEAD, {}, Outlook.UNKNOWN),
        ],
    )
    def test_once(self, status: str, at: datetime, stats: dict[str, int], expected: Outlook) -> None:
        made = desired(at=at)
        (send,) = sends([made], [live(made, status, stats=stats)])
        assert send.outlook is expected

    def test_a_series_has_sent_what_passed(self) -> None:
        one = desired(at=PAST, repeat=DAILY)
        found = sends([one], [live(one, stats={"planned": 5, "sent": 5})])
        assert [send.outlook for send in found[:4]] == [Outlook.SENT, Outlook.SENT, Outlook.SENT, Outlook.AHEAD]
        assert [bool(send.stats) for send in found[:4]] == [False, False, True, False]


@pytest.mark.parametrize(
    ("at", "quiet", "told"),
    [
        ("20:59", ("21:00", "08:00"), False),
        ("21:00", ("21:00", "08:00"), True),
        ("03:00", ("21:00", "08:00"), True),
        ("07:59", ("21:00", "08:00"), True),
        ("08:00", ("21:00", "08:00"), False),
        ("12:30", ("12:00", "14:00"), True),
        ("14:00", ("12:00", "14:00"), False),
    ],
)
def test_quiet_hours_go_over_midnight(at: str, quiet: tuple[str, str], told: bool) -> None:
    instant = datetime.combine(AHEAD.date(), time.fromisoformat(at), ZoneInfo("Europe/Paris"))
    found = risk_findings(
        sends([], [by_hand(at=instant)]),
        WIDE,
        NOW,
        Limits(quiet=(time.fromisoformat(quiet[0]), time.fromisoformat(quiet[1]))),
    )
    assert (Kind.QUIET_HOURS in [finding.kind for finding in found]) == told
    without = risk_findings(sends([], [by_hand(at=instant)]), WIDE, NOW, Limits(quiet=None))
    assert Kind.QUIET_HOURS not in [finding.kind for finding in without]
