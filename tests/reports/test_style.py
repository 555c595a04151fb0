"""Colours: sequences that open and close, or none at all; and who decides."""

import pytest

from msgflash_gitops.cli.options import wants_color
from msgflash_gitops.reports.apply import applied_text, result_text
from msgflash_gitops.reports.labels import labels_text
from msgflash_gitops.reports.plan_text import plan_text
from msgflash_gitops.reports.style import Style
from tests.reports.samples import every_result, whole_plan
from tests.reports.test_inert import table

PAINTS = ["bold", "dim", "red", "green", "yellow", "cyan"]


@pytest.mark.parametrize("paint", PAINTS)
def test_each_paint_closes_itself_or_does_nothing(paint: str) -> None:
    assert getattr(Style(), paint)("text") == "text"
    painted = getattr(Style(enabled=True), paint)("text")
    assert painted.startswith("\x1b[") and painted.endswith("text\x1b[0m")


def test_paints_differ() -> None:
    assert len({getattr(Style(enabled=True), paint)("x") for paint in PAINTS}) == len(PAINTS)


def every_text(style: Style) -> str:
    results = every_result()
    texts = [plan_text(whole_plan(), style, verbose=True), applied_text(results, style), labels_text(table("x"), style)]
    return "".join([*texts, *(result_text(each, style) for each in results.results)])


def test_without_colour_there_is_no_escape() -> None:
    assert "\x1b" not in every_text(Style())


def test_with_colour_every_sequence_is_closed_on_its_line() -> None:
    text = every_text(Style(enabled=True))
    assert "\x1b" in text
    for line in text.split("\n"):
        opened, closed = line.count("\x1b[") - line.count("\x1b[0m"), line.count("\x1b[0m")
        assert opened == closed


def test_columns_stay_in_line_in_colour() -> None:
    plain, coloured = (labels_text(table("x"), Style(enabled=each)) for each in (False, True))
    assert plain.split("\n")[1:] == coloured.split("\n")[1:]


class Stream:
    def __init__(self, terminal: bool) -> None:
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("choice", "environ", "terminal", "wanted"),
    [
        (None, {}, True, True),
        (None, {}, False, False),
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("always", {}, False, True),
        ("never", {}, True, False),
        (None, {"NO_COLOR": "1"}, True, False),
        (None, {"NO_COLOR": ""}, True, True),
        (None, {"FORCE_COLOR": "1"}, False, True),
        (None, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
        (None, {"TERM": "dumb"}, True, False),
    ],
)
def test_flag_over_no_color_over_force_color_over_terminal(
    choice: str | None, environ: dict[str, str], terminal: bool, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert wants_color(choice, Stream(terminal)) is wanted
