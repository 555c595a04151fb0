"""`audit --verify-journal`: whether the chain of the journal is whole. No key, no network."""

import hashlib
from pathlib import Path

from msgflash_gitops.errors import InputError
from msgflash_gitops.files.journal import LARGEST, verify_journal
from msgflash_gitops.files.regular import read_regular
from msgflash_gitops.model.audit import JournalCheck, JournalFault


def check_journal(path: Path, shown: str) -> JournalCheck:
    """`shown` is the path for people. Raises InputError where there is no journal, or where it cannot be read."""
    try:
        lines = read_regular(path, LARGEST).splitlines()
        faults = verify_journal(path)
    except FileNotFoundError:
        raise InputError(
            f"there is no journal {shown}",
            hint="apply writes it where it runs: fetch it from there (the pipeline's cache), or name it with --journal",
        ) from None
    except OSError as error:
        raise InputError(f"the journal {shown} cannot be read: {error.strerror}") from error
    head = hashlib.sha256(lines[-1]).hexdigest() if lines else None
    return JournalCheck(shown, len(lines), head, tuple(JournalFault(each.line, each.message) for each in faults))
