"""A definition and the account's labels: exactly what is sent, what reviewers are shown, and what they are told of labels."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from msgflash_gitops.model.account import Group, Instance, Template
from msgflash_gitops.model.definition import (
    Audience,
    DirectContent,
    Recipients,
    Repeat,
    Schedule,
    TemplateContent,
    Waiver,
)
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.plan import Desired, InstanceRef
from msgflash_gitops.model.source import FieldPath, Position, Source
from msgflash_gitops.planning.resolve import Account, Resolution, needs_groups, needs_templates, resolve
from tests.support.builders import INSTANCE, definition
from tests.support.findings import told

TEMPLATE = Template(
    "AAAAAAAA-0000-4000-8000-000000000001",
    "Spring promo",
    "image",
    "Hi {{contact.firstName}}, {{custom.code}} for {{custom.days}} days",
    "https://example.org/a.png",
    ("contact.firstName", "custom.code", "custom.days"),
)
PLAIN = Template("AAAAAAAA-0000-4000-8000-000000000002", "Plain")
GROUP = Group("BBBBBBBB-0000-4000-8000-000000000001", "VIP Paris", 24)
UNCOUNTED = Group("BBBBBBBB-0000-4000-8000-000000000002", "Uncounted")
ACCOUNT = Account((INSTANCE,), (TEMPLATE, PLAIN), (GROUP, UNCOUNTED))
POSITIONS: dict[FieldPath, tuple[int, int]] = {
    ("instance",): (2, 1),
    ("recipients",): (3, 1),
    ("recipients", "group"): (3, 14),
    ("recipients", "groupId"): (3, 24),
    ("template",): (4, 1),
    ("templateId",): (5, 1),
    ("variables",): (6, 1),
    ("variables", "old"): (7, 3),
}
SOURCE = Source("campaigns/spring.yaml", 1, 1, POSITIONS)


def resolved(account: Account = ACCOUNT, **changes: Any) -> Resolution:
    one = definition(**{"source": SOURCE, **changes})
    return resolve([one], account, project="crm", timezone="Europe/Paris")


def one(account: Account = ACCOUNT, **changes: Any) -> Desired:
    found = resolved(account, **changes)
    assert found.findings == ()
    return found.desired[0]


def words(account: Account = ACCOUNT, **changes: Any) -> list[str]:
    return told(resolved(account, **changes).findings)


def test_everything_that_is_known_of_it() -> None:
    at = datetime(2031, 4, 15, 9, tzinfo=timezone(timedelta(hours=2)))
    found = one(
        name="Spring",
        schedule=Schedule(at, "America/Sao_Paulo"),
        repeat=Repeat.WEEKLY,
        until=datetime(2031, 6, 1, tzinfo=UTC),
        paused=True,
        revision=3,
        renamed_from="old",
        pinned_id="p1",
        waivers=(Waiver("spacing", "why"),),
    )
    fields: dict[str, Json] = {
        "instanceId": INSTANCE.id,
        "schedule": "2031-04-15T07:00:00.000Z",
        "repeat": "weekly",
        "recipients": {"type": "tags", "value": ["client"]},
        "type": "text",
        "body": "Hello",
    }
    assert found == Desired(
        key="spring",
        name="Spring",
        digest=found.digest,
        fields=fields,
        body={**fields, "name": f"Spring [crm/spring@{found.digest}]"},
        anchor=datetime(2031, 4, 15, 7, tzinfo=UTC),
        timezone="America/Sao_Paulo",
        instance=InstanceRef(INSTANCE.id, "boutique", "+33639980001", "connected"),
        recipients={"type": "tags", "value": ["client"]},
        content={"type": "text", "body": "Hello"},
        source=Position("campaigns/spring.yaml", 1, 1),
        series_timezone="America/Sao_Paulo",
        until=datetime(2031, 6, 1, tzinfo=UTC),
        paused=True,
        revision=3,
        renamed_from="old",
        pinned_id="p1",
        waivers=(Waiver("spacing", "why"),),
    )
    assert found.anchor.tzinfo is UTC


def test_the_zone_for_peoples_eyes() -> None:
    """Its own, else the project's, else UTC; a schedule with an offset follows no zone's clocks."""
    at = Schedule(datetime(2031, 4, 15, 7, tzinfo=UTC), None)
    assert (one(schedule=at).timezone, one(schedule=at).series_timezone) == ("Europe/Paris", None)
    (without,) = resolve([definition(schedule=at)], ACCOUNT, project="crm", timezone=None).desired
    assert without.timezone == "UTC"


def test_what_does_not_repeat_says_nothing_of_it_to_the_vendor() -> None:
    assert "repeat" not in one().body
    assert one().fields["repeat"] == "none"
    assert one(repeat=Repeat.DAILY).body["repeat"] == "daily"


@pytest.mark.parametrize(
    ("recipients", "sent", "shown"),
    [
        (Recipients(Audience.ALL), {"type": "all"}, {"type": "all"}),
        (
            Recipients(Audience.TAGS, ("vip", "client")),
            {"type": "tags", "value": ["vip", "client"]},
            {"type": "tags", "value": ["vip", "client"]},
        ),
        (
            Recipients(Audience.EXPLICIT, ("c1", "c2")),
            {"type": "explicit", "value": ["c1", "c2"]},
            {"type": "explicit", "value": ["c1", "c2"], "count": 2},
        ),
        (
            Recipients(Audience.GROUP, (), "VIP Paris"),
            {"type": "group", "groupId": GROUP.id},
            {"type": "group", "groupId": GROUP.id, "group": "VIP Paris", "count": 24},
        ),
        (
            Recipients(Audience.GROUP, (), None, UNCOUNTED.id.lower()),
            {"type": "group", "groupId": UNCOUNTED.id},
            {"type": "group", "groupId": UNCOUNTED.id, "group": "Uncounted"},
        ),
    ],
)
def test_recipients(recipients: Recipients, sent: object, shown: object) -> None:
    found = one(recipients=recipients)
    assert (found.body["recipients"], found.recipients) == (sent, shown)


@pytest.mark.parametrize("named", [("Spring promo", None), (None, TEMPLATE.id.lower())])
def test_a_template(named: tuple[str | None, str | None]) -> None:
    found = one(content=TemplateContent(*named, {"code": "X", "days": 3}))
    assert {name: found.body[name] for name in ("templateId", "variables")} == {
        "templateId": TEMPLATE.id,
        "variables": {"code": "X", "days": 3},
    }
    assert not {"type", "body", "mediaUrl", "template"} & {*found.body}
    assert found.fields["templateId"] == TEMPLATE.id.lower()
    assert found.content == {
        "templateId": TEMPLATE.id,
        "template": "Spring promo",
        "variables": {"code": "X", "days": 3},
        "body": TEMPLATE.body,
        "mediaUrl": TEMPLATE.media_url,
    }


def test_a_template_without_variables() -> None:
    found = one(content=TemplateContent("Plain"))
    assert "variables" not in found.body, "an empty mapping is not sent"
    assert found.fields["variables"] == {}
    assert found.content == {"templateId": PLAIN.id, "template": "Plain", "variables": {}}


def test_direct_content_is_sent_as_it_is_written() -> None:
    fields: dict[str, Json] = {
        "title": "T",
        "description": "D",
        "footer": "F",
        "buttons": [{"type": "reply", "displayText": "Y", "id": "y"}],
    }
    found = one(content=DirectContent("buttons", fields))
    assert {name: found.body[name] for name in ("type", *fields)} == {"type": "buttons", **fields}
    assert found.content == {"type": "buttons", **fields}
    assert "variables" not in found.fields


class TestWords:
    def test_an_unknown_label(self) -> None:
        assert words(instance="boutik") == [
            "2:1 instance-unknown of spring",
            "    no instance 'boutik' in this account",
            "    -> did you mean 'boutique'?",
        ]

    def test_one_that_resembles_nothing_is_told_what_there_is(self) -> None:
        others = tuple(Instance(f"i{n}", f"shop {n:02}", None, "connected") for n in range(10))
        account = replace(ACCOUNT, instances=(INSTANCE, *others))
        assert words(account, instance="zzzzzz")[-1] == (
            "    -> the account has 'boutique', 'shop 00', 'shop 01', 'shop 02', 'shop 03', 'shop 04', 'shop 05', 'shop 06' and 3 more"
        )
        assert words(replace(ACCOUNT, instances=others[:8]), instance="zzzzzz")[-1].endswith("'shop 07'")

    def test_an_account_that_has_none(self) -> None:
        group = Recipients(Audience.GROUP, (), "VIP")
        assert words(Account((INSTANCE,)), recipients=group) == [
            "3:14 group-unknown of spring",
            "    no contact group 'VIP' in this account",
            "    -> the account has no contact group: create one in the MsgFlash dashboard",
        ]

    def test_another_case(self) -> None:
        assert words(instance=" BOUTIQUE ") == [
            "2:1 instance-case (warning) of spring",
            "    instance ' BOUTIQUE ' is written 'boutique' in MsgFlash",
            "    -> write 'boutique'",
        ]
        assert resolved(instance="BOUTIQUE").desired[0].warnings == (
            "instance 'BOUTIQUE' is written 'boutique' in MsgFlash",
        )

    def test_the_exact_label_counts_more_than_one_in_another_case(self) -> None:
        account = replace(ACCOUNT, instances=(Instance("i2", "Boutique", None, "connected"), INSTANCE))
        assert one(account).instance.id == INSTANCE.id
        assert words(account, instance="BOUTIQUE") == [
            "2:1 instance-ambiguous of spring",
            "    2 instances bear the label 'BOUTIQUE': +33639980001, i2",
            "    -> give them different names in MsgFlash",
        ]

    def test_two_templates_of_one_name_can_be_told_by_id(self) -> None:
        account = replace(ACCOUNT, templates=(PLAIN, Template("t2", "Plain")))
        assert words(account, content=TemplateContent("Plain")) == [
            "4:1 template-ambiguous of spring",
            f"    2 templates bear the label 'Plain': {PLAIN.id}, t2",
            "    -> give them different names in MsgFlash, or use templateId",
        ]

    def test_an_id_that_is_not_there(self) -> None:
        assert words(content=TemplateContent(None, "nowhere"))[:2] == [
            "5:1 template-unknown of spring",
            "    no template 'nowhere' in this account",
        ]
        assert words(recipients=Recipients(Audience.GROUP, (), None, "nowhere"))[:2] == [
            "3:24 group-unknown of spring",
            "    no contact group 'nowhere' in this account",
        ]

    @pytest.mark.parametrize("status", ["disconnected", "connecting"])
    def test_an_instance_that_is_not_connected(self, status: str) -> None:
        account = replace(ACCOUNT, instances=(replace(INSTANCE, status=status),))
        assert words(account) == [
            "2:1 instance-not-connected (warning) of spring",
            f"    instance 'boutique' is {status}, nothing can be sent from it now",
            "    -> connect it in the MsgFlash dashboard before the campaign starts",
        ]
        assert resolved(account).desired[0].instance.status == status

    def test_variables_that_are_missing_or_not_used(self) -> None:
        assert words(content=TemplateContent("Spring promo", None, {"code": "X", "old": 1})) == [
            "6:1 template-variable-missing of spring",
            "    template 'Spring promo' uses {{custom.days}}, which is not set",
            "    -> add `days: …` under `variables:`",
            "7:3 template-variable-unused of spring",
            "    template 'Spring promo' does not use the variable 'old'",
            "    -> it uses code, days",
        ]
        assert (
            words(content=TemplateContent("Plain", None, {"old": 1}))[-1]
            == "    -> it has no custom variables: remove it"
        )
        assert resolved(content=TemplateContent("Plain", None, {"old": 1})).desired == ()

    def test_everything_that_is_wrong_is_said_at_once_and_in_order(self) -> None:
        both = [
            definition("b", instance="nope", source=Source("campaigns/b.yaml")),
            definition("a", instance="nope", content=TemplateContent("nope"), source=Source("campaigns/a.yaml")),
            definition("good"),
        ]
        found = resolve(both, ACCOUNT, project="crm", timezone=None)
        assert [(each.path, each.rule) for each in found.findings] == [
            ("campaigns/a.yaml", "instance-unknown"),
            ("campaigns/a.yaml", "template-unknown"),
            ("campaigns/b.yaml", "instance-unknown"),
        ]
        assert [each.key for each in found.desired] == ["good"]


def test_templates_and_groups_are_asked_for_only_where_they_are_used() -> None:
    template, group = TemplateContent("x"), Recipients(Audience.GROUP, (), "g")
    assert not needs_templates([definition()]) and not needs_groups([definition()])
    assert needs_templates([definition(), definition(content=template)])
    assert needs_groups([definition(), definition(recipients=group)])
    assert not needs_templates([]) and not needs_groups([definition(content=template)])
