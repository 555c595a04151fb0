"""Counting contacts costs as few requests as it can, and what cannot be counted is said and keeps nothing back."""

from collections import Counter

import pytest

from msgflash_gitops.model.definition import Audience, Definition, Recipients
from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.model.plan import Plan
from msgflash_gitops.planning.audience import Contacts
from msgflash_gitops.sandbox import Fault
from msgflash_gitops.sandbox.seed import sample_id
from msgflash_gitops.workflows.contacts import Counted, Scanning, count_contacts
from tests.workflows.desk import Desk, define

ALL: JsonObject = {"type": "all"}
TAGS: JsonObject = {"type": "tags", "value": ["client"]}
LISTED: JsonObject = {"type": "explicit", "value": ["x"]}
CONTACTS = "^/contacts$"


def count(desk: Desk, *recipients: JsonObject, scanning: Scanning | None = None) -> Counted:
    return desk.do(lambda api: count_contacts(api, recipients, scanning))


def for_all() -> Definition:
    return define(recipients=Recipients(Audience.ALL))


def for_group() -> Definition:
    return define(recipients=Recipients(Audience.GROUP, group="VIP Paris"))


@pytest.mark.parametrize("recipients", [(), (LISTED,), (TAGS,)])
def test_what_needs_no_count_costs_no_request(desk: Desk, recipients: tuple[JsonObject, ...]) -> None:
    assert count(desk, *recipients) == Counted()
    assert desk.paths() == []


def test_everybody_is_counted_by_one_request(desk: Desk) -> None:
    told: list[int | None] = []
    assert count(desk, ALL, LISTED, scanning=told.append) == Counted(Contacts(250))
    assert count(desk, ALL, TAGS) == Counted(Contacts(250))
    assert desk.paths() == ["/contacts"] * 2
    assert told == []


def test_tags_are_counted_by_reading_everybody_and_only_when_asked(desk: Desk) -> None:
    told: list[int | None] = []
    counted = count(desk, TAGS, scanning=told.append)
    assert told == [250]
    assert counted.notices == ()
    assert counted.contacts.total == 250
    assert counted.contacts.tagged == Counter(
        {
            frozenset({"client"}): 50,
            frozenset({"client", "vip"}): 50,
            frozenset({"prospect"}): 50,
            frozenset({"client", "lyon"}): 50,
            frozenset({"prospect", "lyon"}): 50,
        }
    )
    assert counted.contacts.size(TAGS) == 150
    assert [dict(seen.query).get("limit") for seen in desk.sandbox.requests] == ["1", "100", "100", "100"]


def test_a_count_that_fails_is_said(desk: Desk) -> None:
    desk.sandbox.faults.add(Fault("refuse", "GET", CONTACTS, code="FORBIDDEN", status=403))
    counted = count(desk, ALL)
    assert counted.contacts == Contacts(None)
    (notice,) = counted.notices
    assert notice.startswith("how many contacts there are could not be counted: count contacts: ")


def test_a_scan_that_fails_leaves_the_number_of_all(desk: Desk) -> None:
    desk.sandbox.faults.add(Fault("refuse", "GET", CONTACTS, code="FORBIDDEN", status=403, skip=1))
    counted = count(desk, ALL, TAGS, scanning=lambda _: None)
    assert counted.contacts == Contacts(250)
    (notice,) = counted.notices
    assert notice.startswith("how many contacts there are could not be counted: list contacts: ")


def planned(desk: Desk, one: Definition, scanning: Scanning | None = None) -> Plan:
    return desk.plan(one, scanning=scanning).plan


def test_counts_stand_beside_the_recipients_of_a_plan(desk: Desk) -> None:
    assert planned(desk, for_all()).desired[0].recipients["count"] == 250
    assert "count" not in planned(desk, define()).desired[0].recipients
    assert planned(desk, define(), lambda _: None).desired[0].recipients["count"] == 150
    assert planned(desk, for_group()).desired[0].recipients["count"] == 24


def test_a_failed_count_is_a_notice_of_the_plan(desk: Desk) -> None:
    desk.sandbox.faults.add(Fault("refuse", "GET", CONTACTS, code="FORBIDDEN", status=403))
    plan = planned(desk, for_all())
    assert len(plan.notices) == 1
    assert "count" not in plan.desired[0].recipients


def more_contacts(desk: Desk, number: int) -> None:
    for each in range(number):
        desk.sandbox.store.put("contact", {"id": f"new-{each}", "tags": ["client"], "name": "New", "phone": f"+{each}"})


@pytest.mark.parametrize("more, lines", [(25, 0), (26, 1)])
def test_an_audience_of_everybody_that_grew_over_a_tenth_is_said(desk: Desk, more: int, lines: int) -> None:
    plan = planned(desk, for_all())
    more_contacts(desk, more)
    growth = desk.recheck(plan).growth
    assert len(growth) == lines
    if lines:
        assert growth == ("spring: its audience grew from 250 to 276 contacts (+10 %) since the plan was made",)


def test_an_audience_by_tag_is_counted_again_only_when_asked(desk: Desk) -> None:
    plan = planned(desk, define(), lambda _: None)
    more_contacts(desk, 30)
    assert desk.recheck(plan).growth == (
        "audiences by tag were counted for the plan, and not again: --count-tags does",
    )
    assert desk.recheck(plan, scanning=lambda _: None).growth == (
        "spring: its audience grew from 150 to 180 contacts (+20 %) since the plan was made",
    )


def test_a_group_that_grew_is_said(desk: Desk) -> None:
    plan = planned(desk, for_group())
    assert desk.recheck(plan).growth == ()
    group = desk.sandbox.store.get("group", sample_id("group", "VIP Paris"))
    assert group is not None
    desk.sandbox.store.put("group", {**group, "contactCount": 240})
    assert desk.recheck(plan).growth == (
        "spring: its audience grew from 24 to 240 contacts (+900 %) since the plan was made",
    )


def test_groups_are_read_again_only_where_one_is_written_to(desk: Desk) -> None:
    plan = planned(desk, for_all())
    desk.recheck(plan)
    assert "/contacts/groups" not in desk.paths()


def test_what_cannot_be_counted_again_is_said_and_keeps_nothing_back(desk: Desk) -> None:
    groups, everybody = planned(desk, for_group()), planned(desk, for_all())
    desk.sandbox.faults.add(Fault("refuse", "GET", "^/contacts", code="FORBIDDEN", status=403, times=2))
    (line,) = desk.recheck(groups).growth
    assert line.startswith("contact groups could not be counted again: list groups: ")
    (line,) = desk.recheck(everybody).growth
    assert line.startswith("how many contacts there are could not be counted: ")
