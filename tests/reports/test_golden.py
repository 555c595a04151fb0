"""Every report of a rich sample, against what was read and found right: `python -m tests.reports.test_golden` writes the files anew."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from msgflash_gitops import __version__
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
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.labels import LabelTable
from msgflash_gitops.model.project import Project
from msgflash_gitops.model.validation import Validation
from msgflash_gitops.planning.codec import encode
from msgflash_gitops.planning.revision import Comparison, Edition, compare
from msgflash_gitops.reports.apply import applied_object, applied_text, result_text
from msgflash_gitops.reports.diff import diff_text
from msgflash_gitops.reports.diff_json import diff_object
from msgflash_gitops.reports.diff_markdown import diff_markdown
from msgflash_gitops.reports.github import annotations, step_summary
from msgflash_gitops.reports.gitlab import gitlab_object
from msgflash_gitops.reports.html import plan_html, preview_html
from msgflash_gitops.reports.labels import labels_object, labels_text
from msgflash_gitops.reports.plan_json import plan_object
from msgflash_gitops.reports.plan_markdown import Context, plan_markdown
from msgflash_gitops.reports.plan_text import plan_text
from msgflash_gitops.reports.preview import card_of, preview_text
from msgflash_gitops.reports.review import review
from msgflash_gitops.reports.sarif import sarif_object
from msgflash_gitops.reports.style import Style
from msgflash_gitops.reports.validate import validation_object, validation_text
from tests.reports.samples import account_of, every_result, whole_plan
from tests.support.builders import AHEAD, NOW, definition

GOLDEN = Path(__file__).parent / "golden"
DAY = timedelta(days=1)
PARIS = Schedule(AHEAD, "Europe/Paris")
FORMATTED = (
    "*Hello* {{contact.firstName}}, _20 %_ ~off~ `CODE`!\n\n> a quote\n- one\n- two\n1. first\n"
    "See https://shop.example/spring and write to {{contact.unknown}}.\n```all\nof it```"
)
BUTTONS: list[Json] = [
    {"type": "reply", "displayText": "Yes, gladly", "id": "yes"},
    {"type": "url", "displayText": "More", "url": "https://shop.example/"},
]


def definitions() -> list[Definition]:
    """Every kind of content and of recipients."""
    media = "https://cdn.example/a.jpg"
    return [
        definition("text", schedule=PARIS, content=DirectContent("text", {"body": FORMATTED})),
        definition("long", recipients=Recipients(Audience.ALL), body="A sentence that goes on. " * 9),
        definition(
            "image",
            recipients=Recipients(Audience.EXPLICIT, ("c1", "c2")),
            content=DirectContent("image", {"mediaUrl": media, "body": "A caption"}),
        ),
        definition("voice", content=DirectContent("voice_note", {"mediaUrl": "https://cdn.example/a.ogg"})),
        definition(
            "buttons",
            recipients=Recipients(Audience.GROUP, (), "Newsletter"),
            repeat=Repeat.WEEKLY,
            content=DirectContent(
                "buttons", {"title": "Longer evenings", "description": "Shall we?", "footer": "Ana", "buttons": BUTTONS}
            ),
        ),
        definition(
            "template",
            recipients=Recipients(Audience.GROUP, (), None, "g1"),
            content=TemplateContent("Promo", None, {"code": "SPRING", "days": 3}),
        ),
        definition("by-id", content=TemplateContent(None, "t1")),
    ]


def comparison() -> Comparison:
    """Every kind of change, in every field."""
    then = Project("/", "crm", timezone="Europe/Paris")
    edited = definition("edited", schedule=PARIS, body="One\nTwo\nThree", name="Before")
    changed = replace(
        edited,
        name="After",
        instance="elsewhere",
        schedule=Schedule(AHEAD + DAY + timedelta(hours=2), "Europe/Paris"),
        recipients=Recipients(Audience.ALL),
        content=DirectContent("text", {"body": "One\n*2*\nThree"}),
        paused=True,
        revision=2,
        waivers=(Waiver("same-send", "on purpose"),),
    )
    series = definition("series", schedule=PARIS, repeat=Repeat.DAILY, until=AHEAD + 30 * DAY)
    before = [
        edited,
        series,
        definition("remark", name="Remark"),
        definition("old", name="Renamed"),
        definition("gone", name="Gone", at=NOW - DAY),
        definition("file", name="Moved", body="Same"),
        definition("broken", name="Broken"),
        definition("same", name="Same"),
        definition("template", content=TemplateContent("Promo", None, {"code": "A"})),
    ]
    after = [
        changed,
        replace(series, repeat=Repeat.WEEKLY, until=AHEAD + 60 * DAY),
        definition("remark", name="Remark", pinned_id="p1"),
        definition("new-key", name="Renamed", renamed_from="old"),
        definition("new-file", name="Moved", body="Same"),
        definition(
            "added",
            name="Added",
            content=DirectContent("buttons", {"title": "T", "description": "D", "buttons": BUTTONS}),
        ),
        definition("same", name="Same"),
        definition("template", content=TemplateContent("Promo", None, {"code": "B", "more": 1})),
        definition("paused", name="Paused", paused=True, workspaces=("staging",)),
    ]
    wrong = Finding("schema-type", "`name` must be text", "campaigns/broken.yaml", 3, 1, key="broken", hint="quote it")
    warned = Finding("repeat-noe", "`noe` is read as `none`", "campaigns/a.yaml", 2, 1, Severity.WARNING)
    now = replace(then, name="shop", timezone="Europe/Lisbon", campaigns="marketing")
    seen = compare(Edition(tuple(before), (), then), Edition(tuple(after), (wrong,), now))
    return Comparison(
        "shop",
        "0123abcd" * 5,
        "the merge base with origin/main",
        True,
        "f" * 40,
        NOW,
        "Europe/Paris",
        seen,
        (wrong, warned),
        (wrong,),
    )


VALIDATION = Validation(
    (
        Finding(
            "instance-uuid",
            "an instance is named by its label",
            "campaigns/a.yaml",
            2,
            1,
            hint="see the labels",
            key="a",
        ),
        Finding("repeat-noe", "`noe` is read as `none`", "campaigns/a.yaml", 3, 5, Severity.WARNING, "write none", "a"),
        Finding("yaml-syntax", "found a tab | here", "campaigns/b & c.yaml", 9, 2),
        Finding("yaml-syntax", "found a tab | here", "campaigns/b & c.yaml", 12, 2),
    ),
    5,
    3,
)
PLAN = whole_plan()
LIVE = account_of({one.key: one for one in PLAN.desired})
FINE = Validation((), 1, 1)
LABELS = LabelTable(
    "instance",
    ("label", "number", "status", "size", "id"),
    (("boutique", "+33639980001", "connected", 250, "i1"), ("Atelier été", None, "disconnected", 0, "i2")),
)


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _preview(style: Style) -> str:
    return preview_text([card_of(each, "Europe/Paris") for each in definitions()], style)


def _applied(style: Style) -> str:
    done = every_result()
    return "\n".join([*(result_text(each, style) for each in done.results), applied_text(done, style)])


WRITERS: dict[str, Callable[[], str]] = {
    "plan.txt": lambda: plan_text(PLAN, Style()),
    "plan-verbose.txt": lambda: plan_text(PLAN, Style(), verbose=True),
    "plan-colour.txt": lambda: plan_text(PLAN, Style(enabled=True)),
    "plan.md": lambda: plan_markdown(review(PLAN, LIVE), Context("0" * 64, 7)),
    "plan.json": lambda: _json(encode(plan_object(PLAN, digest="0" * 64, requests=7))),
    "plan.html": lambda: plan_html(review(PLAN, LIVE), LIVE, "0" * 64, 7),
    "diff.txt": lambda: diff_text(comparison(), Style()),
    "diff-colour.txt": lambda: diff_text(comparison(), Style(enabled=True)),
    "diff.md": lambda: diff_markdown(comparison()),
    "diff.json": lambda: _json(diff_object(comparison())),
    "preview.txt": lambda: _preview(Style()),
    "preview-colour.txt": lambda: _preview(Style(enabled=True)),
    "preview.html": lambda: preview_html([card_of(each, None) for each in definitions()], "crm"),
    "validate.txt": lambda: validation_text(VALIDATION, Style()),
    "validate-colour.txt": lambda: validation_text(VALIDATION, Style(enabled=True)),
    "validate-fine.txt": lambda: validation_text(FINE, Style()),
    "validate.json": lambda: _json([validation_object(each) for each in (VALIDATION, FINE)]),
    "validate.github.txt": lambda: annotations(VALIDATION, "teams/crm"),
    "validate.github.md": lambda: step_summary(VALIDATION, "teams/crm"),
    "validate.gitlab.json": lambda: _json(gitlab_object(VALIDATION.findings, "teams/crm")),
    "validate.sarif.json": lambda: _json(_results(sarif_object(VALIDATION.findings, "teams/crm"))),
    "labels.txt": lambda: labels_text(LABELS, Style()),
    "labels-colour.txt": lambda: labels_text(LABELS, Style(enabled=True)),
    "labels.json": lambda: _json(labels_object(LABELS)),
    "apply.txt": lambda: _applied(Style()),
    "apply-colour.txt": lambda: _applied(Style(enabled=True)),
    "apply.json": lambda: _json(applied_object(every_result(), ok=False, requests=7, notices=("a notice",))),
}


def _results(document: Any) -> Any:
    """Without the rules, which are a table of their own."""
    return document["runs"][0]["results"]


def _written(name: str) -> bytes:
    """The same in every release."""
    return WRITERS[name]().replace(f"msgflash-gitops {__version__}", "msgflash-gitops VERSION").encode()


@pytest.mark.parametrize("name", WRITERS)
def test_as_it_was_read(name: str) -> None:
    assert _written(name) == (GOLDEN / name).read_bytes()


if __name__ == "__main__":
    for golden in WRITERS:
        (GOLDEN / golden).write_bytes(_written(golden))
