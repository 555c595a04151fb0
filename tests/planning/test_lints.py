"""Each lint on the texts it is for, and on those that only look like them."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgflash_gitops.files.definitions import load_documents
from msgflash_gitops.model.definition import Audience, Definition, DirectContent, Recipients, TemplateContent, Waiver
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.project import Project
from msgflash_gitops.model.rules import LINT_ERRORS, LINTS
from msgflash_gitops.planning.consistency import WAIVABLE
from msgflash_gitops.planning.lints import ENDINGS, lint, lint_one
from tests.support.builders import definition

UNDELIVERED = Waiver("buttons-delivery", "seen on a phone")


def text(body: str) -> Definition:
    return definition(content=DirectContent("text", {"body": body}))


def media(kind: str = "image", url: str = "https://cdn.example/a.jpg", **fields: Any) -> Definition:
    return definition(content=DirectContent(kind, {"mediaUrl": url, **fields}))


def buttons(*shown: str, ids: tuple[str, ...] = (), waivers: tuple[Waiver, ...] = (UNDELIVERED,), **more: Any) -> Any:
    each = [
        {"type": "reply", "displayText": label, "id": ids[at] if ids else f"id-{at}"} for at, label in enumerate(shown)
    ]
    fields = {"title": "Longer evenings?", "description": "Shall we?", "buttons": each, **more}
    return definition(content=DirectContent("buttons", fields), waivers=waivers)


def rules(one: Definition) -> set[str]:
    return {finding.rule for finding in lint_one(one)}


class TestLengths:
    @pytest.mark.parametrize(
        ("one", "rule"),
        [
            (lambda n: text("x" * (4096 + n)), "text-too-long"),
            (lambda n: media(body="x" * (1024 + n)), "caption-too-long"),
            (lambda n: media("voice_note", "https://a.example/a.ogg", body="x" * (1024 + n)), "caption-too-long"),
            (lambda n: buttons("a", title="x" * (60 + n)), "title-long"),
            (lambda n: buttons("a", description="x" * (1024 + n)), "description-long"),
            (lambda n: buttons("a", footer="x" * (60 + n)), "footer-long"),
            (lambda n: buttons("x" * (20 + n)), "button-text-long"),
            (lambda n: buttons("x" * (50 + n)), "button-text-too-long"),
        ],
    )
    def test_a_limit_may_be_reached_and_not_passed(self, one: Any, rule: str) -> None:
        assert rule not in rules(one(0))
        assert rules(one(1)) == {rule}

    def test_a_button_is_long_once(self) -> None:
        assert rules(buttons("x" * 51)) == {"button-text-too-long"}

    def test_characters_are_counted_and_the_other_count_is_a_warning(self) -> None:
        assert rules(text("😀" * 2048)) == set()
        (found,) = lint_one(text("😀" * 2049))
        assert (found.rule, found.severity) == ("length-uncertain", Severity.WARNING)
        assert "2049" in found.message and "4098" in found.message
        assert rules(text("😀" * 4097)) == {"text-too-long"}


class TestButtons:
    def test_every_message_with_buttons_is_pointed_out(self) -> None:
        (found,) = lint_one(buttons("Yes", waivers=()))
        assert (found.rule, found.severity) == ("buttons-delivery", Severity.WARNING)
        assert "never be shown" in found.message

    @pytest.mark.parametrize(
        ("labels", "ids", "path"),
        [
            (("Yes", "No"), ("a", "a"), "buttons[1].id"),
            (("Yes", " yes "), ("a", "b"), "buttons[1].displayText"),
        ],
    )
    def test_two_alike(self, labels: tuple[str, ...], ids: tuple[str, ...], path: str) -> None:
        (found,) = lint_one(buttons(*labels, ids=ids))
        assert (found.rule, found.severity) == ("button-duplicate", Severity.ERROR)
        assert found.message.startswith(f"`{path}`")

    def test_buttons_without_an_id_are_not_alike(self) -> None:
        each = [{"type": "url", "displayText": label, "url": "https://a.example"} for label in ("A", "B")]
        assert rules(buttons(buttons=each)) == set()


class TestPlaceholders:
    @pytest.mark.parametrize("name", ["contact.firstName", "user.name", "instance.name", "custom.code-1"])
    def test_in_direct_mode_nobody_knows(self, name: str) -> None:
        assert rules(text(f"Hello {{{{{name}}}}}")) == {"placeholder-unreplaced"}

    @pytest.mark.parametrize("written", ["{{client.name}}", "{{Contact.firstName}}"])
    def test_an_unknown_namespace(self, written: str) -> None:
        (found,) = lint_one(text(f"Hello {written}"))
        assert (found.rule, found.severity) == ("placeholder-unknown", Severity.ERROR)
        assert found.hint is not None and "contact" in found.hint

    @pytest.mark.parametrize(
        "written", ["{{name}}", "{{ }}", "{{}}", "{{ contact.x }}", "{{contact.x}", "x}}", "{{a b}}"]
    )
    def test_braces_that_are_none(self, written: str) -> None:
        assert rules(text(f"Hello {written}!")) == {"placeholder-malformed"}

    def test_in_a_variable_too(self) -> None:
        one = definition(content=TemplateContent("Spring", None, {"code": "{{custom.other}}", "number": 5}))
        (found,) = lint_one(one)
        assert found.rule == "placeholder-unreplaced"
        assert "`variables.code`" in found.message


class TestLeftovers:
    @pytest.mark.parametrize(
        "written",
        [
            "Hi %NAME%",
            "Hi %first_name%",
            "Hi {name}",
            "Hi ${name}",
            "Hi [[name]]",
            "TODO: text",
            "TODO",
            "a\nTODO\nb",
            "FIXME",
            "price TBD",
            "Lorem ipsum dolor",
        ],
    )
    def test_are_found(self, written: str) -> None:
        assert rules(text(written)) == {"leftover-text"}

    @pytest.mark.parametrize(
        "written", ["TODO con descuento", "50%off%", "20 % de 30 %", "Hello {", "{1}", "{}", "[1]", "Para TODOS: hoy"]
    )
    def test_are_not_seen_everywhere(self, written: str) -> None:
        assert rules(text(written)) == set()


class TestFormatting:
    @pytest.mark.parametrize(
        "written",
        ["*Hello", "Hello*", "_Hello", "~Hello", "```code", "*Hello\nworld*", "*a* and *b", "Today *only", "_a *b* c"],
    )
    def test_unbalanced(self, written: str) -> None:
        (found,) = lint_one(text(written))
        assert (found.rule, found.severity) == ("formatting-unbalanced", Severity.WARNING)

    @pytest.mark.parametrize(
        "written",
        [
            "*a* _b_ ~c~ ```d``` `e`",
            "*a _b ~c~_*",
            "5 * 3",
            "2*3*4",
            "snake_case_name",
            "~10 min",
            "* item\n* item",
            "f***",
            "______",
            "***",
            "^_^ -_-",
            "_https://x.example/a_b*c_",
            "https://x.example/_a",
            "*{{contact.x}}*",
            "20 % off*\n* until Sunday",
            "20 % off*\n*until Sunday",
            "`*a` `b*`",
            "```*a\nb_```",
            "@_ana",
            "(*bold*)",
            "*¡Hola!*",
            "*« Bonjour »*",
            "🎉*bold*🎉",
            "*bold*: text",
            "*20 %* et *30 %*",
            "10~12",
            "Hotel 5*, from 99 €*",
            "Press *\ufe0f\u20e3 now",
            "> quote\n1. one",
        ],
    )
    def test_balanced(self, written: str) -> None:
        assert "formatting-unbalanced" not in rules(text(written))

    @pytest.mark.parametrize(
        "written",
        [
            "**bold**",
            "a __bold__ b",
            "~~gone~~",
            "[here](https://a.example)",
            "![cat](https://a.example/c.png)",
            "# Heading",
            "### Heading",
            "<b>bold</b>",
            "one<br/>two",
            "A&nbsp;B",
            "Tom &amp; Ana",
        ],
    )
    def test_markdown(self, written: str) -> None:
        assert rules(text(written)) == {"formatting-markdown"}

    @pytest.mark.parametrize(
        "written", ["#spring sale", "# 1 in town", "1 < 2 > 0", "*bold*", "[1] note (see)", "A & B", "____"]
    )
    def test_no_markdown(self, written: str) -> None:
        assert rules(text(written)) == set()

    def test_the_line_is_named(self) -> None:
        (found,) = lint_one(text("Hello\n\n*world"))
        assert "line 3 of the text" in found.message


class TestCharacters:
    @pytest.mark.parametrize("character", list("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
    def test_direction(self, character: str) -> None:
        (found,) = lint_one(text(f"a{character}b"))
        assert (found.rule, found.severity) == ("bidi-control", Severity.ERROR)
        assert f"U+{ord(character):04X}" in found.message

    @pytest.mark.parametrize(
        "character", list("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u2028\x1b\x00\U000e0041\u3164\u2800\ue000")
    )
    def test_invisible(self, character: str) -> None:
        assert rules(text(f"a{character}b")) == {"invisible-character"}

    @pytest.mark.parametrize(
        "written",
        [
            "👩\u200d👧 ❤️\u200d🔥 👍🏽",
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "می\u200cخواهم",
            "क्\u200dष",
            "สวัสดี\u200bครับ",
            "שלום \u200eMsgFlash\u200f",
            "10\xa0%\u202f!",
            "a\tb\r\nc",
            "é",
        ],
    )
    def test_what_a_script_or_an_emoji_needs(self, written: str) -> None:
        assert rules(text(written)) == set()

    def test_labels_are_looked_at_too(self) -> None:
        one = definition(
            name="Spring\u200b",
            instance="bou\u200btique",
            recipients=Recipients(Audience.TAGS, ("vip", "cli\u00adent")),
        )
        assert [found.message.split("`")[1] for found in lint_one(one)] == ["name", "instance", "recipients.value[1]"]
        one = definition(
            recipients=Recipients(Audience.GROUP, group="VIP\u200b"), content=TemplateContent("Spring\u202e")
        )
        assert rules(one) == {"invisible-character", "bidi-control"}


class TestMedia:
    @pytest.mark.parametrize(("kind", "ending"), [(kind, each) for kind, all_ in ENDINGS.items() for each in all_])
    def test_endings_of_the_vendor(self, kind: str, ending: str) -> None:
        assert rules(media(kind, f"https://a.example/x.{ending.upper()}?v=2#top")) == set()

    @pytest.mark.parametrize(
        ("kind", "name"), [("image", "a.mp4"), ("video", "a.mov"), ("document", "a.zip"), ("audio", "a.webm")]
    )
    def test_another_ending(self, kind: str, name: str) -> None:
        assert rules(media(kind, f"https://a.example/{name}")) == {"media-extension"}

    def test_no_ending_says_nothing(self) -> None:
        assert rules(media("image", "https://a.example/picture?id=5")) == set()

    def test_http(self) -> None:
        assert rules(media(url="http://a.example/x.png")) == {"media-url-http"}

    @pytest.mark.parametrize(
        "query",
        ["X-Amz-Signature=a&X-Amz-Expires=3600", "Expires=1&Signature=a", "x-goog-signature=a", "se=2031&sig=a"],
    )
    def test_signed_links(self, query: str) -> None:
        assert rules(media(url=f"https://a.example/x.png?{query}")) == {"media-url-expires"}

    @pytest.mark.parametrize("url", ["https://a.example/x.png?w=100&se=1", "https://[broken/x.png"])
    def test_other_links(self, url: str) -> None:
        assert rules(media(url=url)) == set()


CAMPAIGN = """\
key: poll
name: Poll
instance: boutique-principale
schedule: 2031-06-10T12:00:00Z
recipients: {type: all}
type: buttons
title: Poll
description: Shall **we**?
buttons:
  - {type: reply, displayText: A button with far too much text, id: a}
