"""How many sends there are, and how many forms that are none: every format says the same."""

import csv
import io
import re
from collections import Counter
from pathlib import Path
from typing import Any

import icalendar
import pytest

from msgflash_gitops.model.audit import Audit, Outlook, State
from msgflash_gitops.planning.codec import encode
from msgflash_gitops.planning.marker import Marker, mark
from msgflash_gitops.reports.audit_csv import audit_csv
from msgflash_gitops.reports.audit_ics import audit_ics
from msgflash_gitops.reports.audit_json import audit_object
from msgflash_gitops.reports.audit_markdown import audit_markdown
from msgflash_gitops.reports.audit_text import audit_text
from msgflash_gitops.reports.html.audit import audit_html
from msgflash_gitops.reports.style import Style
from tests.reports.audit_year import Year, whole_year

_GREEN = "\x1b[32m"
_DIM = "\x1b[2m"


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return whole_year(tmp_path_factory.mktemp("year")).audit()


def counted(line: str) -> tuple[int, Counter[str]]:
    """`12 sends: 9 in-sync, 3 drifted`, wherever it stands."""
    flat = " ".join(line.split())
    found = re.search(r"(\d+) sends: ((?:\d+ [a-z-]+(?:, )?)+)", flat)
    assert found is not None, flat
    return int(found[1]), Counter({name: int(number) for number, name in re.findall(r"(\d+) ([a-z-]+)", found[2])})


def never(line: str) -> int:
    found = re.search(r"(\d+) more will never be sent", " ".join(line.split()))
    return int(found[1]) if found else 0


def test_every_format_counts_the_same(audit: Audit) -> None:
    states = Counter(send.state.value for send in audit.sends)
    expected = (len(audit.sends), states)
    stopped = len(audit.stopped)
    assert stopped
    assert "stopped" not in states

    for page in (audit_text(audit, (), Style()), audit_markdown(audit, ()), audit_html(audit, ())):
        assert (counted(page), never(page)) == (expected, stopped)

    value: Any = encode(audit_object(audit, (), requests=1))
    summary = value["summary"]
    assert (summary["sends"], Counter({k: v for k, v in summary["states"].items() if v})) == expected
    assert Counter(send["state"] for send in value["sends"]) == states
    assert [send["state"] for send in value["stopped"]] == ["stopped"] * summary["stopped"] == ["stopped"] * stopped

    rows = Counter(row["state"] for row in csv.DictReader(io.StringIO(audit_csv(audit).lstrip("\ufeff"), newline="")))
    assert rows == states | Counter(stopped=stopped)

    calendar: Any = icalendar.Calendar.from_ical(audit_ics(audit))
    events = calendar.walk("VEVENT")
    assert Counter(str(event["STATUS"]) == "CANCELLED" for event in events) == {False: expected[0], True: stopped}

    html = audit_html(audit, ())
    assert html.count('<article class="send') == expected[0]
    assert html.count('<article class="never send') == stopped


def test_an_earlier_form_beside_the_live_one_is_no_second_send(tmp_path: Path) -> None:
    """A replace cancelled the first 09:00: one send is left, and nothing of the other is green."""
    year = Year(tmp_path)
    live = year.live("in-sync")
    earlier = mark("Summer letter", Marker("crm", "in-sync", "0123456789"))
    cancelled = year.live("in-sync", "cancelled", label="earlier", name=earlier)
    audit = year.audit("2027-07-01", "2027-07-01")
    assert [(send.subject.campaign_id, send.state) for send in audit.sends] == [(live, State.IN_SYNC)]
    assert [(send.subject.campaign_id, send.outlook) for send in audit.stopped] == [(cancelled, Outlook.NEVER)]
    page = audit_text(audit, (), Style(enabled=True), verbose=True)
    assert [line for line in page.splitlines() if _GREEN in line] == [f"{_GREEN}    in-sync, scheduled\x1b[0m"]
    assert f"{_DIM}    stopped, cancelled, never sent\x1b[0m" in page
    assert "1 send: 1 in-sync" in page


@pytest.mark.parametrize(
    ("status", "facts", "outlook"),
    [
        ("cancelled", {}, Outlook.NEVER),
        ("cancelled", {"stats": {"sent": 1}}, Outlook.STOPPED),
        ("cancelled", {"stats": {"failed": 1}}, Outlook.STOPPED),
        ("failed", {}, Outlook.NEVER),
        ("failed", {"stats": {"failed": 100}}, Outlook.STOPPED),
        ("failed", {"stats": {"processingStartedAt": "2027-03-20T08:00:00.000Z"}}, Outlook.STOPPED),
        ("paused", {}, Outlook.STOPPED),
    ],
)
def test_what_began_is_a_send(tmp_path: Path, status: str, facts: dict[str, Any], outlook: Outlook) -> None:
    year = Year(tmp_path)
    year.live("sent", status, **facts)
    audit = year.audit("2027-03-20", "2027-03-20")
    (send,) = (*audit.sends, *audit.stopped)
    assert send.outlook is outlook
    assert (send in audit.stopped) is (outlook is Outlook.NEVER)


def test_paused_is_counted_and_not_green(tmp_path: Path) -> None:
    """`paused: true` in git: as reviewed, and nothing goes out."""
    year = Year(tmp_path)
    text = (tmp_path / "campaigns/year.yaml").read_text()
    (tmp_path / "campaigns/year.yaml").write_text(text.replace("key: in-sync\n", "key: in-sync\npaused: true\n"))
    year.live("in-sync", "paused")
    audit = year.audit("2027-07-01", "2027-07-01")
    assert [(send.state, send.outlook) for send in audit.sends] == [(State.IN_SYNC, Outlook.STOPPED)]
    assert _GREEN not in audit_text(audit, (), Style(enabled=True))
