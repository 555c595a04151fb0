"""What is read as it was meant: the traps of YAML 1.1, and everything that a definition may hold."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from msgflash_gitops.files.definitions import load_definitions, load_documents
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
from msgflash_gitops.model.project import Project, Workspace

ROOT = Path(__file__).parents[2]
PROJECT = Project("/", "crm", timezone="Europe/Paris")
HEAD = "name: Spring\ninstance: boutique\nschedule: 2031-04-15T09:00:00\nrecipients: {type: tags, value: [client]}\n"


def read(text: str | bytes) -> Definition:
    data = text.encode() if isinstance(text, str) else text
    found = load_documents({"campaigns/a.yaml": data}, PROJECT)
    assert found.findings == ()
    (definition,) = found.definitions
    return definition


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("10:00", "10:00"),
        ("12:30:45", "12:30:45"),
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("2031-04-15", "2031-04-15"),
        ("2031-04-15T09:00:00", "2031-04-15T09:00:00"),
        ("+33 6 39 98 00 01", "+33 6 39 98 00 01"),
        ("+33639980001", "+33639980001"),
        ("0639980001", "0639980001"),
        ("1_000", "1_000"),
        ("'no'", "no"),
        ('"a\\nb"', "a\nb"),
        ("|\n  one\n  two", "one\ntwo\n"),
        (">-\n  one\n  two", "one two"),
        ("Hello # a comment", "Hello"),
        ("Hello#no comment", "Hello#no comment"),
        ("été 🌞", "été 🌞"),
        ("20 % off", "20 % off"),
        ("'*bold*'", "*bold*"),
        ("=", "="),
        ("<<", "<<"),
    ],
)
def test_a_body_is_the_text_that_was_written(written: str, meant: str) -> None:
    content = read(f"{HEAD}type: text\nbody: {written}\n").content
    assert isinstance(content, DirectContent)
    assert content.fields["body"] == meant


def test_variables_are_sent_as_written() -> None:
    text = "template: Promo\nvariables: {code: 007, price: 1.50, answer: no, at: 10:30, big: 1e3, word: x}\n"
    content = read(HEAD + text).content
    assert isinstance(content, TemplateContent)
    written = {"code": "007", "price": "1.50", "answer": "no", "at": "10:30", "big": "1e3", "word": "x"}
    assert dict(content.variables) == written


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_line_endings_and_a_mark_at_the_start(ending: str) -> None:
    text = f"{HEAD}type: text\nbody: Hello\n".replace("\n", ending)
    assert read(b"\xef\xbb\xbf" + text.encode()).content == read(f"{HEAD}type: text\nbody: Hello\n").content


@pytest.mark.parametrize(
    ("schedule", "instant"),
    [
        ("2031-04-15T09:00:00", datetime(2031, 4, 15, 7, tzinfo=UTC)),
        ("2031-01-15T09:00", datetime(2031, 1, 15, 8, tzinfo=UTC)),
        ("'2031-04-15T09:00:00'", datetime(2031, 4, 15, 7, tzinfo=UTC)),
        ("2031-04-15T09:00:00Z", datetime(2031, 4, 15, 9, tzinfo=UTC)),
        ("2031-04-15T09:00:00.250-03:00", datetime(2031, 4, 15, 12, 0, 0, 250000, tzinfo=UTC)),
        ("2031-10-26T02:30:00\nfold: earlier", datetime(2031, 10, 26, 0, 30, tzinfo=UTC)),
        ("2031-10-26T02:30:00\nfold: later", datetime(2031, 10, 26, 1, 30, tzinfo=UTC)),
        ("2031-04-15T09:00:00\ntimezone: America/Sao_Paulo", datetime(2031, 4, 15, 12, tzinfo=UTC)),
        ("2031-04-15T09:00:00\ntimezone: Asia/Kolkata", datetime(2031, 4, 15, 3, 30, tzinfo=UTC)),
    ],
)
def test_when_it_is_sent(schedule: str, instant: datetime) -> None:
    text = HEAD.replace("2031-04-15T09:00:00", schedule, 1) + "type: text\nbody: Hello\n"
    assert read(text).schedule.instant == instant


def test_anchors_and_documents_within_limits() -> None:
    first = f"key: one\n{HEAD.replace('Spring', '&name Spring')}type: text\nbody: *name\n"
    found = load_documents({"campaigns/a.yaml": f"{first}---\nkey: two\n{HEAD}type: text\nbody: B\n".encode()}, PROJECT)
    assert found.findings == ()
    assert [(each.key, each.source.line) for each in found.definitions] == [("one", 1), ("two", 9)]
    assert found.definitions[0].content == DirectContent("text", {"body": "Spring"})


def test_a_series() -> None:
    text = HEAD + "type: text\nbody: A\nrepeat: weekly\nuntil: 2031-06-30T00:00:00\nrevision: 2\n"
    series = read(text)
    assert (series.repeat, series.revision) == (Repeat.WEEKLY, 2)
    assert series.until == datetime(2031, 6, 29, 22, tzinfo=UTC)


WHOLE = """
# A remark
key: spring-2031
name: Spring
instance: boutique
schedule: 2031-04-15T09:00:00
timezone: America/Sao_Paulo
repeat: daily
until: 2031-05-15T00:00:00
recipients: {type: group, group: Regulars}
paused: true
revision: 3
renamed_from: spring
id: 3FA85F64-5717-4562-b3fc-2c963f66afa6
workspaces: [production, staging]
waive: [{rule: quiet-hours, reason: night shift}, {rule: spacing, reason: one-off}]
type: buttons
title: A title
description: A description
footer: A footer
buttons:
  - {type: reply, displayText: "Yes", id: yes}
  - {type: url, displayText: More, url: https://example.org/}
"""


def test_everything_that_a_definition_may_hold() -> None:
    workspaces = {name: Workspace(name) for name in ("production", "staging")}
    project = Project("/", "crm", timezone="Europe/Paris", workspaces=workspaces)
    found = load_documents({"campaigns/a.yaml": WHOLE.encode()}, project)
    assert {each.rule for each in found.findings} == {"buttons-delivery"}
    (definition,) = found.definitions
    assert definition == Definition(
        key="spring-2031",
        name="Spring",
        instance="boutique",
        schedule=Schedule(datetime(2031, 4, 15, 12, tzinfo=UTC), "America/Sao_Paulo"),
        recipients=Recipients(Audience.GROUP, (), "Regulars", None),
        content=DirectContent(
            "buttons",
            {
                "title": "A title",
                "description": "A description",
                "footer": "A footer",
                "buttons": [
                    {"type": "reply", "displayText": "Yes", "id": "yes"},
                    {"type": "url", "displayText": "More", "url": "https://example.org/"},
                ],
            },
        ),
        source=definition.source,
        repeat=Repeat.DAILY,
        until=datetime(2031, 5, 15, 3, tzinfo=UTC),
        paused=True,
        revision=3,
        renamed_from="spring",
        pinned_id="3FA85F64-5717-4562-b3fc-2c963f66afa6",
        workspaces=("production", "staging"),
        waivers=(Waiver("quiet-hours", "night shift"), Waiver("spacing", "one-off")),
    )
    assert str(definition.source.at()) == "campaigns/a.yaml:3:1"
    assert str(definition.source.at("buttons", 1, "url")) == "campaigns/a.yaml:23:36"
    assert str(definition.source.at("waive", 1)) == "campaigns/a.yaml:16:51"


def test_what_is_left_out_is_none_or_nothing() -> None:
    definition = read(f"{HEAD.replace('type: tags, value: [client]', 'type: all')}template: Promo\n")
    assert definition == Definition(
        key="a",
        name="Spring",
        instance="boutique",
        schedule=Schedule(datetime(2031, 4, 15, 7, tzinfo=UTC), "Europe/Paris"),
        recipients=Recipients(Audience.ALL, (), None, None),
        content=TemplateContent("Promo", None, {}),
        source=definition.source,
        repeat=Repeat.NONE,
        until=None,
        paused=False,
        revision=1,
        renamed_from=None,
        pinned_id=None,
        workspaces=None,
        waivers=(),
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{type: all}", Recipients(Audience.ALL)),
        ("{type: tags, value: [b, a]}", Recipients(Audience.TAGS, ("b", "a"))),
        (
            f"{{type: explicit, value: [{'a' * 8}-1111-4111-8111-{'a' * 12}]}}",
            Recipients(Audience.EXPLICIT, (f"{'a' * 8}-1111-4111-8111-{'a' * 12}",)),
        ),
        (
            f"{{type: group, groupId: {'b' * 8}-1111-4111-8111-{'b' * 12}}}",
            Recipients(Audience.GROUP, (), None, f"{'b' * 8}-1111-4111-8111-{'b' * 12}"),
        ),
    ],
)
def test_who_gets_it(written: str, meant: Recipients) -> None:
    assert read(f"{HEAD.replace('{type: tags, value: [client]}', written)}type: text\nbody: A\n").recipients == meant


def test_a_schedule_with_an_offset_has_no_zone_of_its_own() -> None:
    text = HEAD.replace("2031-04-15T09:00:00", "2031-04-15T09:00:00+02:00")
    assert read(f"{text}type: text\nbody: A\n").schedule == Schedule(datetime(2031, 4, 15, 7, tzinfo=UTC), None)


def test_until_at_a_time_that_happens_twice_is_the_earlier_one() -> None:
    """The clocks of Paris go back at three on 2031-10-26."""
    text = f"{HEAD}type: text\nbody: A\nrepeat: daily\nuntil: 2031-10-26T02:30:00\n"
    assert read(text).until == datetime(2031, 10, 26, 0, 30, tzinfo=UTC)


def test_until_is_read_in_the_schedules_zone_else_in_the_projects() -> None:
    series = f"{HEAD}type: text\nbody: A\nrepeat: daily\nuntil: 2031-05-15T00:00:00\n"
    for schedule, until in (
        ("2031-04-15T09:00:00\ntimezone: Asia/Kolkata", datetime(2031, 5, 14, 18, 30, tzinfo=UTC)),
        ("2031-04-15T09:00:00Z", datetime(2031, 5, 14, 22, tzinfo=UTC)),
    ):
        assert read(series.replace("2031-04-15T09:00:00", schedule, 1)).until == until


def test_the_examples_are_faultless() -> None:
    root = ROOT / "campaigns.example"
    found = load_definitions(Project(str(root), "crm", timezone="Europe/Paris"))
    assert found.findings == ()
    assert len(found.definitions) == found.documents >= 12


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "repository", tmp_path / "outside"
    (inside / "campaigns").mkdir(parents=True)
    outside.mkdir()
    (outside / "theirs.yaml").write_text(f"{HEAD}type: text\nbody: A\n")
    (inside / "campaigns" / "link.yaml").symlink_to(outside / "theirs.yaml")
    (inside / "campaigns" / "folder").symlink_to(outside)
    (inside / "campaigns" / "own.yaml").write_text(f"{HEAD}type: text\nbody: B\n")
    found = load_definitions(Project(str(inside), "crm", timezone="Europe/Paris"))
    assert [each.key for each in found.definitions] == ["own"]
    assert [(each.rule, each.path) for each in found.findings] == [
        ("path-outside-project", "campaigns/folder"),
        ("path-outside-project", "campaigns/link.yaml"),
    ]
