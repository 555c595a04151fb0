"""Whatever a definition, a label or an answer holds, a text report neither acts on a terminal nor hides anything."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.labels import LabelTable
from msgflash_gitops.model.source import Position
from msgflash_gitops.model.validation import Validation
from msgflash_gitops.reports.apply import applied_text, result_text
from msgflash_gitops.reports.clean import plain, quoted
from msgflash_gitops.reports.findings import findings_text
from msgflash_gitops.reports.labels import labels_text
from msgflash_gitops.reports.plan_text import plan_text, summary_line
from msgflash_gitops.reports.style import Style
from msgflash_gitops.reports.validate import validation_text
from tests.reports.samples import HOSTILE, SGR, acting, hostile_applied, hostile_plan

TEXTS = st.text(max_size=30) | st.text(
    st.sampled_from("\x1b[31m\x9b\n\r\t\u202e\u2066\u200b\ufeff\ud83da "), max_size=12
)


def table(text: str) -> LabelTable:
    return LabelTable("template", ("label", "id", "variables"), ((text, text, [text, text]), (None, 5, True)))


def findings(text: str) -> tuple[Finding, ...]:
    return tuple(Finding("yaml-syntax", text, text, 1, 1, each, text, text) for each in Severity)


REPORTS: dict[str, Callable[[str, Style], str]] = {
    "plan": lambda text, style: plan_text(hostile_plan(text), style),
    "plan -v": lambda text, style: plan_text(hostile_plan(text), style, verbose=True),
    "results": lambda text, style: "".join(result_text(each, style) for each in hostile_applied(text).results),
    "apply": lambda text, style: applied_text(hostile_applied(text), style),
    "labels": lambda text, style: labels_text(table(text), style),
    "findings": lambda text, style: findings_text(findings(text), style),
    "validate": lambda text, style: validation_text(Validation(findings(text), 1, 1), style),
}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("report", REPORTS)
def test_no_character_acts(report: str, text: str) -> None:
    assert acting(REPORTS[report](text, Style())) == []


@settings(deadline=None)
@given(report=st.sampled_from(list(REPORTS)), text=TEXTS)
def test_no_text_acts(report: str, text: str) -> None:
    assert acting(REPORTS[report](text, Style())) == []


@settings(deadline=None)
@given(report=st.sampled_from(list(REPORTS)), text=TEXTS)
def test_colours_are_the_reports_own(report: str, text: str) -> None:
    """In colour it is the same text, with sequences that nothing from outside has added to or taken from."""
    coloured = REPORTS[report](text, Style(enabled=True))
    assert SGR.sub("", coloured) == REPORTS[report](text, Style())
    assert acting(SGR.sub("", coloured)) == []
    assert len(SGR.findall(coloured)) == len(SGR.findall(REPORTS[report]("benign", Style(enabled=True))))


@pytest.mark.parametrize("report", ["labels", "findings", "validate", "apply", "results"])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_adds_a_line(report: str, text: str) -> None:
    """A forged line cannot stand where a real one does; a cell of labels goes on in its own column, which is not the first."""

    def real(shown: str) -> int:
        return sum(report != "labels" or not line.startswith("  ") for line in shown.split("\n"))

    assert real(REPORTS[report](text, Style())) == real(REPORTS[report]("benign", Style()))


def shown_with(**content: str) -> list[str]:
    plan = hostile_plan("benign")
    one = plan.changes[0].desired
    assert one is not None
    change = replace(plan.changes[0], desired=replace(one, content={"type": "text", **content}))
    return plan_text(replace(plan, changes=(change,)), Style()).split("\n")


def test_a_message_of_several_lines_stays_behind_its_bar() -> None:
    """A body cannot forge a line of the plan."""
    forged = "- stop     other  Other"
    lines = shown_with(body=f"Hello\n{forged}\rPlan: nothing.\x85\n\u2028{forged}\x0b\x1b[2J end\n\n")
    assert [line for line in lines if forged in line] == [f"{'':20}│ {forged}"] * 2
    assert [line for line in lines if not line.startswith(" ")] == [
        line for line in shown_with(body="Hello") if not line.startswith(" ")
    ]


@pytest.mark.parametrize("text", HOSTILE[:3])
def test_the_path_of_a_definition_is_inert_too(text: str) -> None:
    plan = hostile_plan("benign")
    one = plan.changes[0].desired
    assert one is not None
    elsewhere = replace(one, source=Position(f"campaigns/{text}.yaml", 1, 1))
    made = replace(plan, changes=(replace(plan.changes[0], desired=elsewhere),))
    assert acting(plan_text(made, Style())) == []


class TestPlain:
    @given(TEXTS)
    def test_is_one_line_without_anything_that_acts(self, text: str) -> None:
        assert acting(plain(text)) == [] and "\n" not in plain(text)

    @given(TEXTS)
    def test_twice_is_the_same_as_once(self, text: str) -> None:
        assert plain(plain(text)) == plain(text)

    @given(st.text(st.characters(categories=["L", "N", "P", "S"])))
    def test_leaves_what_can_be_seen(self, text: str) -> None:
        assert plain(text) == text

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("\x1b", "\\x1b"),
            ("\n", "\\x0a"),
            ("\u202e", "\\u202e"),
            ("\U000e0041", "\\U000e0041"),
            ("\ud83d", "\\ud83d"),
            ("👩\u200d👧 ❤\ufe0f é ü 漢 ع", "👩\u200d👧 ❤\ufe0f é ü 漢 ع"),
            (None, "None"),
            (5, "5"),
        ],
    )
    def test_shows_what_hides_as_an_escape(self, text: object, shown: str) -> None:
        assert plain(text) == shown


class TestQuoted:
    @given(TEXTS, st.integers(2, 80))
    def test_is_one_line_of_bounded_length(self, text: str, limit: int) -> None:
        line = quoted(text, limit)
        assert acting(line) == [] and "\n" not in line
        assert line[0] == line[-1] == '"'
        assert len(line) <= limit + 2

    def test_shows_line_ends(self) -> None:
        assert quoted("a\r\nb\nc ") == '"a ⏎ b ⏎ c"'
        assert quoted("x" * 100, 10) == '"' + "x" * 9 + '…"'


def test_the_summary_is_of_our_words_alone() -> None:
    for text in HOSTILE:
        assert summary_line(hostile_plan(text)) == summary_line(hostile_plan("benign"))
