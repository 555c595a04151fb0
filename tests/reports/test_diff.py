"""The result of `diff` in each format: says what changed, fits, and nothing in it acts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from msgflash_gitops.model.definition import Audience, Definition, DirectContent, Recipients, Repeat, Schedule, Waiver
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.project import Project
from msgflash_gitops.model.source import Source
from msgflash_gitops.planning.revision import Comparison, Edition, Kind, compare
from msgflash_gitops.reports.diff import counts_words, diff_text, move_words
from msgflash_gitops.reports.diff_json import diff_object
from msgflash_gitops.reports.diff_markdown import LARGEST, diff_markdown
from msgflash_gitops.reports.style import Style
from tests.reports.hostile import FRAGMENTS, texts
from tests.reports.samples import HOSTILE, SGR, acting
from tests.reports.test_json import fits, schema
from tests.reports.test_markdown import PARSER, assert_inert, rendered, visible
from tests.support.builders import AHEAD, NOW, definition

THEN = Project("/", "crm", timezone="Europe/Paris")


def comparison(before: list[Definition], after: list[Definition], **changes: Any) -> Comparison:
    seen = compare(Edition(tuple(before), (), THEN), Edition(tuple(after), (), THEN))
    return replace(
        Comparison("crm", "0123abcd" * 5, "the merge base with origin/main", True, "f" * 40, NOW, "Europe/Paris", seen),
        **changes,
    )


def hostile(text: str) -> Comparison:
    """Every kind of change; `text` is in every field that somebody else writes."""
    buttons = [{"type": "reply", "displayText": text, "id": "a"}]
    fields: dict[str, Any] = {
        "title": text,
        "description": text,
        "footer": text,
        "mediaUrl": text,
        "body": text,
        "buttons": buttons,
    }

    def one(key: str, words: str, **more: Any) -> Definition:
        content = DirectContent("buttons", {**fields, "body": words})
        return definition(
            key,
            name=words,
            instance=words,
            recipients=Recipients(Audience.TAGS, (words, text)),
            content=content,
            source=Source(f"campaigns/{text}.yaml"),
            waivers=(Waiver(text, words),),
            workspaces=(words,),
            **more,
        )

    before = [
        one("edited", "old"),
        one("gone", text),
        one("older", text),
        one("twin", f"twin {text}"),
        one("broken", text),
    ]
    group = replace(one("edited", text, at=AHEAD + timedelta(days=1)), recipients=Recipients(Audience.GROUP, (), text))
    after = [group, one("new", text), one("newer", text, renamed_from="older"), one("copy", f"twin {text}")]
    finding = Finding("schema-type", text, f"campaigns/{text}.yaml", key="broken", hint=text)
    now = replace(THEN, name="other", campaigns=text or "x")
    seen = compare(Edition(tuple(before), (), THEN), Edition(tuple(after), (finding,), now))
    warned = replace(finding, severity=Severity.WARNING)
    return Comparison("crm", "0" * 40, text, False, f"{text}+dirty", NOW, "UTC", seen, (finding,), (warned,))


def test_every_kind_is_in_the_hostile_sample() -> None:
    assert {each.kind for each in hostile("x").revision.campaigns} == set(Kind)


class TestText:
    def test_a_change_says_what_it_means(self) -> None:
        zone = Schedule(AHEAD, "Europe/Paris")
        before = definition(name="Old", schedule=zone, body="One\nTwo\nThree", paused=True)
        after = definition(
            name="New",
            schedule=Schedule(AHEAD + timedelta(days=1, hours=2), "Europe/Paris"),
            body="One\n2\nThree",
            recipients=Recipients(Audience.ALL),
        )
        text = diff_text(comparison([before], [after]), Style())
        for words in (
            "Since 0123abcd0123 (the merge base with origin/main), now ffffffffffff, project crm",
            "~ changed  spring  New",
            "Thu 2027-03-11 13:00 CET (12:00 UTC) → Fri 2027-03-12 15:00 CET (14:00 UTC), in 11 days 2 hours, 1 day 2 hours later",
            "to       tag client → ALL contacts of the account",
            'changes  name: "Old" → "New"',
            "changes  paused: True → False",
            "- │ Two",
            "+ │ 2",
            "  │ Three",
            "source   campaigns/spring.yaml:1:1",
            "Diff: 1 changed (1 send moves).",
        ):
            assert words in text, words

    def test_what_is_new_is_shown_whole_and_what_stays_is_not(self) -> None:
        assert "│ Hello" in diff_text(comparison([], [definition()]), Style())
        assert "│ Hello" in diff_text(comparison([definition()], []), Style())
        only_later = diff_text(comparison([definition()], [definition(at=AHEAD + timedelta(1))]), Style())
        assert "│ Hello" not in only_later

    def test_nothing(self) -> None:
        text = diff_text(comparison([definition()], [definition()]), Style())
        assert "Diff: nothing changed, 1 unchanged." in text

    def test_a_series(self) -> None:
        weekly = definition(repeat=Repeat.WEEKLY, schedule=Schedule(AHEAD, "Europe/Paris"))
        until = replace(weekly, until=AHEAD + timedelta(days=30))
        text = diff_text(comparison([weekly], [until]), Style())
        assert "then weekly → Thu" in text
        assert "then weekly until Sat 2027-04-10 14:00 CEST (12:00 UTC)" in text
        assert "stays the same" not in text

    def test_what_a_change_does_besides(self) -> None:
        def note(**changes: Any) -> str:
            seen = comparison([definition()], [definition(**changes)])
            return next((line for line in diff_text(seen, Style()).splitlines() if "note  " in line), "")

        assert "what people get stays the same" in note(waivers=(Waiver("same-send", "meant"),))
        assert "apply pauses it" in note(paused=True)
        assert note(body="New") == ""
        back = comparison([definition(paused=True)], [definition()])
        assert "apply brings it back once --allow-resume is given" in diff_text(back, Style())
        renamed = comparison([definition("old")], [definition("new", renamed_from="old")])
        assert "what people get stays the same" in diff_text(renamed, Style())

    def test_a_key_that_changed_with_its_file(self) -> None:
        text = diff_text(comparison([definition("old")], [definition("new")]), Style())
        assert "looks like 'old', which is gone: apply stops that one and creates this one anew" in text
        assert "`renamed_from: old`" in text

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_stays_text(self, text: str) -> None:
        shown = diff_text(hostile(text), Style())
        assert acting(shown) == []
        assert acting(SGR.sub("", diff_text(hostile(text), Style(enabled=True)))) == []

    @settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(texts)
    def test_no_text_acts(self, text: str) -> None:
        assert acting(diff_text(hostile(text), Style())) == []


class TestMarkdown:
    def test_a_change_says_what_it_means(self) -> None:
        later = definition(body="*New* words", at=AHEAD + timedelta(hours=2))
        shown = diff_markdown(comparison([definition(body="Old words")], [later]))
        page = rendered(shown)
        assert page.comments == [" msgflash-gitops diff crm "]
        for words in (
            "1 changed (1 send moves)",
            "2 hours later",
            "Message before",
            "Message now",
            "the merge base with",
        ):
            assert words in visible(page), words
        assert "<del>Old </del>words" in shown
        assert "<ins>" in shown

    def test_everybody_and_the_project_file_stand_on_top(self) -> None:
        everybody = definition("all", recipients=Recipients(Audience.ALL))
        seen = comparison([], [definition("a", at=NOW), everybody])
        now = replace(THEN, name="else")
        moved = compare(Edition((), (), THEN), Edition((everybody,), (), now))
        assert diff_markdown(seen).index("ALL contacts of the account") < diff_markdown(seen).index("###")
        shown = diff_markdown(replace(seen, revision=moved))
        assert shown.index("twice") < shown.index("###")

    @settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(texts)
    def test_no_text_acts(self, text: str) -> None:
        shown = diff_markdown(hostile(text))
        page = assert_inert(shown)
        assert page.comments == [" msgflash-gitops diff crm "]
        assert len(shown.encode()) <= LARGEST

    @pytest.mark.parametrize("fragment", FRAGMENTS)
    def test_every_change_keeps_its_own_section(self, fragment: str) -> None:
        seen = hostile(fragment)
        headings = [each.tag for each in PARSER.parse(diff_markdown(seen)) if each.type == "heading_open"]
        assert headings == ["h2"] + ["h3"] * len(seen.revision.campaigns)

    @pytest.mark.parametrize("number", [1, 60, 500, 5000])
    @pytest.mark.parametrize("size", [10, 4000])
    def test_it_fits_a_comment(self, number: int, size: int) -> None:
        after = [definition(f"k{each}", name=f"N{each}", body="é" * size) for each in range(number)]
        after[-1] = replace(after[-1], recipients=Recipients(Audience.ALL))
        shown = diff_markdown(comparison([], after))
        assert len(shown.encode()) <= LARGEST
        assert f"### New: N{number - 1}" in shown, "what goes to everybody is the last to be cut"
        assert number < 5000 or "more, cut to fit a comment" in shown
        assert_inert(shown)

    def test_problems_are_open_where_they_are_errors(self) -> None:
        assert "\n**Problems**\n\n- error at" in diff_markdown(hostile("x"))


class TestJson:
    @pytest.mark.parametrize("text", [*HOSTILE, *FRAGMENTS])
    def test_it_is_what_the_schema_describes(self, text: str) -> None:
        fits("diff", diff_object(hostile(text)))

    def test_the_schema_is_one(self) -> None:
        jsonschema.Draft7Validator.check_schema(schema("diff"))

    def test_nothing(self) -> None:
        found = diff_object(comparison([], []))
        fits("diff", found)
        assert (found["ok"], found["campaigns"]) == (True, [])


def test_words_of_moves_and_counts() -> None:
    assert move_words(timedelta(hours=26)) == "1 day 2 hours later"
    assert move_words(-timedelta(minutes=90)) == "1 hour 30 minutes earlier"
    before = [definition("a"), definition("b", name="B"), definition("c", name="C")]
    after = [
        definition("a", at=AHEAD + timedelta(1)),
        replace(before[1], schedule=Schedule(NOW)),
        definition("d", name="D"),
    ]
    assert counts_words(comparison(before, after)) == "1 added, 2 changed, 1 removed (2 sends move)"
