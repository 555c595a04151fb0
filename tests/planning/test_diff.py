"""The account's campaign and the definition: which fields differ, in whose words, and what a server may change without a difference."""

from datetime import UTC, datetime
from typing import Any

import pytest

from msgflash_gitops.model.account import Template
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.definition import DirectContent, Repeat, Schedule, TemplateContent
from msgflash_gitops.model.plan import Desired, FieldChange
from msgflash_gitops.planning.diff import differences
from msgflash_gitops.planning.resolve import Account, resolve
from tests.support.builders import INSTANCE, definition, desired, live

BUTTONS = [{"type": "reply", "displayText": "Yes", "id": "y"}]


def shown(one: Desired, **fields: Any) -> tuple[FieldChange, ...]:
    return differences(one, live(one, **fields))


def only_shown(one: Desired, **fields: Any) -> tuple[FieldChange, ...]:
    """An answer with these fields alone."""
    return differences(one, LiveCampaign("c1", one.name, "scheduled", fields, {}))


def test_what_was_made_from_it_does_not_differ() -> None:
    assert shown(desired()) == ()


def test_what_the_answer_leaves_out_does_not_count() -> None:
    assert only_shown(desired()) == ()
    assert only_shown(desired(), body="Hello") == ()
    assert only_shown(desired(), body="Other") == (FieldChange("body", "Other", "Hello"),)


def test_the_fields_in_the_order_in_which_people_read_them() -> None:
    one = desired(name="Spring")
    found = shown(
        one,
        name="Summer",
        body="Other",
        schedule="2027-03-12T12:00:00.000Z",
        instanceId="another",
        recipients={"type": "all"},
    )
    assert found == (
        FieldChange("name", "Summer", "Spring"),
        FieldChange("instanceId", "another", INSTANCE.id),
        FieldChange("schedule", "2027-03-12T12:00:00.000Z", "2027-03-11T12:00:00.000Z"),
        FieldChange("recipients.type", "all", "tags"),
        FieldChange("recipients.value", None, ["client"]),
        FieldChange("body", "Other", "Hello"),
    )


def test_the_name_counts_without_its_marker_and_only_where_it_is_asked_for() -> None:
    one = desired(name="Spring")
    assert shown(one, digest="0" * 10) == ()
    renamed = live(one, name=f"Summer [crm/spring@{one.digest}]")
    assert differences(one, renamed) == (FieldChange("name", "Summer", "Spring"),)
    assert differences(one, renamed, with_name=False) == ()
    assert differences(desired(name="Spring "), live(one, name="Spring  ")) == ()


@pytest.mark.parametrize("body", ["Hello", "Hello\n", "Hello  \n\n"])
def test_line_ends_and_white_space_at_the_end_are_the_servers(body: str) -> None:
    assert shown(desired(body="Hello"), body=body) == ()


def test_line_ends_inside_and_other_white_space() -> None:
    assert shown(desired(body="a\nb"), body="a\r\nb") == ()
    assert shown(desired(body="a\nb"), body="a b") == (FieldChange("body", "a b", "a\nb"),)
    assert shown(desired(body="a"), body=" a") == (FieldChange("body", " a", "a"),)


def test_lists_are_compared_as_a_whole() -> None:
    one = desired(content=DirectContent("buttons", {"title": "T", "description": "D", "buttons": BUTTONS}))
    other = [{**BUTTONS[0], "displayText": "No"}]
    assert shown(one, buttons=other) == (FieldChange("buttons", other, BUTTONS),)
    assert shown(one, title="Other", footer="F") == (
        FieldChange("title", "Other", "T"),
        FieldChange("footer", "F", None),
    )


class TestTemplate:
    def one(self) -> Desired:
        template = Template("t1", "Promo", "text", "Hi", None, ("custom.code", "custom.days"))
        found = resolve(
            [definition(content=TemplateContent(None, "t1", {"code": "X", "days": 3}))],
            Account((INSTANCE,), (template,)),
            project="crm",
            timezone=None,
        )
        return found.desired[0]

    def test_each_variable_by_itself(self) -> None:
        assert shown(self.one(), variables={"code": "Y", "days": 3, "old": 1}) == (
            FieldChange("variables.code", "Y", "X"),
            FieldChange("variables.old", 1, None),
        )

    def test_a_number_is_no_text(self) -> None:
        assert shown(self.one(), variables={"code": "X", "days": "3"}) == (FieldChange("variables.days", "3", 3),)

    def test_the_text_that_the_server_shows_of_it_is_the_templates(self) -> None:
        assert shown(self.one(), variables={"code": "X", "days": 3}, type="text", body="Hi", mediaUrl="m") == ()

    def test_direct_content_where_a_template_is_wanted(self) -> None:
        assert shown(self.one(), templateId=None, variables={"code": "X", "days": 3}) == (
            FieldChange("templateId", None, "t1"),
        )


def test_variables_beside_direct_content_are_the_servers_way_to_show_none() -> None:
    assert shown(desired(), variables=None) == ()
    assert shown(desired(), variables={}) == ()
    assert shown(desired(), variables={"a": 1}) == (FieldChange("variables.a", 1, None),)


class TestSeries:
    def test_any_occurrence_of_it_is_its_schedule(self) -> None:
        one = desired(repeat=Repeat.DAILY)
        assert shown(one, schedule="2027-03-15T12:00:00.000Z") == ()
        assert shown(one, schedule="2027-03-15T12:01:00.000Z") == (
            FieldChange("schedule", "2027-03-15T12:01:00.000Z", "2027-03-11T12:00:00.000Z"),
        )

    def test_a_single_send_has_one_schedule(self) -> None:
        assert shown(desired(), schedule="2027-03-15T12:00:00.000Z") != ()

    def test_in_the_zone_of_the_series(self) -> None:
        schedule = Schedule(datetime(2027, 3, 27, 8, tzinfo=UTC), "Europe/Paris")
        one = desired(schedule=schedule, repeat=Repeat.DAILY)
        assert shown(one, schedule="2027-03-29T07:00:00.000Z") == ()

    @pytest.mark.parametrize("written", [None, "soon", 5, ""])
    def test_one_that_cannot_be_read_differs(self, written: object) -> None:
        (found,) = shown(desired(repeat=Repeat.DAILY), schedule=written)
        assert (found.field, found.before) == ("schedule", written)

    def test_a_campaign_that_repeats_is_none_that_does_not(self) -> None:
        assert shown(desired(), repeat="daily") == (FieldChange("repeat", "daily", "none"),)
        assert shown(desired(), repeat="noe") == ()
