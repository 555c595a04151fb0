"""What the audit says of each campaign and of each definition without one: reasons, notes, labels beside ids."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from msgflash_gitops.model.account import Group, Instance, Template
from msgflash_gitops.model.audit import Origin, State, Subject
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.plan import InstanceRef
from msgflash_gitops.model.provenance import Form
from msgflash_gitops.model.source import Position
from msgflash_gitops.planning.audit.shown import Labels, needs_groups, needs_templates
from msgflash_gitops.planning.resolve import Account
from tests.planning.test_audit_findings import by_hand, subjects
from tests.support.builders import AHEAD, DAILY, INSTANCE, NOW, desired, live

TEMPLATE = Template("T1", "Promo", "image", "Hi", "https://a.example/a.png")
BARE = Template("T2", "Bare")
LABELS = Labels(
    Account(
        (INSTANCE, Instance("I2", "Down", None, "disconnected")),
        (TEMPLATE, BARE),
        (Group("G1", "VIP", 24), Group("G2", "New")),
    )
)


def shown(stats: dict[str, int] | None = None, **fields: Any) -> LiveCampaign:
    return LiveCampaign("c1", "Spring", "scheduled", fields, stats or {})


def only(*arguments: Any) -> Subject:
    (found,) = subjects(*arguments)
    return found


class TestLabels:
    @pytest.mark.parametrize(
        ("identity", "expected"),
        [
            (INSTANCE.id.upper(), InstanceRef(INSTANCE.id.upper(), "boutique", "+33639980001", "connected")),
            ("i2", InstanceRef("i2", "Down", None, "disconnected")),
            ("gone", InstanceRef("gone", "gone")),
            (None, None),
            (5, None),
        ],
    )
    def test_instance(self, identity: object, expected: InstanceRef | None) -> None:
        assert LABELS.instance(shown(instanceId=identity)) == expected

    @pytest.mark.parametrize(
        ("recipients", "stats", "expected"),
        [
            (None, {}, {"type": "unknown"}),
            ({"type": "all"}, {}, {"type": "all"}),
            ({"type": "all"}, {"planned": 7}, {"type": "all", "count": 7}),
            ({"type": "all"}, {"planned": 0}, {"type": "all"}),
            (
                {"type": "explicit", "value": ["a", "b"]},
                {"planned": 7},
                {"type": "explicit", "value": ["a", "b"], "count": 2},
            ),
            ({"type": "tags", "value": ["a"]}, {"planned": 1}, {"type": "tags", "value": ["a"], "count": 1}),
            ({"type": "group", "groupId": "g1"}, {}, {"type": "group", "groupId": "g1", "group": "VIP", "count": 24}),
            (
                {"type": "group", "groupId": "g1"},
                {"planned": 9},
                {"type": "group", "groupId": "g1", "group": "VIP", "count": 9},
            ),
            ({"type": "group", "groupId": "g2"}, {}, {"type": "group", "groupId": "g2", "group": "New"}),
            ({"type": "group", "groupId": "gone"}, {}, {"type": "group", "groupId": "gone"}),
            ({"type": "group", "groupId": None}, {}, {"type": "group", "groupId": None}),
        ],
    )
    def test_recipients(self, recipients: object, stats: dict[str, int], expected: object) -> None:
        assert LABELS.recipients(shown(stats, recipients=recipients)) == expected

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"type": "text", "body": "Hello", "mediaUrl": None}, {"type": "text", "body": "Hello"}),
            (
                {"type": "buttons", "title": "T", "description": "D", "footer": "F", "buttons": [], "schedule": "x"},
                {"type": "buttons", "title": "T", "description": "D", "footer": "F", "buttons": []},
            ),
            (
                {"templateId": "t1", "variables": {"a": 1}, "body": "what the server made of it"},
                {
                    "templateId": "t1",
                    "template": "Promo",
                    "variables": {"a": 1},
                    "body": "Hi",
                    "mediaUrl": "https://a.example/a.png",
                },
            ),
            ({"templateId": "t2", "variables": None}, {"templateId": "t2", "template": "Bare", "variables": {}}),
            ({"templateId": "gone", "variables": {}}, {"templateId": "gone", "template": "gone", "variables": {}}),
            ({"templateId": None, "type": "text"}, {"type": "text"}),
        ],
    )
    def test_content(self, fields: dict[str, Any], expected: object) -> None:
        assert LABELS.content(shown(**fields)) == expected

    def test_templates_and_groups_are_asked_for_only_where_they_are_named(self) -> None:
        assert not needs_templates([shown(), shown(templateId=None)])
        assert needs_templates([shown(), shown(templateId="t1")])
        assert not needs_groups([shown(), shown(recipients={"type": "tags"}), shown(recipients="group")])
        assert needs_groups([shown(), shown(recipients={"type": "group"})])


class TestOwned:
    def test_everything_that_is_known_of_it(self) -> None:
        one = desired(repeat=DAILY, until=NOW + timedelta(days=50))
        made = replace(live(one, stats={"planned": 8}), user_id="u1")
        assert only([one], [made]) == Subject(
            name="Spring",
            state=State.IN_SYNC,
            origin=Origin.GIT,
            first=AHEAD,
            repeat="daily",
            recipients={"type": "tags", "value": ["client"], "count": 8},
            content={"type": "text", "body": "Hello"},
            campaign=made,
            key="spring",
            instance=InstanceRef(INSTANCE.id, "boutique", "+33639980001", "connected"),
            source=Position("campaigns/spring.yaml", 1, 1),
            until=NOW + timedelta(days=50),
            form=Form.CURRENT,
        )

    def test_what_differs_shows_the_accounts_content_and_why(self) -> None:
        one = desired(body="Ours")
        found = only([one], [live(one, body="Theirs")])
        assert (found.state, found.content, found.reason) == (
            State.DRIFTED,
            {"type": "text", "body": "Theirs"},
            "drifted: changed in the account since it was applied",
        )
        assert [(each.field, each.before, each.after) for each in found.differences] == [("body", "Theirs", "Ours")]

    def test_forms(self) -> None:
        one = desired()
        assert only([one], [live(one, marked=False)]).form is Form.CURRENT
        assert only([desired(body="New")], [live(desired(body="Old"))]).form is Form.OTHER

    def test_an_earlier_form_and_a_leftover_are_noted(self) -> None:
        one = desired(body="New")
        old = live(desired(body="Old", at=NOW - timedelta(days=2)), "completed", campaign_id="old")
        paused = live(desired(body="Older"), "paused", campaign_id="older")
        found = {each.campaign_id: each for each in subjects([one], [live(one), old, paused])}
        assert found["c1"].notes == ()
        assert found["old"].notes == ("an earlier form of the definition",)
        assert found["older"].notes == ("an earlier replace paused it, and nothing resumes it",)
        assert found["old"].reason == ""

    @pytest.mark.parametrize("moment", ["cancelled_at", "completed_at", "updated_at"])
    def test_when_it_stopped(self, moment: str) -> None:
        one = desired()
        facts: dict[str, Any] = {moment: NOW}
        ended = replace(live(one, "cancelled"), **facts)
        assert only([one], [ended]).ends == NOW
        for status in ("scheduled", "running", "archived"):
            assert only([one], [replace(ended, status=status)]).ends is None

    def test_the_moment_of_the_cancellation_counts_more(self) -> None:
        one = desired()
        hour = timedelta(hours=1)
        ended = replace(live(one, "cancelled"), cancelled_at=NOW - hour, completed_at=NOW, updated_at=NOW + hour)
        assert only([one], [ended]).ends == NOW - hour
        assert only([one], [replace(ended, cancelled_at=None)]).ends == NOW


class TestOthers:
    def test_gone_from_git(self) -> None:
        found = only([], [live(desired())])
        assert (found.state, found.origin, found.key, found.source, found.form) == (
            State.ORPHANED,
            Origin.GIT,
            "spring",
            None,
            None,
        )
        assert found.reason == "its definition is no longer in git"
        assert (found.name, found.content, found.notes) == ("Spring", {"type": "text", "body": "Hello"}, ())

    @pytest.mark.parametrize("status", ["paused", "cancelled", "failed"])
    def test_gone_from_git_and_stopped(self, status: str) -> None:
        found = only([], [live(desired(), status)])
        assert (found.state, found.reason, found.notes) == (State.IN_SYNC, "", (f"no longer in git, and {status}",))

    def test_its_definition_has_errors(self) -> None:
        place = Position("campaigns/spring.yaml", 3, 1)
        found = only([], [live(desired(), "cancelled")], {"spring": place})
        assert (found.state, found.source, found.form, found.notes) == (State.DRIFTED, place, Form.UNKNOWN, ())
        assert found.reason == "its definition has errors, so that the two cannot be compared"

    def test_made_in_the_dashboard(self) -> None:
        found = only([], [by_hand()])
        assert (found.name, found.origin, found.key, found.foreign) == ("By hand", Origin.DASHBOARD, None, None)
        assert found.reason == "made in the dashboard, git does not know of it"

    def test_of_another_project(self) -> None:
        found = only([], [by_hand(name="X [shop/x@0123456789]")])
        assert (found.name, found.origin, found.foreign) == ("X", Origin.GIT, "shop")
        assert found.reason == "it bears the marker of another project: [shop/x@0123456789]"

    def test_a_repeat_that_is_not_shown_is_none(self) -> None:
        made = by_hand()
        without = replace(made, fields={name: value for name, value in made.fields.items() if name != "repeat"})
        assert only([], [without]).repeat == "none"

    @pytest.mark.parametrize("schedule", [None, 5, "soon", "1969-12-31T23:59:59Z", "9000-01-01T00:00:00Z"])
    def test_without_a_time_there_is_nothing_to_tell(self, schedule: object) -> None:
        assert subjects([], [by_hand(schedule=schedule)]) == []

    @pytest.mark.parametrize("schedule", ["1970-01-01T00:00:00Z", "8999-12-31T23:59:59Z"])
    def test_the_years_that_are_told(self, schedule: str) -> None:
        assert len(subjects([], [by_hand(schedule=schedule)])) == 1


class TestAbsent:
    def test_everything_that_is_known_of_it(self) -> None:
        one = desired(until=NOW + timedelta(days=50), repeat=DAILY)
        found = only([one], [])
        assert found == Subject(
            name="Spring",
            state=State.MISSING,
            origin=Origin.GIT,
            first=AHEAD,
            repeat="daily",
            recipients=one.recipients,
            content=one.content,
            key="spring",
            instance=one.instance,
            source=one.source,
            reason=found.reason,
            until=NOW + timedelta(days=50),
        )
        assert found.reason

    def test_a_series_starts_at_its_next_occurrence(self) -> None:
        found = only([desired(at=NOW - timedelta(days=1, hours=1), repeat=DAILY)], [])
        assert (found.first, found.state) == (NOW + timedelta(hours=23), State.MISSING)

    def test_late(self) -> None:
        found = only([desired(at=NOW - timedelta(hours=1))], [])
        assert (found.state, found.first) == (State.LATE, NOW - timedelta(hours=1))

    def test_paused_in_git(self) -> None:
        found = only([desired(paused=True)], [])
        assert found.notes == ("`paused: true`: it would be created paused",)

    def test_what_is_past_was_missed_unless_nothing_was_to_be_sent(self) -> None:
        past = NOW - timedelta(days=40)
        assert only([desired(at=past)], []).state is State.MISSING
        assert subjects([desired(at=past, paused=True)], []) == []
        assert subjects([desired(at=past, repeat=DAILY, until=past + timedelta(days=1))], []) == []
