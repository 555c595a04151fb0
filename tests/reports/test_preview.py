"""`preview`: what a recipient sees, offline."""

import re
from pathlib import Path

import pytest
from hypothesis import given

from msgflash_gitops.model.definition import DirectContent, TemplateContent
from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.reports.html import preview_html
from msgflash_gitops.reports.preview import card_of, preview_text
from msgflash_gitops.reports.style import Style
from tests.reports.hostile import texts
from tests.reports.samples import SGR, acting
from tests.support.builders import definition
from tests.support.project import PROJECT_FILE, Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path, {})
    made.write("msgflash.yaml", PROJECT_FILE)
    return made


def test_the_bubble_holds_what_people_see(repository: Repository) -> None:
    body = "Hello {{contact.firstName}}, *20 %* off"
    repository.campaign("spring", body=f'"{body}"')
    done = repository.run("preview", "spring")
    assert done.code == 0
    assert "│ Hello Camille, 20 % off │" in done.out
    assert "│ 09:00" in done.out
    assert f"body: {len(body)} of 4096 characters" in done.out
    assert "{{contact.firstName}} is shown as 'Camille', a sample" in done.out


def test_all_without_keys_and_in_the_order_asked_for(repository: Repository) -> None:
    for key in ("a", "b", "c"):
        repository.campaign(key, name=key.upper(), body=f"of {key}")
    assert re.findall(r"of ([abc]) ", repository.run("preview").out) == ["a", "b", "c"]
    assert re.findall(r"of ([abc]) ", repository.run("preview", "c", "a").out) == ["c", "a"]


def test_an_unknown_key_names_the_nearest(repository: Repository) -> None:
    repository.campaign("spring")
    done = repository.run("preview", "sprung")
    assert done.code == 1 and done.out == ""
    assert "'sprung'" in done.err and "did you mean 'spring'?" in done.err


def test_faulty_definitions_are_told_and_the_others_shown(repository: Repository) -> None:
    repository.campaign("good", body="fine")
    repository.write("campaigns/bad.yaml", "name: x\nmediaUrl: x\n")
    done = repository.run("preview")
    assert done.code == 1
    assert "fine" in done.out
    assert "campaigns/bad.yaml" in done.err and "error[" in done.err
    assert repository.run("preview", "bad").code == 1


def test_the_page_is_written_where_asked(repository: Repository) -> None:
    repository.campaign(body="'<script>alert(1)</script>'")
    done = repository.run("preview", "--format", "html", "--out", "page.html")
    assert (done.code, done.out) == (0, "")
    page = (repository.root / "page.html").read_text()
    assert "&lt;script&gt;" in page and "<script" not in page
    assert repository.run("preview", "--format", "html").out == page
    assert repository.run("preview", "--format", "html", "--out", "no/such/page.html").code == 1


def test_a_template_is_not_known_offline() -> None:
    card = card_of(definition(content=TemplateContent(template="Promo", variables={"code": "X"})), None)
    shown = preview_text([card], Style())
    assert "[the text of the template Promo]" in shown
    assert "not known offline" in shown and '{{custom.code}} is "X"' in shown


def test_what_is_too_long_says_so() -> None:
    shown = preview_text([card_of(definition(body="x" * 5000), None)], Style())
    assert "body: 5000 of 4096 characters, WhatsApp's limit is 4096" in shown


@given(texts)
def test_no_text_acts_and_every_bubble_is_closed(value: str) -> None:
    content: JsonObject = {"title": value, "description": value, "footer": value, "buttons": [{"displayText": value}]}
    card = card_of(definition(name=value, content=DirectContent("buttons", content)), None)
    assert not acting(preview_text([card], Style()))
    assert not acting(SGR.sub("", preview_text([card], Style(enabled=True))))
    rows = [row for row in preview_text([card], Style()).splitlines() if row.startswith("  │")]
    assert rows and all(row.endswith("│") for row in rows)
    page = preview_html([card], "crm")
    assert "<script>" not in page and "<img" not in page
