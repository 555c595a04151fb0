"""Entry <-> line, and the chain: each line holds its number and the SHA-256 of the line before it.

    {"at": "2027-04-15T07:00:00.000Z", "facts": {...}, "kind": "intent", "number": 7, "previous": "5f1c…", "project": "crm", ...}

One line is compact JSON with sorted keys. What is hashed is the stored line, byte by byte, so that fields which a newer release
added are kept by an older one. Reading fails closed: a line that is not exactly what must follow is a LedgerError.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgflash_gitops.errors import LedgerError
from msgflash_gitops.model.instant import format_instant, parse_instant
from msgflash_gitops.model.ledger import Entry, Fact, Head
from msgflash_gitops.storage.ledger.fact_codec import Unknown, decode_fact, encode_fact

LONGEST_LINE = 1024 * 1024
_PART = 10_000
_RESTORE = (
    "nothing is written to the account. Restore the ledger from a copy (`ledger export` makes one), or find out who changed it; "
    "`ledger verify` checks it again"
)
_NEWER = "update msgflash-gitops on this machine to the release that wrote it"


@dataclass(frozen=True, slots=True)
class Chain:
    """Whose ledger it is: part of every line."""

    project: str
    workspace: str


def write_lines(
    chain: Chain, head: Head, facts: Iterable[Fact], *, at: datetime, run: str
) -> tuple[list[bytes], list[Entry], Head]:
    """The lines that continue a ledger after `head`, the same as entries, and where the ledger ends then."""
    lines: list[bytes] = []
    entries: list[Entry] = []
    moment = format_instant(at)
    for fact in facts:
        kind, fields = encode_fact(fact)
        content = {
            "at": moment,
            "facts": fields,
            "kind": kind,
            "number": head.number + 1,
            "previous": head.digest,
            "project": chain.project,
            "run": run,
            "workspace": chain.workspace,
        }
        line = json.dumps(content, separators=(",", ":"), sort_keys=True, ensure_ascii=True).encode("ascii")
        if len(line) > LONGEST_LINE:
            raise LedgerError(f"an entry of {len(line):,} bytes is too long for the ledger")
        lines.append(line)
        entries.append(Entry(head.number + 1, head.digest, parse_instant(moment), run, fact))
        head = Head(head.number + 1, hashlib.sha256(line).hexdigest())
    return lines, entries, head


def read_lines(chain: Chain, lines: Sequence[bytes], head: Head = Head()) -> tuple[list[Entry], Head]:  # noqa: B008 - frozen
    """The entries of lines that follow `head`, each checked, and where the ledger ends.

    Raises LedgerError, with the number of the first line at fault and what to do.
    """
    entries = list(_checked(chain, lines, head))
    if not entries:
        return entries, head
    return entries, Head(entries[-1].number, hashlib.sha256(lines[-1]).hexdigest())


def consume_lines(chain: Chain, lines: list[bytes]) -> tuple[list[Entry], Head]:
    """A whole ledger, like `read_lines`. The list is emptied on the way: a long one is not held twice."""
    entries: list[Entry] = []
    head = Head()
    while lines:
        part = lines[:_PART]
        del lines[:_PART]
        found, head = read_lines(chain, part, head)
        entries += found
    return entries, head


def _checked(chain: Chain, lines: Sequence[bytes], head: Head) -> Iterator[Entry]:
    number, previous = head.number, head.digest
    texts: dict[str, str] = {}  # keys, ids and runs come again and again: one copy of each
    moments: dict[str, datetime] = {}
    for line in lines:
        number += 1
        try:
            raw = json.loads(line)
            if not (raw["number"] == number and raw["previous"] == previous):
                raise _broken_chain(number, raw)
            if raw["project"] != chain.project or raw["workspace"] != chain.workspace:
                raise _foreign(number, raw, chain)
            at, run = raw["at"], raw["run"]
            if type(run) is not str or type(raw["number"]) is not int:
                raise TypeError("run")
            moment = moments.get(at)
            if moment is None:
                moment = moments[at] = parse_instant(at)
            fact = decode_fact(raw["kind"], raw["facts"], texts)
        except Unknown as newer:
            raise LedgerError(
                f"line {number} of the ledger holds {newer}, which this release does not know: a newer release wrote it",
                hint=_NEWER,
            ) from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            raise _unreadable(number, line) from None
        yield Entry(number, previous, moment, texts.setdefault(run, run), fact)
        previous = hashlib.sha256(line).hexdigest()


def _broken_chain(number: int, raw: dict[str, object]) -> LedgerError:
    if raw["number"] != number:
        found = raw["number"] if type(raw["number"]) is int else "something else"
        return LedgerError(
            f"line {number} of the ledger bears the number {found}: lines were removed, put in or moved", hint=_RESTORE
        )
    return LedgerError(
        f"line {number} of the ledger does not follow from the line before it: line {max(number - 1, 1)} or {number} was changed",
        hint=_RESTORE,
    )


def _foreign(number: int, raw: dict[str, object], chain: Chain) -> LedgerError:
    theirs = f"{str(raw['project'])[:80]}/{str(raw['workspace'])[:80]}"
    return LedgerError(
        f"line {number} of the ledger belongs to {theirs}, not to {chain.project}/{chain.workspace}",
        hint="use the ledger of this project and workspace: check `ledger:` in msgflash.yaml and the store's address; where the project was "
        "renamed, say its old name there (`name: OLD`)",
    )


def _unreadable(number: int, line: bytes) -> LedgerError:
    shown = line[:40].decode("utf-8", "replace")
    return LedgerError(f"line {number} of the ledger cannot be read: it begins with {shown!r}", hint=_RESTORE)
