"""Tables of labels."""

from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.labels import LabelTable
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.style import Style

_WIDEST = 60


def labels_text(table: LabelTable, style: Style) -> str:
    """Columns as wide as what they hold."""
    if not table.rows:
        return f"no {table.noun}s\n"
    rows = [tuple(_cell(value) for value in row) for row in table.rows]
    widths = [max(len(row[index]) for row in (table.columns, *rows)) for index in range(len(table.columns))]
    head = style.bold(_line(table.columns, widths))
    return "".join(line + "\n" for line in (head, *(_line(row, widths) for row in rows)))


def labels_object(table: LabelTable) -> dict[str, Json]:
    return {"version": 1, f"{table.noun}s": [dict(zip(table.columns, row, strict=True)) for row in table.rows]}


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cell(value: Json) -> str:
    if value is None:
        return "-"
    text = ", ".join(plain(each) for each in value) if isinstance(value, list) else plain(value)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
