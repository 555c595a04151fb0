"""Each finding of an audit in its own words, at its own send, up to its own limit; without the plan's decisions."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from msgflash_gitops.model.audit import AuditFinding, Kind, Limits, Origin, Outlook, Send, State, Subject, Window
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.plan import InstanceRef
from msgflash_gitops.model.source import Position
from msgflash_gitops.planning.audit.delivery import counted, delivery_findings
from msgflash_gitops.planning.audit.findings import (
    by_subject,
    finding_order,
    invalid_findings,
    matching,
    state_findings,
)
from msgflash_gitops.planning.audit.risks import risk_findings
from msgflash_gitops.planning.audit.sends import expand, has_sent, instants, send_order

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WINDOW = Window(NOW - 60 * DAY, NOW + 60 * DAY, "Europe/Paris")
SOURCE = Position("campaigns/spring.yaml", 1, 1)
SHOP = InstanceRef("i1", "boutique", "+336", "connected")
LIMITS = Limits(quiet=None)


def campaign(status: str = "scheduled", **facts: Any) -> LiveCampaign:
    return LiveCampaign("c1", "Spring [crm/spring@0123456789]", status, **facts)


SCHEDULED = campaign()
STATS = {"planned": 10, "sent": 4, "failed": 1, "queued": 0, "delivered": 3}
TAGS: dict[str, Any] = {"type": "tags", "value": ["client", "vip"]}


def subject(
    key: str | None = "spring", *, at: datetime = NOW + DAY, live: LiveCampaign | None = SCHEDULED, **facts: Any
) -> Subject:
    standard: dict[str, Any] = {
        "name": "Spring",
        "state": State.IN_SYNC,
        "origin": Origin.GIT,
        "first": at,
        "repeat": "none",
        "recipients": {"type": "tags", "value": [f"only {key}"]},
        "content": {},
        "campaign": live,
        "key": key,
        "instance": SHOP,
        "source": SOURCE,
        "series_timezone": "Europe/Paris",
    }
    return Subject(**{**standard, **facts})


def sends(*subjects: Subject, window: Window = WINDOW) -> list[Send]:
    return sorted(expand(subjects, window, NOW), key=send_order)


def looking_back(one: Subject, limits: Limits = LIMITS) -> list[str]:
    found = delivery_findings(by_subject(sends(one)), NOW, limits)
    assert all((each.subject, each.source) == (one, one.source) for each in found)
    return [f"{each.kind}: {each.message}" for each in found]


def looking_ahead(*subjects: Subject, limits: Limits = LIMITS, window: Window = WINDOW) -> list[AuditFinding]:
    return risk_findings(sends(*subjects, window=window), window, NOW, limits)


def words(findings: list[AuditFinding]) -> list[str]:
    return [f"{each.kind}: {each.message}" for each in findings]


class TestLookingBack:
    def test_never_started(self) -> None:
        said = "never-started: was due 15 minutes ago, and is still scheduled: nothing shows that it began"
        assert looking_back(subject(at=NOW - 15 * MINUTE)) == [said]
        assert looking_back(subject(at=NOW - 15 * MINUTE + SECOND)) == []
        assert looking_back(subject(at=NOW - 16 * MINUTE), Limits(start_grace=HOUR)) == []

    def test_a_series_that_began_once_is_no_longer_overdue(self) -> None:
        at = NOW - 2 * DAY - HOUR
        stats = {"planned": 3}
        late = subject(at=at, repeat="daily", live=campaign(stats=stats))
        assert looking_back(late) == [
            "never-started: was due 1 hour ago, and is still scheduled: nothing shows that it began"
        ]
        for live in (campaign(stats={**stats, "sent": 1}), campaign(stats=stats, started_at=at), campaign()):
            assert looking_back(subject(at=at, repeat="daily", live=live)) == []

    @pytest.mark.parametrize("moment", ["enqueued_at", "started_at"])
    def test_stuck_since_something_happened_last(self, moment: str) -> None:
        said = "stuck: is running, and nothing has happened for 6 hours: planned 10, sent 4, delivered 3, failed 1"
        at = NOW - 9 * HOUR
        for since, expected in ((6 * HOUR, [said]), (6 * HOUR - SECOND, [])):
            live = campaign("running", stats=STATS, **{moment: NOW - since})
            assert looking_back(subject(at=at, live=live)) == expected

    def test_the_last_message_counts_more_than_the_beginning(self) -> None:
        live = campaign("running", started_at=NOW - 9 * HOUR, enqueued_at=NOW - HOUR)
        assert looking_back(subject(at=NOW - 9 * HOUR, live=live)) == []

    def test_stuck_since_its_time_where_nothing_is_shown(self) -> None:
        assert looking_back(subject(at=NOW - 7 * HOUR, live=campaign("running"))) == [
            "stuck: is running, and nothing has happened for 7 hours: no counters shown"
        ]
        assert looking_back(subject(at=NOW - 5 * HOUR, live=campaign("running"))) == []

    def test_only_a_running_one_is_stuck(self) -> None:
        assert looking_back(subject(at=NOW - 9 * HOUR, live=campaign("paused", stats=STATS))) == []

    def test_partial(self) -> None:
        assert looking_back(subject(at=NOW - DAY, live=campaign("completed", stats=STATS))) == [
            "partial: completed, and 5 of 10 were never tried: planned 10, sent 4, delivered 3, failed 1"
        ]

    def test_failed(self) -> None:
        stats = {"planned": 5, "sent": 4, "failed": 1}
        assert looking_back(subject(at=NOW - DAY, live=campaign("completed", stats=stats))) == [
            "failed: completed, and 1 of 5 failed: planned 5, sent 4, failed 1"
        ]
        assert looking_back(subject(at=NOW - DAY, live=campaign("failed", stats=stats))) == [
            "failed: MsgFlash says that it failed: planned 5, sent 4, failed 1"
        ]
        whole = {"planned": 5, "sent": 5, "failed": 0}
        assert looking_back(subject(at=NOW - DAY, live=campaign("completed", stats=whole))) == []

    def test_sent_though_cancelled(self) -> None:
        live = campaign("cancelled", stats={"planned": 5, "sent": 2, "cancelled": 3})
        assert looking_back(subject(at=NOW - DAY, live=live)) == [
            "sent-though-cancelled: is cancelled, and had been sent to some before: planned 5, sent 2, cancelled 3"
        ]
        assert looking_back(subject(at=NOW - DAY, live=live, repeat="daily")) == [], (
            "a series was sent before, of course"
        )
        assert looking_back(subject(at=NOW - DAY, live=campaign("cancelled", stats={"planned": 5, "sent": 0}))) == []

    @pytest.mark.parametrize(
        ("facts", "said"),
        [
            ({"state": State.UNMANAGED, "origin": Origin.DASHBOARD}, "was sent, and git never knew of it"),
            (
                {"state": State.UNMANAGED, "foreign": "shop"},
                "was sent by project 'shop', this one has no definition of it",
            ),
            ({"state": State.ORPHANED}, "was sent, and its definition is no longer in git"),
            ({"state": State.DRIFTED}, None),
        ],
    )
    def test_sent_without_a_definition(self, facts: dict[str, Any], said: str | None) -> None:
        one = subject(at=NOW - DAY, live=campaign("completed"), **facts)
        assert looking_back(one) == ([f"sent-without-definition: {said}"] if said else [])

    def test_what_was_not_sent_was_not_sent_without_a_definition(self) -> None:
        assert looking_back(subject(at=NOW - MINUTE, state=State.ORPHANED)) == []
        some = campaign("cancelled", stats={"planned": 5, "delivered": 1})
        assert len(looking_back(subject(at=NOW - DAY, state=State.ORPHANED, live=some))) == 2

    def test_what_is_ahead_or_absent_has_nothing_behind_it(self) -> None:
        assert looking_back(subject(live=campaign("failed"))) == []
        assert looking_back(subject(at=NOW - DAY, live=None, state=State.LATE)) == []

    def test_of_a_series_the_latest_send_is_told(self) -> None:
        live = campaign("running", stats=STATS)
        one = subject(at=NOW - 3 * DAY - 8 * HOUR, repeat="daily", live=live)
        (found,) = delivery_findings(by_subject(sends(one)), NOW, LIMITS)
        assert found.at == NOW - 8 * HOUR

    def test_counters_that_tell_something(self) -> None:
        assert counted({}) == "no counters shown"
        assert counted({"planned": 0, "sent": 0, "failed": 0}) == "planned 0, sent 0"
        every = ("cancelled", "failed", "read", "delivered", "sent", "queued", "planned")
        shown = "planned 1, queued 1, sent 1, delivered 1, read 1, failed 1, cancelled 1"
        assert counted(dict.fromkeys(every, 1)) == shown

    @pytest.mark.parametrize("name", ["sent", "delivered", "read", "failed"])
    def test_what_shows_that_it_began(self, name: str) -> None:
        assert has_sent({name: 1}) and not has_sent({name: 0}) and not has_sent({"planned": 5, "queued": 5})


class TestOverlap:
    def two(self, first: object, second: object, apart: timedelta = 2 * HOUR, **facts: Any) -> list[AuditFinding]:
        one = subject("one", recipients=first, instance=None)
        other = subject("two", at=NOW + DAY + apart, recipients=second, instance=None, **facts)
        return looking_ahead(one, other)

    @pytest.mark.parametrize(
        ("first", "second", "who"),
        [
            (TAGS, {"type": "tags", "value": ["vip"]}, "tag vip"),
            ({"type": "explicit", "value": ["c1"]}, {"type": "explicit", "value": ["c2", "c1"]}, "contact c1"),
            (
                {"type": "group", "groupId": "g1", "group": "VIP"},
                {"type": "group", "groupId": "g1", "group": "VIP"},
                "group VIP",
            ),
            ({"type": "group", "groupId": "g1"}, {"type": "group", "groupId": "g1"}, "group g1"),
            ({"type": "all"}, {"type": "all"}, "all"),
            ({"type": "all"}, TAGS, "all contacts"),
            (TAGS, {"type": "all"}, "all contacts"),
        ],
    )
    def test_who_is_reached_twice(self, first: object, second: object, who: str) -> None:
        (found,) = self.two(first, second)
        assert (found.kind, found.message) == (
            Kind.OVERLAP,
            f"reaches people ({who}) whom 'one' reaches 2 hours before",
        )
        assert found.subject is not None and found.other is not None
        assert (found.subject.key, found.other.key, found.at, found.source) == (
            "two",
            "one",
            NOW + DAY + 2 * HOUR,
            SOURCE,
        )

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (TAGS, {"type": "tags", "value": ["other"]}),
            (TAGS, {"type": "group", "groupId": "vip"}),
            ({"type": "unknown"}, {"type": "unknown"}),
            ({"type": "tags"}, {"type": "tags"}),
            (TAGS, {"type": "explicit", "value": ["client"]}),
        ],
    )
    def test_who_is_not(self, first: object, second: object) -> None:
        assert self.two(first, second) == []

    def test_only_within_the_limit(self) -> None:
        assert self.two(TAGS, TAGS, 24 * HOUR) == []
        assert len(self.two(TAGS, TAGS, 24 * HOUR - SECOND)) == 1
        assert words(self.two(TAGS, TAGS, timedelta(0)))[0].endswith("whom 'one' reaches at the same time")

    def test_a_pair_is_told_once_and_a_campaign_never_with_itself(self) -> None:
        series: dict[str, Any] = {"repeat": "daily", "recipients": TAGS, "instance": None, "series_timezone": None}
        found = looking_ahead(subject("one", **series), subject("two", at=NOW + DAY + HOUR, **series))
        assert [(each.kind, each.at) for each in found] == [(Kind.OVERLAP, NOW + DAY + HOUR)]
        again = subject("one", at=NOW + DAY + HOUR, recipients=TAGS, instance=None)
        assert looking_ahead(subject("one", recipients=TAGS, instance=None), again) == [], "told as a duplicate"

    def test_a_campaign_of_the_dashboard_is_named_by_its_name(self) -> None:
        one = subject(None, name="By hand", recipients=TAGS, instance=None)
        other = subject(None, at=NOW + DAY + HOUR, recipients=TAGS, instance=None)
        assert words(looking_ahead(one, other)) == [
            "overlap: reaches people (tag client) whom 'By hand' reaches 1 hour before"
        ]

    def test_what_is_over_or_stopped_reaches_nobody(self) -> None:
        stopped: dict[str, Any] = {"live": campaign("paused"), "recipients": TAGS, "instance": None}
        assert looking_ahead(subject("one", **stopped), subject("two", at=NOW + DAY + HOUR, **stopped)) == []
        past: dict[str, Any] = {"recipients": TAGS, "instance": None}
        assert looking_ahead(subject("one", at=NOW, **past), subject("two", at=NOW + HOUR, **past)) == []


class TestInstance:
    def test_crowded(self) -> None:
        one, other = (
            subject("one"),
            subject("two", at=NOW + DAY + 9 * MINUTE, instance=InstanceRef("I1", "boutique", None, "connected")),
        )
        (found,) = looking_ahead(one, other)
        assert words([found]) == ["crowded: starts on the instance boutique on which 'one' starts 9 minutes before"]
        assert (found.subject, found.other, found.at, found.source) == (other, one, other.first, SOURCE)

    def test_not_crowded(self) -> None:
        assert looking_ahead(subject("one"), subject("two", at=NOW + DAY + 10 * MINUTE)) == []
        elsewhere = InstanceRef("i2", "other", None, "connected")
        assert looking_ahead(subject("one"), subject("two", instance=elsewhere)) == []
        assert looking_ahead(subject("one", instance=None), subject("two", instance=None)) == []

    def test_disconnected_is_told_once_for_all_its_sends(self) -> None:
        down = InstanceRef("i1", "boutique", "+336", "disconnected")
        gone = InstanceRef("i9", "i9")
        found = looking_ahead(
            subject("one", instance=down),
            subject("two", at=NOW + 2 * DAY, instance=down),
            subject("three", at=NOW + 3 * DAY, instance=gone),
        )
        assert words(found) == [
            "disconnected: instance boutique is disconnected; 2 sends are to go out from it, the first is 'one'",
            "disconnected: instance i9 is not in the account (any more); one send is to go out from it, 'three'",
        ]
        assert [each.at for each in found] == [NOW + DAY, NOW + 3 * DAY]


class TestSeries:
    def test_the_clocks_change_and_the_vendor_counts_in_utc(self) -> None:
        one = subject(at=datetime(2027, 3, 25, 8, tzinfo=UTC), repeat="daily")
        (found,) = looking_ahead(one)
        assert words([found]) == [
            "dst-shift: the clocks of Europe/Paris change and MsgFlash repeats in UTC: "
            "Sat 2027-03-27 09:00 CET, then Sun 2027-03-28 10:00 CEST"
        ]
        assert (found.at, found.source) == (datetime(2027, 3, 28, 8, tzinfo=UTC), SOURCE)

    def test_a_few_changes_are_named_and_the_others_counted(self) -> None:
        years = Window(NOW, NOW + 365 * 3 * DAY, "Europe/Paris")
        (found,) = looking_ahead(subject(repeat="weekly", source=None), window=years)
        assert found.message.count("then") == 4
        assert found.message.endswith("; and 2 more")
        (four,) = looking_ahead(
            subject(repeat="weekly", source=None), window=Window(NOW, NOW + 700 * DAY, "Europe/Paris")
        )
        assert (four.message.count("then"), "more" in four.message) == (4, False)

    def test_a_definition_with_an_offset_means_utc(self) -> None:
        at = datetime(2027, 3, 25, 8, tzinfo=UTC)
        assert looking_ahead(subject(at=at, repeat="daily", series_timezone=None)) == []
        assert len(looking_ahead(subject(at=at, repeat="daily", series_timezone=None, source=None))) == 1

    def test_it_goes_on_after_until(self) -> None:
        until = NOW + 3 * DAY + HOUR
        one = subject(repeat="daily", until=until, series_timezone=None)
        (found,) = looking_ahead(one)
        assert words([found]) == [
            "past-until: goes on after `until`, unless apply runs between the last send before it and this one"
        ]
        assert (found.at, found.source) == (NOW + 4 * DAY, SOURCE)
        assert looking_ahead(subject(repeat="daily", until=WINDOW.end, series_timezone=None)) == []
        assert looking_ahead(subject(repeat="daily", until=until, series_timezone=None, live=None)) == []
        assert looking_ahead(one, window=Window(NOW, until + SECOND, "UTC")) == []


class TestQuietHours:
    LIMITS = Limits(quiet=(time(21), time(8)))

    def test_by_the_clocks_of_the_projects_zone_and_once_a_campaign(self) -> None:
        one = subject(at=datetime(2027, 3, 2, 21, 30, tzinfo=UTC), repeat="daily", series_timezone=None)
        (found,) = looking_ahead(one, limits=self.LIMITS)
        assert words([found]) == [
            "quiet-hours: goes out at 22:30 (Europe/Paris), in the quiet hours from 21:00 to 08:00"
        ]
        assert (found.at, found.source) == (one.first, SOURCE)

    def test_the_usual_ones_are_from_nine_to_eight(self) -> None:
        assert Limits().quiet == (time(21), time(8))
        assert Limits() == Limits(6 * HOUR, 15 * MINUTE, 24 * HOUR, 10 * MINUTE, (time(21), time(8)))


class TestStates:
    def test_each_with_its_reason_and_its_first_send(self) -> None:
        one = subject(state=State.DRIFTED, reason="differs", repeat="daily", series_timezone=None)
        (found,) = state_findings(by_subject(sends(one)))
        assert found == AuditFinding(Kind.DRIFTED, "differs", one, NOW + DAY, source=SOURCE)

    @pytest.mark.parametrize("state", State)
    def test_which_are_worth_a_look(self, state: State) -> None:
        found = state_findings(by_subject(sends(subject(state=state))))
        expected = [] if state in (State.IN_SYNC, State.STOPPED) else [state.value]
        assert [each.kind.value for each in found] == expected

    def test_one_of_the_dashboard_that_ended_before_it_sent_anything_is_nobodys_concern(self) -> None:
        for status, stats, told in (
            ("cancelled", {}, False),
            ("failed", {"planned": 3}, False),
            ("cancelled", {"sent": 1}, True),
            ("paused", {}, True),
        ):
            one = subject(state=State.UNMANAGED, live=campaign(status, stats=stats))
            assert bool(state_findings(by_subject(sends(one)))) is told, (status, stats)
        orphan = subject(state=State.ORPHANED, live=campaign("cancelled"))
        assert state_findings(by_subject(sends(orphan)))

    def test_a_definition_with_errors_is_told_once_at_the_first(self) -> None:
        problems = [
            Finding("schema-type", "looks odd", "campaigns/a.yaml", 2, 1, Severity.WARNING, key="a"),
            Finding("schema-type", "wrong", "campaigns/a.yaml", 3, 5, key="a"),
            Finding("schema-enum", "wrong too", "campaigns/a.yaml", 4, 1, key="a"),
            Finding("yaml-syntax", "broken", "campaigns/b.yaml", 9, 2),
        ]
        assert invalid_findings(problems) == [
            AuditFinding(Kind.INVALID, "wrong [schema-type]", source=Position("campaigns/a.yaml", 3, 5), key="a"),
            AuditFinding(Kind.INVALID, "broken [yaml-syntax]", source=Position("campaigns/b.yaml", 9, 2)),
        ]

    def test_the_order_is_by_kind_then_time_then_name(self) -> None:
        late, soon = subject("b"), subject("a")
        in_order = [
            AuditFinding(Kind.UNMANAGED, "", subject(None), NOW + DAY),
            AuditFinding(Kind.DRIFTED, "", late, NOW),
            AuditFinding(Kind.DRIFTED, "", soon, NOW + DAY),
            AuditFinding(Kind.DRIFTED, "", late, NOW + DAY),
            AuditFinding(Kind.DRIFTED, "", soon),
            AuditFinding(Kind.INVALID, "", source=SOURCE, key="a"),
            AuditFinding(Kind.INVALID, "", source=SOURCE),
            AuditFinding(Kind.OVERLAP, "", soon, NOW),
        ]
        assert sorted([*in_order[1::2], *in_order[::2]], key=finding_order) == in_order

    def test_what_is_asked_to_fail_on(self) -> None:
        found = [AuditFinding(kind, "") for kind in (Kind.LATE, Kind.STUCK, Kind.LATE)]
        assert matching(found, [Kind.LATE, Kind.PARTIAL]) == [found[0], found[2]]
        assert matching(found, []) == []


class TestOutlook:
    @pytest.mark.parametrize(
        ("live", "facts", "expected"),
        [
            (None, {}, Outlook.ABSENT),
            (campaign("archived"), {}, Outlook.UNKNOWN),
            (campaign("completed"), {}, Outlook.SENT),
            (campaign(), {}, Outlook.AHEAD),
            (campaign(), {"at": NOW}, Outlook.OVERDUE),
            (campaign(started_at=NOW - HOUR), {"at": NOW - HOUR}, Outlook.OVERDUE),
            (campaign("running"), {"at": NOW - HOUR}, Outlook.SENDING),
            (campaign("running"), {}, Outlook.SENDING),
            (campaign("paused"), {}, Outlook.STOPPED),
            (campaign("paused_quota"), {}, Outlook.STOPPED),
            (campaign("paused"), {"superseded": True}, Outlook.NEVER),
            (campaign("paused", stats={"sent": 1}), {"superseded": True}, Outlook.STOPPED),
            (campaign("paused_plan"), {"superseded": True}, Outlook.STOPPED),
            (campaign("paused"), {"source": None}, Outlook.NEVER),
            (campaign("paused"), {"source": None, "state": State.UNMANAGED}, Outlook.STOPPED),
            (campaign("cancelled"), {}, Outlook.NEVER),
            (campaign("cancelled", stats={"read": 1}), {}, Outlook.STOPPED),
            (campaign("failed"), {}, Outlook.NEVER),
            (campaign("failed", started_at=NOW), {}, Outlook.STOPPED),
            (campaign("cancelled", started_at=NOW), {}, Outlook.NEVER),
        ],
    )
    def test_of_a_single_send(self, live: LiveCampaign | None, facts: dict[str, Any], expected: Outlook) -> None:
        (send,) = sends(subject(live=live, **facts))
        assert send.outlook is expected

    def test_of_a_series(self) -> None:
        at = NOW - 2 * DAY - HOUR
        running = sends(subject(at=at, repeat="daily", live=campaign("running", stats={"sent": 1})))
        assert [each.outlook for each in running[:4]] == [Outlook.SENT, Outlook.SENT, Outlook.SENDING, Outlook.AHEAD]
        assert [bool(each.stats) for each in running[:4]] == [False, False, True, False]
        stopped = sends(subject(at=at, repeat="daily", live=campaign("cancelled"), ends=NOW - DAY - HOUR))
        assert [each.outlook for each in stopped[:3]] == [Outlook.SENT, Outlook.NEVER, Outlook.NEVER]
        paused = sends(subject(at=at, repeat="daily", live=campaign("paused"), ends=NOW + DAY))
        assert [each.outlook for each in paused[:4]] == [Outlook.SENT] * 3 + [Outlook.STOPPED]

    def test_what_is_still_open_before_the_window_is_shown_where_it_holds_the_present(self) -> None:
        ahead = Window(NOW - HOUR, NOW + DAY, "UTC")
        at = NOW - 2 * HOUR
        assert [each.at for each in sends(subject(at=at), window=ahead)] == [at]
        assert [each.at for each in sends(subject(at=at, live=campaign("running")), window=ahead)] == [at]
        assert sends(subject(at=at, live=campaign("completed")), window=ahead) == []
        assert [each.at for each in sends(subject(at=at, live=None, state=State.LATE), window=ahead)] == [at]
        assert sends(subject(at=at, live=None, state=State.MISSING), window=ahead) == []
        assert sends(subject(at=at), window=Window(NOW + SECOND, NOW + DAY, "UTC")) == []
        assert sends(subject(at=at), window=Window(NOW - HOUR, NOW, "UTC")) == []
        assert len(sends(subject(at=at), window=Window(at, NOW + DAY, "UTC"))) == 1, "not twice"

    def test_the_edges_of_a_window(self) -> None:
        one = subject()
        assert list(instants(one, NOW + DAY, NOW + 2 * DAY)) == [NOW + DAY]
        assert list(instants(one, NOW, NOW + DAY)) == []
        assert list(instants(one, NOW + DAY + SECOND, NOW + 2 * DAY)) == []

    def test_notes(self) -> None:
        after = "after `until`: apply stops the series, MsgFlash does not know of it"
        one = subject(repeat="daily", until=NOW + 2 * DAY)
        assert [each.notes for each in sends(one)[:3]] == [(), (after,), (after,)]
        (monthly,) = sends(subject(repeat="monthly"))
        assert monthly.notes == ("repeats 'monthly': only the first send is shown",)

    def test_sends_are_ordered_by_time_then_name(self) -> None:
        one, other = subject("b"), subject("a")
        third = subject(None, name="aa", live=LiveCampaign("c0", "aa", "scheduled"))
        later = subject("0", at=NOW + 2 * DAY)
        assert [each.subject for each in sends(one, later, third, other)] == [other, third, one, later]
