"""The ledger's id goes into msgflash.yaml, and nothing else of the file changes."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgflash_gitops.errors import InputError
from msgflash_gitops.files.ledger_edit import Uneditable, check_store, said_of_ledger, with_ledger, write_ledger
from msgflash_gitops.files.project import load_project, parse_project

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
BLOCK = f"ledger:\n  store: git\n  id: {ID}\n"

CASES = {
    "missing": ("project: crm\n", f"project: crm\n{BLOCK}"),
    "missing, comments at the end": (
        "# head\nproject: crm  # ours\n\npolicy: {max_stops: 3}\n# tail\n",
        f"# head\nproject: crm  # ours\n\npolicy: {{max_stops: 3}}\n# tail\n{BLOCK}",
    ),
    "missing, no final newline": ("project: 'crm'", f"project: 'crm'\n{BLOCK.rstrip()}"),
    "missing, ends in a comment without newline": ("project: crm # x", f"project: crm # x\n{BLOCK.rstrip()}"),
    "missing, CRLF": ("project: crm\r\n", "project: crm\r\n" + BLOCK.replace("\n", "\r\n")),
    "missing, byte order mark": ("\ufeffproject: crm\n", f"\ufeffproject: crm\n{BLOCK}"),
    "missing, indented": ("  project: crm\n", f"  project: crm\n  ledger:\n    store: git\n    id: {ID}\n"),
    "missing, document start": ("---\nproject: crm\n", f"---\nproject: crm\n{BLOCK}"),
    "missing, all in braces": ("{project: crm}\n", f"{{project: crm, ledger: {{store: git, id: {ID}}}}}\n"),
    "block with store": (
        "ledger:\n  # shared\n  store: git # branch\n\n# the project\nproject: crm\n",
        f"ledger:\n  # shared\n  store: git # branch\n  id: {ID}\n\n# the project\nproject: crm\n",
    ),
    "block without store": (
        'project: crm\nledger:\n    path: "a: b"',
        f'project: crm\nledger:\n    path: "a: b"\n    store: file\n    id: {ID}',
    ),
    "block, CRLF, not the last": (
        "ledger:\r\n  store: git\r\nproject: crm\r\n",
        f"ledger:\r\n  store: git\r\n  id: {ID}\r\nproject: crm\r\n",
    ),
    "flow with store": (
        "ledger: {store: git}  # there\nproject: crm\n",
        f"ledger: {{store: git, id: {ID}}}  # there\nproject: crm\n",
    ),
    "flow, empty": ("project: crm\nledger: {}\n", f"project: crm\nledger: {{store: git, id: {ID}}}\n"),
    "flow over lines": (
        "project: crm\nledger: {\n  store: git,  # one\n  branch: memory, # two\n}\n",
        f"project: crm\nledger: {{\n  store: git,  # one\n  branch: memory, id: {ID}, # two\n}}\n",
    ),
    "flow, quoted, without spaces": ('{"project":"crm","ledger":{"store":"git"}}', None),
    "names beyond ASCII": (
        "# été ✓ 🎉\nproject: crm\nledger: {store: git}\ntimezone: Europe/Paris\n",
        f"# été ✓ 🎉\nproject: crm\nledger: {{store: git, id: {ID}}}\ntimezone: Europe/Paris\n",
    ),
}
UNUSUAL = {
    "an end of the document": "project: crm\n...\n",
    "a second, empty document": "project: crm\n---\n",
    "an explicit key": "project: crm\nledger:\n  ? path\n  : memory\n",
    "a block scalar": "ledger:\n  store: |-\n    git\nproject: crm\n",
    "a tag": "project: crm\nledger: !!map {}\n",
}


def store_of(name: str) -> str:
    return "file" if name == "block without store" else "git"


@pytest.mark.parametrize("name", CASES)
def test_is_put_in_and_nothing_else_changes(name: str) -> None:
    before, after = CASES[name]
    edited = with_ledger(before.encode(), store_of(name), ID)
    if after is not None:
        assert edited.decode() == after
    project = parse_project(edited, "/p")
    assert (project.ledger.id, project.ledger.store) == (ID, store_of(name))


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_written_unusually_is_left_alone(name: str, tmp_path: Path) -> None:
    path = tmp_path / "msgflash.yaml"
    path.write_text(UNUSUAL[name])
    parse_project(path.read_bytes(), "/p")
    with pytest.raises(Uneditable) as caught:
        write_ledger(tmp_path, "git", ID)
    assert caught.value.exit_code == 1
    assert caught.value.hint
    assert ID in caught.value.hint
    assert path.read_text() == UNUSUAL[name]


def test_what_is_to_be_added_by_hand_is_said_as_it_fits() -> None:
    def hint(text: str) -> str:
        with pytest.raises(Uneditable) as caught:
            with_ledger(text.encode(), "git", ID)
        return str(caught.value.hint)

    assert f"add the line `ledger: {{store: git, id: {ID}}}`" in hint("project: crm\n...\n")
    assert f"below `ledger:`, add `id: {ID}`" in hint(UNUSUAL["a block scalar"])
    assert f"below `ledger:`, add `store: git` and `id: {ID}`" in hint(UNUSUAL["an explicit key"])


def test_the_file_keeps_its_rights_and_its_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "msgflash.yaml"
    real.write_text("project: crm\n")
    real.chmod(0o640)
    link.symlink_to(real)
    write_ledger(tmp_path, "git", ID)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert load_project(tmp_path).ledger.id == ID
    assert said_of_ledger(tmp_path) == {"store": "git", "id": ID}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_settings_of_another_store_are_found_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "msgflash.yaml").write_text("project: crm\nledger: {path: memory.jsonl}\n")
    check_store(tmp_path, "file")
    with pytest.raises(InputError) as caught:
        check_store(tmp_path, "git")
    assert [finding.rule for finding in caught.value.findings] == ["project-ledger"]


COMMENT = st.sampled_from(["", " # a", "  # ünï ledger: {id: x}", "\n\n# between"])
PARTS = [
    "project: crm",
    "timezone: 'Europe/Paris'",
    "policy:\n  max_stops: 2",
    'campaigns: "a # b"',
    "formerly: [x, y]",
]
LEDGERS = (
    "",
    "ledger: {}",
    "ledger: {store: git}",
    "ledger:\n  store: git",
    "ledger:\n     branch: m\n     store: 'git'",
)
BLOCKS = st.sampled_from(LEDGERS).flatmap(lambda ledger: st.permutations([*PARTS, *filter(None, [ledger])]))


@given(BLOCKS, st.lists(COMMENT, min_size=6, max_size=6), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_whatever_the_order_all_that_was_there_stays(
    blocks: list[str], comments: list[str], line_end: str, final: bool
) -> None:
    text = "\n".join(f"{block}{comment}" for block, comment in zip(blocks, comments, strict=False))
    text = (text + ("\n" if final else "")).replace("\n", line_end)
    edited = with_ledger(text.encode(), "git", ID).decode()
    at = next((index for index, (old, new) in enumerate(zip(text, edited, strict=False)) if old != new), len(text))
    added = len(edited) - len(text)
    assert edited[:at] + edited[at + added :] == text, "something was put in at one place"
    assert edited.count(line_end) == edited.count("\n")
    before, after = parse_project(text.encode(), "/p"), parse_project(edited.encode(), "/p")
    assert after.ledger.id == ID
    assert (after.policy, after.timezone, after.campaigns, after.formerly) == (
        before.policy,
        before.timezone,
        before.campaigns,
        before.formerly,
    )
