"""The app's text formatting: what is bold there is bold here, and nothing is lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgflash_gitops.reports.whatsapp import Kind, Line, field_lengths, read_message
from tests.reports.hostile import texts

SHORT = {"bold": "B", "italic": "I", "strike": "S", "mono": "M"}


def looks(text: str) -> str:
    """The only line, with each run's looks before it: `plain B[bold] BI[both]`."""
    (line,) = read_message(text)
    return "".join(_look(line))


def _look(line: Line) -> list[str]:
    pieces = []
    for run in line.runs:
        marks = "".join(short for name, short in SHORT.items() if getattr(run, name))
        pieces.append(f"{marks}[{run.text}]" if marks else run.text)
    return pieces


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* _italic_ ~strike~ ```mono``` `code`", "B[bold] I[italic] S[strike] M[mono] M[code]"),
        ("_it *both* it_", "I[it ]BI[both]I[ it]"),
        ("*_~all~_*", "BIS[all]"),
        ("(*a*), *b*!", "(B[a]), B[b]!"),
        ("2*3*4 a_b_c snake_case_name", "2*3*4 a_b_c snake_case_name"),
        ("a * b* and *c *", "a * b* and *c *"),
        ("*open", "*open"),
        ("** __ ~~ ``", "** __ ~~ ``"),
        ("`*not bold*`", "M[*not bold*]"),
        ("https://x.example/a_b_c?d=*", "https://x.example/a_b_c?d=*"),
        ("*20 % off* everything", "B[20 % off] everything"),
        ("*a* *b*", "B[a] B[b]"),
    ],
)
def test_looks(text: str, shown: str) -> None:
    assert looks(text) == shown


def test_lines_of_each_kind() -> None:
    lines = read_message("* one\n- two\n3. three\n> quoted *bold*\nplain\n-no\n1.no\n>no")
    assert [(line.kind, line.marker, line.text) for line in lines[:5]] == [
        (Kind.BULLET, "•", "one"),
        (Kind.BULLET, "•", "two"),
        (Kind.NUMBER, "3.", "three"),
        (Kind.QUOTE, "", "quoted bold"),
        (Kind.TEXT, "", "plain"),
    ]
    assert {line.kind for line in lines[4:]} == {Kind.TEXT}


def test_a_block_spans_lines() -> None:
    lines = read_message("```a *b*\n\n  c```\nafter")
    assert [(line.text, all(run.mono for run in line.runs)) for line in lines[:3]] == [
        ("a *b*", True),
        ("", True),
        ("  c", True),
    ]
    assert not any(run.mono for run in lines[3].runs)


def test_bold_does_not_span_lines() -> None:
    assert not any(run.bold for line in read_message("*a\nb*") for run in line.runs)


@given(st.one_of(texts, st.text(alphabet="*_~`> -1.\na ", max_size=80)))
def test_nothing_but_marks_is_lost(text: str) -> None:
    shown = "".join(line.marker + line.text for line in read_message(text))
    assert _bare(shown) == _bare(text)


def _bare(text: str) -> str:
    return re.sub(r"[*_~`>•\-\s]", "", text)


@given(st.text(alphabet="*_~`a ", min_size=2000, max_size=4000))
def test_long_rows_of_marks_are_read_at_once(text: str) -> None:
    assert read_message(text) or not text.strip()


def test_lengths_stand_beside_their_limits() -> None:
    buttons = [{"displayText": "x" * 21}, {"displayText": "Yes"}]
    found = {
        each.field: (each.length, each.limit, each.too_long)
        for each in field_lengths({"type": "buttons", "description": "d", "footer": "f" * 61, "buttons": buttons})
    }
    assert found == {
        "description": (1, 1024, False),
        "footer": (61, 60, True),
        "button 1": (21, 20, True),
        "button 2": (3, 20, False),
    }
    assert [each.limit for each in field_lengths({"type": "text", "body": "x"})] == [4096]
    assert [each.limit for each in field_lengths({"type": "image", "body": "x"})] == [1024]
