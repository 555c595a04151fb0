"""Labels to ids, and what people are told when a label does not fit."""

from typing import Any

import pytest

from msgflash_gitops.model.account import Group, Instance, Template
from msgflash_gitops.model.definition import Audience, Recipients, TemplateContent
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.plan import Desired
from msgflash_gitops.model.source import FieldPath, Source
from msgflash_gitops.planning.resolve import Account, resolve
from tests.support.builders import INSTANCE, definition

TEMPLATE = Template(
    "t1", "Spring promo", "text", "Hi {{contact.firstName}} {{custom.code}}", None, ("contact.firstName", "custom.code")
)
GROUP = Group("g1", "VIP Paris", 24)
POSITIONS: dict[FieldPath, tuple[int, int]] = {
    ("instance",): (3, 1),
    ("template",): (5, 1),
    ("variables",): (6, 1),
    ("variables", "old"): (7, 3),
}


def resolved(account: Account, **changes: Any) -> tuple[list[Desired], list[Finding]]:
    source = Source("campaigns/a.yaml", 1, 1, POSITIONS)
    found = resolve([definition(source=source, **changes)], account, project="crm", timezone="Europe/Paris")
    return list(found.desired), list(found.findings)


def one_finding(account: Account, **changes: Any) -> Finding:
    _, findings = resolved(account, **changes)
    assert len(findings) == 1
    return findings[0]


def test_an_exact_label_becomes_an_id() -> None:
    found, findings = resolved(Account((INSTANCE, Instance("i2", "Boutique", None, "connected"))))
    assert found[0].body["instanceId"] == INSTANCE.id
    assert findings == []


def test_another_case_is_a_warning() -> None:
    finding = one_finding(Account((INSTANCE,)), instance="BOUTIQUE")
    assert (finding.rule, finding.severity, finding.line) == ("instance-case", Severity.WARNING, 3)


def test_an_unknown_label_names_the_nearest_at_its_line() -> None:
    finding = one_finding(Account((INSTANCE,)), instance="boutik")
    assert (finding.rule, finding.line, finding.column) == ("instance-unknown", 3, 1)
    assert finding.hint == "did you mean 'boutique'?"


def test_an_account_without_instances_says_what_to_do() -> None:
    assert "dashboard" in str(one_finding(Account(())).hint)


def test_two_with_one_label_are_shown_with_their_numbers() -> None:
    twin = Instance("i2", "boutique", "+33639980002", "connected")
    finding = one_finding(Account((INSTANCE, twin)))
    assert finding.rule == "instance-ambiguous"
    assert "+33639980001, +33639980002" in finding.message


@pytest.mark.parametrize("status", ["disconnected", "connecting"])
def test_an_instance_that_is_not_connected_is_a_warning(status: str) -> None:
    found, findings = resolved(Account((Instance("i1", "boutique", "+336", status),)))
    assert [finding.rule for finding in findings] == ["instance-not-connected"]
    assert status in found[0].warnings[0]


def test_template_and_group_by_label() -> None:
    account = Account((INSTANCE,), (TEMPLATE,), (GROUP,))
    found, findings = resolved(
        account,
        content=TemplateContent("Spring promo", None, {"code": "X"}),
        recipients=Recipients(Audience.GROUP, group="VIP Paris"),
    )
    assert findings == []
    assert (found[0].body["templateId"], found[0].body["variables"]) == ("t1", {"code": "X"})
    assert found[0].body["recipients"] == {"type": "group", "groupId": "g1"}
    assert found[0].recipients["count"] == 24


def test_missing_and_unused_variables_are_found_at_their_lines() -> None:
    _, findings = resolved(Account((INSTANCE,), (TEMPLATE,)), content=TemplateContent("Spring promo", None, {"old": 1}))
    assert [(finding.rule, finding.line) for finding in findings] == [
        ("template-variable-missing", 6),
        ("template-variable-unused", 7),
    ]


def test_an_unknown_template_id_is_an_error() -> None:
    finding = one_finding(Account((INSTANCE,), (TEMPLATE,)), content=TemplateContent(None, "nowhere"))
    assert finding.rule == "template-unknown"


def test_one_bad_definition_leaves_the_others() -> None:
    found = resolve(
        [definition("a", instance="nope"), definition("b")], Account((INSTANCE,)), project="crm", timezone=None
    )
    assert [one.key for one in found.desired] == ["b"]


def test_the_request_body_is_the_vendors() -> None:
    found, _ = resolved(Account((INSTANCE,)))
    body = dict(found[0].body)
    assert body.pop("name") == f"Spring [crm/spring@{found[0].digest}]"
    assert body == {
        "instanceId": INSTANCE.id,
        "schedule": "2027-03-11T12:00:00.000Z",
        "recipients": {"type": "tags", "value": ["client"]},
        "type": "text",
        "body": "Hello",
    }
