"""The ledger's id and store, written into msgflash.yaml: something is put in at one place, and nothing else of the file changes.

What was there stays as it is by construction, comments, order, quotes and line ends too; what comes out is read again before it is written.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from msgflash_gitops.errors import InputError
from msgflash_gitops.files.project import PROJECT_FILE, parse_project
from msgflash_gitops.files.reader import MOST_BYTES, read_documents
from msgflash_gitops.files.regular import read_regular, write_whole

_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\r\n\x85\u2028\u2029]*)?(?=\r|\n|\Z)")
_ANY_ID = "00000000-0000-0000-0000-000000000000"


class Uneditable(InputError):
    """A file that is written in a way that we do not dare to edit, or may not."""


def said_of_ledger(root: Path) -> Mapping[str, str]:
    """What stands below `ledger:` in a project file that was read before; nothing of it is filled in."""
    said: Mapping[str, str] = _value(_read(root)).get("ledger", {})
    return said


def check_store(root: Path, store: str) -> None:
    """Raises InputError, with findings, where msgflash.yaml holds settings of another store than this one."""
    try:
        parse_project(with_ledger(_read(root), store, _ANY_ID), str(root))
    except Uneditable:
        return  # it will be said what to write by hand, and that is read again


def write_ledger(root: Path, store: str, ledger_id: str) -> None:
    """Raises Uneditable, with what to write by hand, where the file cannot be edited or written."""
    path = root / PROJECT_FILE
    before = _read(root)
    said = said_of_ledger(root)
    if said.get("id", ledger_id) != ledger_id:
        raise Uneditable(
            f"{PROJECT_FILE} names the ledger {said['id']} now, not {ledger_id}", hint="somebody changed it"
        )
    after = with_ledger(before, store, ledger_id)
    try:
        parse_project(after, str(root))
        write_whole(path, after, path.stat().st_mode & 0o777)
    except (InputError, OSError) as error:
        raise _by_hand(before, store, ledger_id, str(getattr(error, "strerror", None) or error)) from None


def with_ledger(data: bytes, store: str, ledger_id: str) -> bytes:
    """A valid project file in which the ledger has this id and, where none is said, this store."""
    before = _value(data)
    said: Mapping[str, Any] = before.get("ledger", {})
    added = {name: value for name, value in (("store", store), ("id", ledger_id)) if name not in said}
    text = data.decode("utf-8")
    try:
        edited = _put_in(text, added).encode("utf-8")
    except (yaml.YAMLError, RecursionError, _NoPlace):
        raise _by_hand(data, store, ledger_id, "it is written in an unusual way") from None
    documents, findings = read_documents(edited, PROJECT_FILE)
    if not documents or documents[0].value != {**before, "ledger": {**said, **added}} or len(documents) > 1 or findings:
        raise _by_hand(data, store, ledger_id, "it is written in an unusual way")
    return edited


class _NoPlace(Exception):
    pass


def _put_in(text: str, added: Mapping[str, str]) -> str:
    if not added:
        return text
    # This loader's marks count characters of the text, a byte order mark too.
    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    line_end = "\r\n" if "\r\n" in text else "\n"
    ledger = next((value for key, value in root.value if key.value == "ledger"), None)
    pairs = [f"{name}: {value}" for name, value in added.items()]
    if ledger is None and root.flow_style:
        return _into_flow(text, root, [f"ledger: {{{', '.join(pairs)}}}"])
    if ledger is None:
        margin = " " * root.value[0][0].start_mark.column
        lines = line_end.join([f"{margin}ledger:", *(f"{margin}  {pair}" for pair in pairs)])
        return f"{text}{lines}{line_end}" if text.endswith(("\n", "\r")) else f"{text}{line_end}{lines}"
    if ledger.flow_style:
        return _into_flow(text, ledger, pairs)
    key, last = ledger.value[0][0], ledger.value[-1][1]
    rest = _REST_OF_LINE.match(text, last.end_mark.index)
    if rest is None:
        raise _NoPlace
    lines = "".join(f"{line_end}{' ' * key.start_mark.column}{pair}" for pair in pairs)
    return text[: rest.end()] + lines + text[rest.end() :]


def _into_flow(text: str, mapping: Any, pairs: list[str]) -> str:
    if mapping.value:
        at, comma = mapping.value[-1][1].end_mark.index, ", "
    else:
        at, comma = mapping.start_mark.index + 1, ""
    return text[:at] + comma + ", ".join(pairs) + text[at:]


def _by_hand(data: bytes, store: str, ledger_id: str, why: str) -> Uneditable:
    said = _value(data).get("ledger")
    if said is None:
        what = f"add the line `ledger: {{store: {store}, id: {ledger_id}}}`"
    else:
        what = f"below `ledger:`, add {'' if 'store' in said else f'`store: {store}` and '}`id: {ledger_id}`"
    return Uneditable(f"the ledger was made, but {PROJECT_FILE} was not changed: {why}", hint=f"{what} to it yourself")


def _read(root: Path) -> bytes:
    try:
        return read_regular(root / PROJECT_FILE, MOST_BYTES)
    except OSError as error:
        raise InputError(f"{PROJECT_FILE} cannot be read: {error.strerror}") from None


def _value(data: bytes) -> dict[str, Any]:
    documents, _ = read_documents(data, PROJECT_FILE)
    value: Any = documents[0].value
    return dict(value)
