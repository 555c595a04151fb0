"""Hints for YAML that cannot be read say what the writer got wrong."""

import pytest

from msgflash_gitops.files.definitions import load_documents
from msgflash_gitops.files.reader import read_documents
from msgflash_gitops.model.project import Project

HEAD = "name: Spring\ninstance: boutique\nschedule: 2031-04-15T09:00:00\n"


def hint_of(text: str) -> str:
    (finding,) = read_documents((HEAD + text).encode(), "a.yaml")[1]
    return finding.hint or ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" recipients: {type: all}\n", "line 4 is indented by 1 space, deeper than line 3 (0)"),
        (
            "recipients:\n  type: tags\n value: [a]\n",
            "line 6 is indented by 1 space, the lines that it may belong to by 0 or 2",
        ),
        ("recipients:\n  type: tags\n    value: [a]\n", "line 6 is indented by 4 spaces, deeper than line 5 (2)"),
        (
            "waive:\n  - rule: x\n   reason: y\n",
            "line 6 is indented by 3 spaces, the lines that it may belong to by 2 or 4",
        ),
        ("# a remark\n\n  recipients: {type: all}\n", "line 6 is indented by 2 spaces, deeper than line 3 (0)"),
    ],
)
def test_indentation(text: str, said: str) -> None:
    assert hint_of(text).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "recipients: {type: tags, value: [client, vip}\ntype: text\n",
            "`[`, opened in line 4, column 33, is not closed: put `]`",
        ),
        (
            "recipients: {type: tags, value: [client, vip]\ntype: text\n",
            "`{`, opened in line 4, column 13, is not closed: put `}`",
        ),
        ("recipients: {type: tags, value: [client, vip\n", "`[`, opened in line 4, column 33, is not closed: put `]`"),
        ('recipients: {type: tags, value: ["a]", b}\n', "`[`, opened in line 4, column 33, is not closed"),
        ("recipients: {type: tags, # }\n  value: [a}\n", "`[`, opened in line 5, column 10, is not closed"),
    ],
)
def test_a_bracket_that_is_not_closed(text: str, said: str) -> None:
    assert hint_of(text).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("body: note: this\n", "text that holds ': ' must be in quotes"),
        ("body: {name}, hello\n", "must be in quotes"),
        ("body: [Spring] sale\n", "must be in quotes"),
        ("body: *bold* text\n", "must be in quotes"),
        ("recipients:\n\ttype: all\n", "not with tabs"),
        ('body: "open\ntype: text\n', "closing quotes"),
    ],
)
def test_texts_that_need_quotes_are_told_so_still(text: str, said: str) -> None:
    assert said in hint_of(text)


def test_all_that_is_missing_is_said_at_once() -> None:
    found = load_documents({"campaigns/a.yaml": b"name: x\n"}, Project("/", "crm", timezone="Europe/Paris")).findings
    words = " ".join(each.message for each in found)
    assert all(f"`{name}` is missing" in words for name in ("instance", "schedule", "recipients"))
    assert "there is no content" in words
    assert len(found) == 4
