"""Tables of labels."""

from itertools import zip_longest

from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.labels import LabelTable
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.style import Style

_WIDEST = 60


def labels_text(table: LabelTable, style: Style) -> str:
    """Columns as wide as what they hold."""
    if not table.rows:
        return f"no {table.noun}s\n"
    rows = [line for row in table.rows for line in zip_longest(*(_cell(value) for value in row), fillvalue="")]
    widths = [max(len(row[index]) for row in (table.columns, *rows)) for index in range(len(table.columns))]
    head = style.bold(_line(table.columns, widths))
    return "".join(line + "\n" for line in (head, *(_line(row, widths) for row in rows)))


def labels_object(table: LabelTable) -> dict[str, Json]:
    return {"version": 1, f"{table.noun}s": [dict(zip(table.columns, row, strict=True)) for row in table.rows]}


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cell(value: Json) -> list[str]:
    """The lines of a cell. A list is shown whole, over several lines, because its items are to be copied; a text is cut."""
    if isinstance(value, list):
        return _wrapped([plain(each) for each in value])
    text = "-" if value is None else plain(value)
    return [text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"]


def _wrapped(items: list[str]) -> list[str]:
    lines = [""]
    for index, item in enumerate(items):
        text = item if index == len(items) - 1 else f"{item}, "
        if lines[-1] and len(lines[-1]) + len(text.rstrip()) > _WIDEST:
            lines.append("")
        lines[-1] += text
    return [line.rstrip() for line in lines]
