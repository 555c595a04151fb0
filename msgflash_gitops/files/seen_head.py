"""How far each ledger went when this machine saw it last: one that goes less far now is an older copy.

Only a help: a machine that keeps no files cannot tell, and a file that cannot be written or read is passed over.
"""

import contextlib
import json
from pathlib import Path

from msgflash_gitops.files.regular import read_regular, write_whole
from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.model.ledger import Head
from msgflash_gitops.planning.codec import decode, encode

_LARGEST = 1024 * 1024


def read_seen(path: Path, ledger_id: str, workspace: str) -> Head | None:
    try:
        return decode(Head, _read(path).get(f"{ledger_id}/{workspace}"))
    except ValueError:
        return None


def write_seen(path: Path, ledger_id: str, workspace: str, head: Head) -> None:
    seen = {**_read(path), f"{ledger_id}/{workspace}": encode(head)}
    with contextlib.suppress(OSError):
        write_whole(path, (json.dumps(seen, indent=1) + "\n").encode())


def _read(path: Path) -> JsonObject:
    try:
        seen = json.loads(read_regular(path, _LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return seen if isinstance(seen, dict) else {}
