"""What the reports say of recipients, content, instances and labels."""

from typing import Any

import pytest

from msgflash_gitops.model.labels import LabelTable
from msgflash_gitops.model.plan import InstanceRef
from msgflash_gitops.reports.apply import applied_text, result_text
from msgflash_gitops.reports.labels import labels_object, labels_text
from msgflash_gitops.reports.plan_text import plan_text, summary_line
from msgflash_gitops.reports.style import Style
from msgflash_gitops.reports.words import content_lines, instance_words, recipients_words, value_words
from tests.reports.samples import every_result, whole_plan

PLAIN = Style()


@pytest.mark.parametrize(
    ("recipients", "words"),
    [
        ({"type": "all"}, "ALL contacts of the account"),
        ({"type": "tags", "value": ["vip"]}, "tag vip"),
        ({"type": "tags", "value": ["vip", "lyon"]}, "tags vip, lyon"),
        ({"type": "explicit", "value": ["a"]}, "1 contact, listed one by one"),
        ({"type": "explicit", "value": ["a", "b"]}, "2 contacts, listed one by one"),
        ({"type": "group", "group": "VIP", "count": 24}, "group VIP (24 contacts)"),
        ({"type": "group", "groupId": "g1"}, "group g1"),
    ],
)
def test_recipients(recipients: dict[str, Any], words: str) -> None:
    assert recipients_words(recipients) == words


def test_an_instance() -> None:
    assert instance_words(InstanceRef("i", "sav", "+33", "connected")) == "sav (+33, connected)"
    assert instance_words(InstanceRef("i", "sav")) == "sav"


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ({"type": "text", "body": "a\n\nb\n"}, ["text", "│ a", "│ ", "│ b"]),
        ({"type": "image", "mediaUrl": "https://x.example/a.jpg"}, ["image https://x.example/a.jpg"]),
        (
            {"type": "buttons", "title": "T", "description": "D", "footer": "F", "buttons": [{"displayText": "Yes"}]},
            ["buttons", "│ T", "│ D", "│ F", "│ [Yes]"],
        ),
        (
            {"templateId": "t", "template": "Promo", "variables": {"a": 1}, "body": "Hi {{custom.a}}"},
            ['template "Promo" with a=1', "│ Hi {{custom.a}}"],
        ),
    ],
)
def test_content_is_shown_whole(content: dict[str, Any], lines: list[str]) -> None:
    assert content_lines(content) == lines


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "nothing"), ("x", '"x"'), ({"type": "all"}, "ALL contacts of the account"), (5, "5"), (["a"], "['a']")],
)
def test_a_value_in_a_comparison(value: Any, words: str) -> None:
    assert value_words(value) == words


def test_a_plan_names_every_change_its_reason_and_the_flag_that_lifts_a_hold() -> None:
    plan = whole_plan()
    text = plan_text(plan, PLAIN, verbose=True)
    for change in plan.changes:
        assert f" {change.key}  " in text
        assert change.reason in text
    for flag in {change.held_by for change in plan.changes if change.held}:
        assert f"  {flag}" in text
    assert f"Plan: {summary_line(plan)}." in text
    assert "3 campaigns of the account are not managed here" in text
    assert "a notice" in text


def test_what_is_quiet_is_listed_only_when_asked_for() -> None:
    plan = whole_plan()
    assert "past" not in plan_text(plan, PLAIN).replace(f"Plan: {summary_line(plan)}.", "")
    assert "· past" in plan_text(plan, PLAIN, verbose=True)


def test_an_apply_counts_its_outcomes_and_says_what_was_refused() -> None:
    applied = every_result()
    text = applied_text(applied, PLAIN)
    assert "a problem" in text
    assert all(f" {outcome}" in text for outcome in ("done", "failed", "held", "unknown", "recovered", "skipped"))
    failed = next(each for each in applied.results if each.error)
    assert "VALIDATION_ERROR: refused" in result_text(failed, PLAIN) and "hint: look" in result_text(failed, PLAIN)
    assert "MsgFlash warns: warn, risk medium: many" in result_text(failed, PLAIN)


def test_names_of_variables_are_shown_whole_over_several_lines() -> None:
    names = [f"custom.variable_number_{number}" for number in range(7)]
    row = ("Spring promo", "t1", "text", list(names), "Hello")
    table = LabelTable("template", ("label", "id", "type", "variables", "body"), (row, ("VIP", "t2", "text", [], None)))
    lines = labels_text(table, PLAIN).splitlines()
    at = lines[0].index("variables")
    shown = [line[at : lines[0].index("body")].strip() for line in lines[1:5]]
    assert " ".join(shown) == ", ".join(names)
    assert lines[1].endswith("Hello") and all(len(line) <= 60 for line in shown)
    assert [line.startswith(" ") for line in lines] == [False, False, True, True, True, False]


def test_labels() -> None:
    table = LabelTable("group", ("label", "id", "contacts"), (("VIP", "g1", 24), ("A" * 99, "g2", None)))
    head, first, second, end = labels_text(table, PLAIN).split("\n")
    assert head.split() == ["label", "id", "contacts"]
    assert first.split() == ["VIP", "g1", "24"]
    assert second.split() == ["A" * 59 + "…", "g2", "-"]
    assert len({line.index(each) for line, each in ((head, "id"), (first, "g1"), (second, "g2"))}) == 1
    assert end == ""
    assert labels_text(LabelTable("group", ("label",), ()), PLAIN) == "no groups\n"
    assert labels_object(table)["groups"] == [
        {"label": "VIP", "id": "g1", "contacts": 24},
        {"label": "A" * 99, "id": "g2", "contacts": None},
    ]