"""


def loaded(source: str) -> list[Finding]:
    return list(load_documents({"campaigns/poll.yaml": source.encode()}, Project("/", "crm")).findings)


def test_findings_stand_at_the_key() -> None:
    places = {finding.rule: (finding.line, finding.column, finding.key) for finding in loaded(CAMPAIGN)}
    assert places == {
        "formatting-markdown": (8, 1, "poll"),
        "buttons-delivery": (9, 1, "poll"),
        "button-text-long": (10, 19, "poll"),
    }


@pytest.mark.parametrize("rule", ["formatting-markdown", "buttons-delivery", "button-text-long"])
def test_each_is_waived_alone(rule: str) -> None:
    waived = f"{CAMPAIGN}waive: [{{rule: {rule}, reason: on purpose}}]\n"
    assert {each.rule for each in loaded(waived)} == {each.rule for each in loaded(CAMPAIGN)} - {rule}


def test_every_lint_can_be_waived() -> None:
    assert set(LINTS) <= WAIVABLE
    assert set(LINTS) >= LINT_ERRORS


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="*_~`#[](){}<>%\n aTODO.\u200d\u202e😀&;!", max_size=60) | st.text(max_size=60))
def test_no_text_breaks_them(written: str) -> None:
    for one in (text(written), buttons(written), media(url=f"https://{written}", body=written)):
        for finding in lint([one]):
            assert finding.severity is (Severity.ERROR if finding.rule in LINT_ERRORS else Severity.WARNING)


@pytest.mark.parametrize(
    "piece",
    [
        "*",
        "*a",
        "a*\n",
        "_",
        "`",
        "```",
        "[",
        "[[",
        "![",
        "](",
        "{{",
        "{",
        "{{a",
        "<b",
        "%a",
        "\n",
        " ",
        "http://*",
        "TODO ",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    """A definition may be a megabyte, and may come from a stranger's fork."""
    one = text(piece * (300_000 // len(piece)) + "x")
    before = time.perf_counter()
    lint_one(one)
    assert time.perf_counter() - before < 5
