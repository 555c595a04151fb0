"""Hints for YAML that cannot be read say what the writer got wrong."""

import pytest

from msgflash_gitops.files.definitions import load_documents
from msgflash_gitops.files.reader import read_documents
from msgflash_gitops.model.project import Project

HEAD = "name: Spring\ninstance: boutique\nschedule: 2031-04-15T09:00:00\n"


def hint_of(text: str) -> str:
    (finding,) = read_documents((HEAD + text).encode(), "a.yaml")[1]
    return finding.hint or ""


INDENTATION = [
    (
        " recipients: {type: all}\n",
        "line 4 is indented by 1 space, deeper than line 3 (0), which does not open a block: give both the same indentation",
    ),
    (
        "recipients:\n  type: tags\n value: [a]\n",
        "line 6 is indented by 1 space, the lines that it may belong to by 0 or 2: give it the same",
    ),
    (
        "recipients:\n  type: tags\n    value: [a]\n",
        "line 6 is indented by 4 spaces, deeper than line 5 (2), which does not open a block: give both the same indentation",
    ),
    (
        "waive:\n  - rule: x\n   reason: y\n",
        "line 6 is indented by 3 spaces, the lines that it may belong to by 2 or 4: give it the same",
    ),
    (
        "# a remark\n\n  recipients: {type: all}\n",
        "line 6 is indented by 2 spaces, deeper than line 3 (0), which does not open a block: give both the same indentation",
    ),
    (
        "body: hello\n  more: b\n",
        "line 5 is indented by 2 spaces, deeper than line 4 (0), which does not open a block: give both the same indentation",
    ),
    (
        "body:\n- a\n b: c\n",
        "line 6 is indented by 1 space, the lines that it may belong to by 0 or 2: give it the same",
    ),
    (
        "waive:\n  - rule: x\n    reason: y\n  note: z\n",
        "line 7 is indented by 2 spaces, lines above it by 4: give fields that belong together the same indentation",
    ),
]
BRACKETS = [
    (
        "recipients: {type: tags, value: [client, vip}\ntype: text\n",
        "`[`, opened in line 4, column 33, is not closed: put `]` behind its last entry",
    ),
    (
        "recipients: {type: tags, value: [client, vip]\ntype: text\n",
        "`{`, opened in line 4, column 13, is not closed: put `}` behind its last entry",
    ),
    (
        "recipients: {type: tags, value: [client, vip\n",
        "`[`, opened in line 4, column 33, is not closed: put `]` behind its last entry",
    ),
    (
        'recipients: {type: tags, value: ["a]", b}\n',
        "`[`, opened in line 4, column 33, is not closed: put `]` behind its last entry",
    ),
    (
        "recipients: {type: tags, # }\n  value: [a}\n",
        "`[`, opened in line 5, column 10, is not closed: put `]` behind its last entry",
    ),
    (
        "recipients:\n  - {type: tags,\n    value: [a}\n",
        "`[`, opened in line 6, column 12, is not closed: put `]` behind its last entry",
    ),
    ("value: [a,\n  b\nnext: 1\n", "`[`, opened in line 4, column 8, is not closed: put `]` behind its last entry"),
    ("value: [a # ]\n  , b\nc: d\n", "`[`, opened in line 4, column 8, is not closed: put `]` behind its last entry"),
    ("value: ['it''s]', b}\n", "`[`, opened in line 4, column 8, is not closed: put `]` behind its last entry"),
    ('value: ["a\\"]", b}\n', "`[`, opened in line 4, column 8, is not closed: put `]` behind its last entry"),
    ("body: don't\nvalue: [it's, a}\n", "put texts in quotes where they hold brackets, braces or commas"),
]
QUOTES = [
    ("body: note: this\n", "text that holds ': ' must be in quotes"),
    ("body: {name}, hello\n", "text that begins with { must be in quotes"),
    ("body: [Spring] sale\n", "text that begins with [ must be in quotes"),
    ("body: *bold* text\n", "text that begins with * must be in quotes: an unquoted * names an alias"),
    ("body: {name} {\n", "text that begins with { must be in quotes"),
    ("body: 'a' b\n", "text that begins with ' must be in quotes"),
    ('body: "a" b\n', 'text that begins with " must be in quotes'),
    ("body: >x\n", "text that begins with > must be in quotes"),
    ("body: |x\n  y\n", "text that begins with | must be in quotes"),
    ("body: &\n", "text that begins with & must be in quotes"),
    ("body: %a\n", "text that begins with % must be in quotes"),
    ("body: @a\n", "text that begins with @ must be in quotes"),
    ("body: `a`\n", "text that begins with ` must be in quotes"),
    ("body: ,a\n", "put texts in quotes, and check indentation and closing quotes of the lines above"),
    ("- a\n", "put texts in quotes, and check indentation and closing quotes of the lines above"),
    ("body: |\n  a\n b\n", "put texts in quotes, and check indentation and closing quotes of the lines above"),
    ("a\n", "put texts in quotes, and check indentation and closing quotes of the lines above"),
    ('body: "open\ntype: text\n', "put texts in quotes, and check indentation and closing quotes of the lines above"),
    ("body: {a:\n", "put texts in quotes, and check indentation and closing quotes of the lines above"),
]
TABS = [
    ("recipients:\n\ttype: all\n", "indent with spaces, not with tabs"),
    ("body: a\n\tb: c\n", "indent with spaces, not with tabs"),
    ("recipients: \n  \ttype: all\n", "indent with spaces, not with tabs"),
]


@pytest.mark.parametrize(("text", "hint"), [*INDENTATION, *BRACKETS, *QUOTES, *TABS])
def test_what_people_are_told(text: str, hint: str) -> None:
    assert hint_of(text) == hint


def test_all_that_is_missing_is_said_at_once() -> None:
    found = load_documents({"campaigns/a.yaml": b"name: x\n"}, Project("/", "crm", timezone="Europe/Paris")).findings
    words = " ".join(each.message for each in found)
    assert all(f"`{name}` is missing" in words for name in ("instance", "schedule", "recipients"))
    assert "there is no content" in words
    assert len(found) == 4
