"""What each format promises, whatever the account holds."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import icalendar
import jsonschema
import pytest

from msgflash_gitops.model.audit import Audit, AuditFinding, Kind, Outlook
from msgflash_gitops.planning.codec import encode
from msgflash_gitops.reports.audit_csv import COLUMNS, audit_csv, cell
from msgflash_gitops.reports.audit_ics import audit_ics, fold
from msgflash_gitops.reports.audit_json import audit_object
from msgflash_gitops.reports.audit_markdown import audit_markdown
from msgflash_gitops.reports.audit_text import audit_text, columns, wrap
from msgflash_gitops.reports.style import Style
from tests.reports.audit_year import NOW, Year, whole_year, with_evidence
from tests.reports.samples import HOSTILE, acting

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas/audit.schema.json").read_text())
FORMULAS = ['=HYPERLINK("https://evil.example")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"]
MARKUP = [
    "<script>alert(1)</script>",
    "| a | b |",
    "@everyone",
    "[x](https://evil.example)",
    "END:VEVENT\r\nBEGIN:VALARM",
    "a;b,c\\n",
]
OPEN = {"recipients", "content", "before", "after"}


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return with_evidence(whole_year(tmp_path_factory.mktemp("year")).audit())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """Campaigns whose every text is hostile, and findings about them."""
    year = Year(_project(tmp_path_factory.mktemp("hostile")))
    for number, text in enumerate([*HOSTILE, *FORMULAS, *MARKUP]):
        body = {
            "instanceId": text,
            "name": text,
            "schedule": f"2027-07-{number + 1:02d}T07:00:00.000Z",
            "recipients": {"type": "tags", "value": [text]},
            "type": text,
            "body": text,
        }
        year.put(f"hostile-{number}", body, "scheduled", userId=text)
    audit = year.audit("2027-06-01", "2027-09-01")
    more = [AuditFinding(Kind.INVALID, text, key=text) for text in HOSTILE]
    return replace(
        audit, findings=(*audit.findings, *more), notices=tuple(HOSTILE), project=HOSTILE[0], workspace=HOSTILE[3]
    )


def _project(root: Path) -> Path:
    return root


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def events(text: str) -> list[Any]:
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


# hostile text


WRITERS: dict[str, Callable[[Audit], str]] = {
    "text": lambda audit: audit_text(audit, (), Style(), width=60, verbose=True),
    "markdown": lambda audit: audit_markdown(audit, ()),
    "csv": lambda audit: audit_csv(audit).removeprefix("\ufeff").replace("\r\n", "\n"),
    "ics": lambda audit: audit_ics(audit).replace("\r\n", "\n"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_no_character_acts(hostile: Audit, name: str) -> None:
    assert hostile.sends
    assert acting(WRITERS[name](hostile)) == []


def test_no_markup_in_markdown(hostile: Audit) -> None:
    page = audit_markdown(hostile, ())
    assert not re.search(r"@\w", page)
    assert set(re.findall(r"<[^>]*>", page)) <= {"<br>", "<!-- msgflash-gitops:audit -->"}
    assert "](" not in page
    assert "https://evil" not in page
    for line in page.splitlines():
        if line.startswith("| ") and line.count("|") > 3:
            assert line.count("|") == 8, line


def test_no_cell_is_a_formula(hostile: Audit, year: Audit) -> None:
    for audit in (hostile, year):
        for row in rows(audit_csv(audit)):
            assert [value for value in row.values() if value.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_no_line_of_a_calendar_is_added(hostile: Audit) -> None:
    text = audit_ics(hostile)
    assert len(events(text)) == len(hostile.sends)
    assert text.count("\r\nBEGIN:") == len(hostile.sends)
    assert "BEGIN:VALARM" not in text.replace("\r\n ", "").split("DESCRIPTION")[0]


def test_hostile_json_fits_the_schema(hostile: Audit) -> None:
    value = json.loads(json.dumps(encode(audit_object(hostile, (), requests=1))))
    jsonschema.Draft7Validator(SCHEMA).validate(value)


# JSON


def test_the_schema_speaks_of_every_field(year: Audit) -> None:
    value = json.loads(json.dumps(encode(audit_object(year, year.findings[:1], requests=1))))
    assert undescribed(SCHEMA, value) == set()
    assert value["ok"] is False
    assert [each["failing"] for each in value["findings"]].count(True) == 1


def undescribed(described: dict[str, Any], value: Any, where: str = "") -> set[str]:
    found: set[str] = set()
    if isinstance(value, dict):
        for name, each in value.items():
            if name not in described.get("properties", {}):
                found.add(f"{where}.{name}")
            elif name not in OPEN:
                found |= undescribed(described["properties"][name], each, f"{where}.{name}")
    elif isinstance(value, list):
        for each in value:
            found |= undescribed(described.get("items", {}), each, where)
    return found


# CSV


def test_a_spreadsheet_finds_utf_8_lines_and_columns(year: Audit) -> None:
    text = audit_csv(year)
    assert text.startswith("\ufefflocal,")
    assert text.count("\r\n") == text.count("\n") == len(year.sends) + len(year.stopped) + 1
    found = rows(text)
    sent = [row["utc"] for row in found if row["state"] != "stopped"]
    assert sent == sorted(sent) == [row["utc"] for row in found[: len(year.sends)]]
    assert {len(row) for row in found} == {len(COLUMNS)}
    partial = next(row for row in found if row["key"] == "partial")
    assert (partial["planned"], partial["sent"], partial["failed"], partial["findings"]) == (
        "250",
        "90",
        "3",
        "partial",
    )


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert cell(text).startswith("'")


def test_numbers_and_plain_text_stay() -> None:
    assert [cell(0), cell(None), cell("Spring = green"), cell("été")] == ["0", "", "Spring = green", "été"]


# ICS


def test_one_event_for_each_send(year: Audit) -> None:
    found = events(audit_ics(year))
    every = (*year.sends, *year.stopped)
    assert len({str(event["UID"]) for event in found}) == len(found) == len(every)
    assert [event["DTSTART"].dt for event in found] == [send.at for send in every]
    assert {str(event["STATUS"]) for event in found} == {"CONFIRMED", "TENTATIVE", "CANCELLED"}


def test_lines_are_folded_by_octets_and_read_back(year: Audit) -> None:
    longest = "SUMMARY:" + "é" * 200 + "🎉" * 60
    assert all(len(line.encode()) <= 75 for line in fold(longest))
    assert "".join(line if index == 0 else line[1:] for index, line in enumerate(fold(longest))) == longest
    text = audit_ics(year)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    summaries = [str(event["SUMMARY"]) for event in events(text)]
    assert "Summer letter" in summaries
    assert "Autumn letter [missing]" in summaries


def test_a_cancellation_updates_the_event(tmp_path: Path) -> None:
    """The same UID, a higher SEQUENCE, STATUS:CANCELLED."""
    year = Year(tmp_path)
    campaign = year.live("in-sync")
    (before,) = [each for each in events(audit_ics(year.audit())) if campaign in each["UID"]]
    year.sandbox.set_status(campaign, "cancelled")
    (after,) = [each for each in events(audit_ics(year.audit())) if campaign in each["UID"]]
    assert before["UID"] == after["UID"]
    assert before["SEQUENCE"] < after["SEQUENCE"]
    assert (before["STATUS"], after["STATUS"]) == ("CONFIRMED", "CANCELLED")


def test_the_same_account_makes_the_same_calendar(tmp_path: Path) -> None:
    year = whole_year(tmp_path)
    assert audit_ics(year.audit()) == audit_ics(year.audit())


def test_times_at_the_end_of_the_calendar(tmp_path: Path) -> None:
    """What an answer may hold is shown or told, and stops nothing."""
    year = Year(tmp_path)
    for number, at in enumerate(("0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "soon", None)):
        year.dashboard(f"odd-{number}", "2027-07-01T07:00:00.000Z", schedule=at)
    year.dashboard(
        "made", "2027-07-01T07:00:00.000Z", createdAt="0001-01-01T00:00:00.000Z", updatedAt="9999-12-31T23:59:59.999Z"
    )
    audit = year.audit()
    assert [send.subject.name for send in audit.sends if send.subject.key is None] == ["made"]
    assert sum("shows no time" in notice for notice in audit.notices) == 4
    for writer in WRITERS.values():
        writer(audit)
    json.dumps(encode(audit_object(audit, (), requests=1)))
    assert all(0 <= event["SEQUENCE"] < 2**31 for event in events(audit_ics(audit)))


# text and markdown


def test_a_series_is_told_in_full_once(year: Audit) -> None:
    assert audit_text(year, (), Style()).count('text "Our week in pictures"') == 1


def test_what_is_never_sent_is_counted_and_listed_with_v(year: Audit) -> None:
    short, whole = (audit_text(year, (), Style(), verbose=verbose) for verbose in (False, True))
    (cut_off,) = [send for send in year.sends if send.outlook is Outlook.STOPPED]
    assert cut_off.stats["sent"] == 12  # it went out to some, and is a send
    assert "3 more will never be sent" in short
    assert "Stopped" in whole
    assert "Stopped" not in short


@pytest.mark.parametrize("width", [20, 40, 60, 100])
def test_wrapping_counts_columns(width: int) -> None:
    text = "a 漢字かな交じり文 " + "x" * 250 + " 🎉🎉🎉 end"
    lines = wrap(text, width, "  ", "    ")
    assert max(map(columns, lines)) <= width
    assert "".join("".join(line.split()) for line in lines) == text.replace(" ", "")


def test_markdown_fits_a_comment(year: Audit) -> None:
    many = replace(year, sends=year.sends * 20, findings=year.findings * 40)
    page = audit_markdown(many, ())
    assert len(page.encode()) <= 60_000
    assert "more findings" in page
    assert "more days do not fit" in page


def test_an_empty_account(tmp_path: Path) -> None:
    year = Year(tmp_path, yaml="")
    audit = year.audit(None, None)
    assert audit.sends == ()
    assert "0 sends" in audit_text(audit, (), Style())
    assert events(audit_ics(audit)) == []
    assert audit.window.start == NOW
    assert audit.window.end == NOW + timedelta(days=30)
