"""A year, in every format, against what was read and found right: `python -m tests.reports.test_audit_golden` writes the files anew."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from msgflash_gitops import __version__
from msgflash_gitops.model.audit import Audit, Kind
from msgflash_gitops.planning.audit.findings import matching
from msgflash_gitops.planning.codec import encode
from msgflash_gitops.reports.audit_csv import audit_csv
from msgflash_gitops.reports.audit_ics import audit_ics
from msgflash_gitops.reports.audit_json import audit_object
from msgflash_gitops.reports.audit_markdown import audit_markdown
from msgflash_gitops.reports.audit_text import audit_text
from msgflash_gitops.reports.html.audit import audit_html
from msgflash_gitops.reports.style import Style
from tests.reports.audit_year import whole_year, with_evidence

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = json.loads((Path(__file__).parents[2] / "schemas/audit.schema.json").read_text())


def _text(width: int) -> Callable[[Audit], str]:
    return lambda audit: audit_text(audit, matching(audit.findings, [Kind.LATE]), Style(), width=width)


def _json(audit: Audit) -> str:
    value = encode(audit_object(audit, matching(audit.findings, [Kind.LATE]), requests=7))
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


WRITERS: dict[str, Callable[[Audit], str]] = {
    "audit-100.txt": _text(100),
    "audit-60.txt": _text(60),
    "audit.json": _json,
    "audit.csv": audit_csv,
    "audit.md": lambda audit: audit_markdown(audit, matching(audit.findings, [Kind.LATE])),
    "audit.ics": audit_ics,
    "audit.html": lambda audit: audit_html(audit, matching(audit.findings, [Kind.LATE])).replace(
        f"msgflash-gitops {__version__}", "msgflash-gitops VERSION"
    ),
}


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return with_evidence(whole_year(tmp_path_factory.mktemp("year")).audit())


@pytest.mark.parametrize("name", WRITERS)
def test_the_year(year: Audit, name: str) -> None:
    assert WRITERS[name](year).encode() == (GOLDEN / name).read_bytes()


def test_the_schema_describes_it(year: Audit) -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(json.loads(_json(year)))


@pytest.mark.parametrize("width", [60, 100])
def test_no_line_is_wider_than_the_terminal(year: Audit, width: int) -> None:
    assert max(map(len, _text(width)(year).splitlines())) <= width


def test_every_kind_is_found_in_the_year_but_what_hours_series_and_doubts_decide(year: Audit) -> None:
    assert {finding.kind for finding in year.findings} == set(Kind) - {Kind.IN_DOUBT, Kind.PAST_UNTIL, Kind.QUIET_HOURS}


def test_each_thing_is_told_once(year: Audit) -> None:
    told = [(finding.kind, finding.subject, str(finding.source)) for finding in year.findings]
    assert len(told) == len(set(map(repr, told)))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = with_evidence(whole_year(Path(folder)).audit())
    for golden, writer in WRITERS.items():
        (GOLDEN / golden).write_bytes(writer(made).encode())
