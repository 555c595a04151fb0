"""One small file for each trap of YAML and each rule that files can break, with what people are told of it beside it.

Adding a file adds a test. `…` at the end of an expected line stands for words of Python's own, which differ between its versions.
"""

from pathlib import Path

import pytest

from msgflash_gitops.files.definitions import load_documents
from msgflash_gitops.model.finding import Finding
from msgflash_gitops.model.project import Project, Workspace
from msgflash_gitops.model.rules import LINTS, RULES
from tests.support.findings import told

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
PROJECT = Project("/", "crm", timezone="Europe/Paris", workspaces={"production": Workspace("production")})
# Rules that other tests show: they need bytes that no editor keeps, a folder, the project file, or an account.
ELSEWHERE = {
    "file-unreadable",
    "file-too-large",
    "path-outside-project",
    "no-definitions",
    "timezone-missing",
    "project-missing",
    "project-base-url",
    "project-ledger",
    "renamed-from-leftover",
    *(rule for rule in RULES if rule.startswith(("instance-", "template-", "group-")) and rule != "instance-uuid"),
}


def findings_of(data: bytes, path: str, project: Project = PROJECT) -> list[Finding]:
    return list(load_documents({path: data}, project).findings)


def lines(findings: list[Finding]) -> list[str]:
    return [f"{each.line}:{each.column} {each.rule}" for each in findings]


def expected(path: Path) -> list[str]:
    return path.with_suffix(".expect").read_text(encoding="utf-8").splitlines()


def rules_expected(path: Path) -> list[str]:
    return [line.split()[1] for line in expected(path) if not line.startswith(" ")]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_each_fault_is_found_once_at_its_place_and_told_in_these_words(path: Path) -> None:
    found, wanted = told(findings_of(path.read_bytes(), f"campaigns/{path.name}")), expected(path)
    for at, line in enumerate(wanted):
        if line.endswith("…") and at < len(found):
            found[at] = found[at][: len(line) - 1] + "…"
    assert found == wanted


def test_every_rule_that_a_file_can_break_is_among_them() -> None:
    shown = {rule for path in BROKEN for rule in rules_expected(path)}
    assert set(RULES) - set(LINTS) - ELSEWHERE <= shown
    assert not shown & ELSEWHERE


def test_no_expectation_is_left_over() -> None:
    assert {path.stem for path in BROKEN} == {path.stem for path in BROKEN[0].parent.glob("*.expect")}


UTF_8 = "    -> save it as UTF-8"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("name: Été\n".encode("latin-1"), ["1:7 file-unreadable", "    the file is not UTF-8", UTF_8]),
        ("name: x\nbody: Été\n".encode("cp1252"), ["2:7 file-unreadable", "    the file is not UTF-8", UTF_8]),
        ("name: Spring\n".encode("utf-16"), ["1:1 file-unreadable", "    the file is UTF-16", UTF_8]),
        (b"\xfe\xff" + "name: Spring\n".encode("utf-16-be"), ["1:1 file-unreadable", "    the file is UTF-16", UTF_8]),
        (
            "name: Spring\n".encode("utf-16-be"),
            ["1:1 yaml-syntax", "    the character U+0000 is not allowed in YAML", "    -> remove it"],
        ),
        (b"\xff\xfe\x00\x00", ["1:1 file-unreadable", "    the file is UTF-16", UTF_8]),
        (b"\xff", ["1:1 file-unreadable", "    the file is not UTF-8", UTF_8]),
        (
            b"# " + b"x" * 1024 * 1024,
            ["1:1 file-too-large", "    the file is larger than 1 MiB", "    -> split it into several files"],
        ),
        (b"\x07", ["1:1 yaml-syntax", "    the character U+0007 is not allowed in YAML", "    -> remove it"]),
        (b"\n\x07", ["2:1 yaml-syntax", "    the character U+0007 is not allowed in YAML", "    -> remove it"]),
    ],
)
def test_bytes_that_no_editor_keeps(data: bytes, words: list[str]) -> None:
    assert told(findings_of(data, "campaigns/a.yaml")) == words


def test_a_mebibyte_is_read() -> None:
    text = (BROKEN[0].parent / "name-missing.yaml").read_bytes()
    padded = text + b"# " + b"x" * (1024 * 1024 - len(text) - 2)
    assert lines(findings_of(padded, "campaigns/a.yaml")) == ["1:1 schema-required"]


def test_a_local_time_without_any_zone() -> None:
    text = (BROKEN[0].parent / "fold-unused.yaml").read_text().replace("fold: later\n", "")
    assert told(findings_of(text.encode(), "campaigns/a.yaml", Project("/", "crm"))) == [
        "3:1 timezone-missing of a",
        "    2031-04-15T09:00:00 is local, and no time zone is given",
        "    -> add `timezone: Europe/Paris` here or in msgflash.yaml, or an offset",
    ]


def test_aliases_that_multiply_a_document() -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    (finding,) = findings_of(f"a0: &a0 x\n{levels}".encode(), "campaigns/a.yaml")
    assert told([finding])[1:] == ["    the aliases of the document multiply it beyond all measure"]
    assert finding.rule == "yaml-aliases"


def test_one_broken_file_hides_no_other() -> None:
    texts = {f"campaigns/{path.name}": path.read_bytes() for path in BROKEN}
    found = load_documents(texts, PROJECT).findings
    across = ("key-duplicate", "same-send", "id-duplicate", "renamed-from-exists")
    for path in BROKEN:
        here = [each.rule for each in found if each.path == f"campaigns/{path.name}"]
        assert [rule for rule in rules_expected(path) if rule not in across] == [
            rule for rule in here if rule not in across
        ]
