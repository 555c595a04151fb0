"""Markdown as far as the tests need it: fenced blocks with the comment before them, tables, headings, links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.sources import ROOT, files

_FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--\s*((?:(?!-->).)*?)\s*-->\s*\Z", re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"(?<!\\)\[[^\]]*\]\((?P<target>[^)\s]+)[^)]*\)")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block. `said`: the HTML comment right before it, empty where there is none."""

    path: Path
    line: int
    language: str
    text: str
    said: str

    @property
    def end(self) -> int:
        """The line of the closing fence."""
        return self.line + self.text.count("\n") + 1

    @property
    def name(self) -> str:
        return f"{self.path.relative_to(ROOT).as_posix()}:{self.line}"


def pages() -> list[Path]:
    """Every Markdown file of the project."""
    return [path for path in files() if path.suffix == ".md"]


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(path: Path) -> Iterator[Block]:
    text = path.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        comment = _COMMENT.search(text[: found.start()])
        line = text.count("\n", 0, found.start()) + 1
        yield Block(path, line, found["language"], found["text"], comment[1] if comment else "")


def prose(text: str) -> str:
    """Without fenced blocks."""
    return _FENCE.sub("", text)


def tables(text: str) -> list[list[list[str]]]:
    """Every table: its rows (the head first) as cells."""
    found: list[list[list[str]]] = []
    inside = False
    for line in prose(text).splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        cells = [cell.replace(r"\|", "|").strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            continue
        if not inside:
            found.append([])
        inside = True
        found[-1].append(cells)
    return found


def rows(text: str, *head: str) -> list[list[str]]:
    """The rows of all tables whose first columns are called so, without their heads."""
    return [row for table in tables(text) if table[0][: len(head)] == list(head) for row in table[1:]]


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next of the same level or above."""
    # Comments of YAML in fenced blocks look like headings: those are blanked, and every place stays where it is.
    plain = _FENCE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    found = re.search(rf"^(#+) {re.escape(heading)}[ ]*$", plain, re.MULTILINE)
    assert found is not None, f"no heading {heading!r}"
    end = re.compile(rf"^#{{1,{len(found[1])}}} ", re.MULTILINE).search(plain, found.end())
    return text[found.end() : end.start() if end else None]


def code(cell: str) -> str:
    """The first `code` of a cell."""
    found = re.search(r"`([^`]+)`", cell)
    assert found is not None, f"no code in {cell!r}"
    return found[1]


def links(text: str) -> list[str]:
    return [found["target"] for found in _LINK.finditer(_CODE.sub("", prose(text)))]


def anchors(text: str) -> set[str]:
    """The ids that GitHub gives to headings."""
    found: set[str] = set()
    for title in _HEADING.findall(prose(text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        number = 0
        while (slug if not number else f"{slug}-{number}") in found:
            number += 1
        found.add(slug if not number else f"{slug}-{number}")
    return found
