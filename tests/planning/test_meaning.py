"""A definition in the vendor's words, its fields in the order in which people read them, and what a changed setting means."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from msgflash_gitops.model.definition import (
    Audience,
    Definition,
    DirectContent,
    Recipients,
    Repeat,
    Schedule,
    TemplateContent,
    Waiver,
)
from msgflash_gitops.model.plan import FieldChange
from msgflash_gitops.model.project import Policy, Project, VendorFacts, Workspace
from msgflash_gitops.planning.meaning import differences, identity, shown_content, shown_recipients
from msgflash_gitops.planning.settings import ProjectChange, project_changes
from tests.support.builders import AHEAD, definition


@pytest.mark.parametrize(
    ("recipients", "shown"),
    [
        (Recipients(Audience.ALL), {"type": "all"}),
        (Recipients(Audience.TAGS, ("b", "a")), {"type": "tags", "value": ["b", "a"]}),
        (Recipients(Audience.EXPLICIT, ("c2", "c1")), {"type": "explicit", "value": ["c2", "c1"], "count": 2}),
        (Recipients(Audience.GROUP, (), "VIP"), {"type": "group", "group": "VIP"}),
        (Recipients(Audience.GROUP, (), None, "g1"), {"type": "group", "groupId": "g1"}),
    ],
)
def test_recipients(recipients: Recipients, shown: object) -> None:
    assert shown_recipients(recipients) == shown


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (DirectContent("text", {"body": "Hello"}), {"type": "text", "body": "Hello"}),
        (TemplateContent("Promo", None, {"a": 1}), {"template": "Promo", "variables": {"a": 1}}),
        (TemplateContent(None, "t1"), {"templateId": "t1", "variables": {}}),
    ],
)
def test_content(content: DirectContent | TemplateContent, shown: object) -> None:
    assert shown_content(definition(content=content)) == shown


def test_everything_that_differs_in_the_order_in_which_people_read_it() -> None:
    before = definition(content=TemplateContent("Promo", None, {"b": 1, "a": 1}))
    after = Definition(
        key="other",
        name="Summer",
        instance="elsewhere",
        schedule=Schedule(AHEAD + timedelta(hours=1), "Europe/Paris"),
        recipients=Recipients(Audience.ALL),
        content=DirectContent("buttons", {"title": "T", "description": "D", "footer": "F", "buttons": [{"id": "y"}]}),
        source=before.source,
        repeat=Repeat.WEEKLY,
        until=datetime(2027, 6, 1, tzinfo=UTC),
        paused=True,
        revision=2,
        renamed_from="spring",
        pinned_id="3FA85F64-5717-4562-B3FC-2C963F66AFA6",
        workspaces=("staging", "production", "staging"),
        waivers=(Waiver("spacing", "b"), Waiver("same-send", "a")),
    )
    assert list(differences(before, after)) == [
        FieldChange("name", "Spring", "Summer"),
        FieldChange("instance", "boutique", "elsewhere"),
        FieldChange("schedule", "2027-03-11T12:00:00.000Z", "2027-03-11T13:00:00.000Z"),
        FieldChange("timezone", None, "Europe/Paris"),
        FieldChange("repeat", "none", "weekly"),
        FieldChange("until", None, "2027-06-01T00:00:00.000Z"),
        FieldChange("recipients", {"type": "tags", "value": ["client"]}, {"type": "all"}),
        FieldChange("template", "Promo", None),
        FieldChange("variables.a", 1, None),
        FieldChange("variables.b", 1, None),
        FieldChange("type", None, "buttons"),
        FieldChange("title", None, "T"),
        FieldChange("description", None, "D"),
        FieldChange("footer", None, "F"),
        FieldChange("buttons", None, [{"id": "y"}]),
        FieldChange("id", None, "3fa85f64-5717-4562-b3fc-2c963f66afa6"),
        FieldChange("paused", False, True),
        FieldChange("renamed_from", None, "spring"),
        FieldChange("revision", 1, 2),
        FieldChange("waive", None, ["same-send: a", "spacing: b"]),
        FieldChange("workspaces", None, ["production", "staging"]),
    ]
    assert list(differences(after, after)) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Recipients(Audience.EXPLICIT, ("A1", "b2")), Recipients(Audience.EXPLICIT, ("b2", "a1")), True),
        (Recipients(Audience.TAGS, ("A",)), Recipients(Audience.TAGS, ("a",)), False),
        (Recipients(Audience.GROUP, (), "VIP"), Recipients(Audience.GROUP, (), "vip"), False),
        (Recipients(Audience.GROUP, (), None, "G1"), Recipients(Audience.GROUP, (), None, "g1"), True),
        (Recipients(Audience.GROUP, (), "g1"), Recipients(Audience.GROUP, (), None, "g1"), False),
    ],
)
def test_who_is_the_same(one: Recipients, other: Recipients, same: bool) -> None:
    first, second = definition(recipients=one), definition(recipients=other)
    assert (list(differences(first, second)) == []) is same


def test_the_key_and_where_it_came_from_are_no_part_of_what_it_means() -> None:
    one = definition("a")
    assert identity(one) == identity(replace(one, key="b", renamed_from="a"))
    assert identity(one) != identity(replace(one, name="Other"))
    assert identity(one) != identity(replace(one, paused=True))


PROJECT = Project(
    "/",
    "crm",
    timezone="Europe/Paris",
    workspaces={"production": Workspace("production", "KEY", "TEAM", "https://a.example"), "test": Workspace("test")},
)


def test_what_changed_settings_mean_the_gravest_first() -> None:
    after = replace(
        PROJECT,
        name="shop",
        timezone=None,
        campaigns="./marketing",
        policy=Policy(timedelta(seconds=90), timedelta(days=2), 6),
        vendor=VendorFacts(True, timedelta(hours=2)),
        workspaces={
            "production": Workspace("production", "KEY2", None, "https://a.example", "URL"),
            "new": Workspace("new"),
        },
    )
    account = "which account, server and key it is"
    assert list(project_changes(PROJECT, after)) == [
        ProjectChange(
            "project",
            "crm",
            "shop",
            "campaigns that were applied under the old name are no longer touched and still go out, and every definition "
            "is created anew beside them: people may get messages twice",
        ),
        ProjectChange("timezone", "Europe/Paris", None, "every schedule without an offset is read in it: sends move"),
        ProjectChange(
            "campaigns",
            "campaigns",
            "marketing",
            "definitions are read from another folder; what is not there any more is stopped",
        ),
        ProjectChange("policy.min_lead", "5m", "90s", "how far ahead a send must be when it is applied"),
        ProjectChange("policy.late_window", "1d", "2d", "for how long a send that was missed is reported"),
        ProjectChange("policy.max_stops", 5, 6, "how many campaigns one plan may stop without consent"),
        ProjectChange(
            "vendor.resume_keeps_schedule",
            False,
            True,
            "whether a campaign that is paused before its start may be resumed instead of created anew",
        ),
        ProjectChange("vendor.settle", "15s", "2h", "how long a campaign just created may take to show in the list"),
        ProjectChange(
            "workspaces.production",
            {"api_key_env": "KEY", "team_id_env": "TEAM", "base_url": "https://a.example"},
            {"api_key_env": "KEY2", "base_url": "https://a.example", "base_url_env": "URL"},
            account,
        ),
        ProjectChange(
            "workspaces.test",
            {"api_key_env": "MSGFLASH_API_KEY", "base_url": "https://srv.msgflash.com"},
            None,
            account,
        ),
        ProjectChange(
            "workspaces.new",
            None,
            {"api_key_env": "MSGFLASH_API_KEY", "base_url": "https://srv.msgflash.com"},
            account,
        ),
    ]
    assert list(project_changes(PROJECT, PROJECT)) == list(project_changes(PROJECT, None)) == []
    assert list(project_changes(None, PROJECT)) == []


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (timedelta(0), "0s"),
        (timedelta(seconds=61), "61s"),
        (timedelta(minutes=90), "90m"),
        (timedelta(hours=25), "25h"),
        (timedelta(days=7), "7d"),
    ],
)
def test_durations_in_the_largest_unit_that_is_exact(span: timedelta, written: str) -> None:
    (found,) = project_changes(PROJECT, replace(PROJECT, vendor=VendorFacts(settle=span)))
    assert found.after == written
