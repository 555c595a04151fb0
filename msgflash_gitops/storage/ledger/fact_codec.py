"""Facts <-> JSON objects. A field that is None, or empty by default, is left out; a field that is not known is passed over."""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgflash_gitops.model.instant import format_instant, parse_instant
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.ledger import (
    Fact,
    Genesis,
    Intent,
    LeaseFreed,
    LeaseRenewed,
    LeaseTaken,
    Linked,
    Observed,
    Operation,
    OutcomeSeen,
    Phase,
    RunBegan,
    Unlinked,
)

# Frozen: a kind is never renamed, a field never given another meaning.
_KINDS: dict[str, type[Fact]] = {
    "genesis": Genesis,
    "run": RunBegan,
    "intent": Intent,
    "outcome": OutcomeSeen,
    "linked": Linked,
    "unlinked": Unlinked,
    "observed": Observed,
    "lease-taken": LeaseTaken,
    "lease-renewed": LeaseRenewed,
    "lease-freed": LeaseFreed,
}
_NAMES = {fact: kind for kind, fact in _KINDS.items()}


class Unknown(Exception):
    """A kind or a word that this release does not know."""


def encode_fact(fact: Fact) -> tuple[str, JsonObject]:
    """The kind's name and the fields that say something."""
    encoded: dict[str, Json] = {}
    for name, _, default in _FIELDS[type(fact)]:
        value = getattr(fact, name)
        if value != default:
            encoded[name] = _plain(value)
    return _NAMES[type(fact)], encoded


def decode_fact(kind: str, fields: Mapping[str, Any], texts: dict[str, str]) -> Fact:
    """Raises Unknown for what a newer release wrote; ValueError, TypeError or KeyError for what nobody wrote.

    `texts` holds one copy of each text seen so far.
    """
    known = _KINDS.get(kind)
    if known is None:
        raise Unknown(f"an entry of kind {kind[:40]!r}")
    values: list[Any] = []
    for name, read, default in _FIELDS[known]:
        value = fields.get(name, default)
        if value is default:
            if value is _NEEDED:
                raise KeyError(name)
            values.append({} if name == "statuses" else value)
        elif read is str:
            if type(value) is not str:
                raise TypeError(name)
            values.append(texts.setdefault(value, value))
        else:
            values.append(read(value))
    return known(*values)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, StrEnum):
        return value.value
    return dict(value) if isinstance(value, Mapping) else value


def _text_or_null(value: Any) -> str | None:
    if value is not None and type(value) is not str:
        raise TypeError("no text")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("no whole number")
    return value


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError("neither true nor false")
    return value


def _texts(value: Any) -> dict[str, str]:
    if type(value) is not dict or any(type(each) is not str for each in value.values()):
        raise TypeError("no texts by name")
    return value


def _word(words: type[StrEnum]) -> Callable[[Any], StrEnum]:
    by_text = {each.value: each for each in words}

    def read(value: Any) -> StrEnum:
        if type(value) is not str:
            raise TypeError("no word")
        if value not in by_text:
            raise Unknown(f"the {words.__name__.lower()} {value[:40]!r}")
        return by_text[value]

    return read


_NEEDED: Any = object()
_READERS: dict[Any, Callable[[Any], Any]] = {
    str: str,
    str | None: str,
    int: _whole,
    bool: _truth,
    bool | None: _truth,
    datetime | None: parse_instant,
    Operation: _word(Operation),
    Phase: _word(Phase),
    Mapping[str, str]: _texts,
}


def _fields(known: type[Fact]) -> tuple[tuple[str, Callable[[Any], Any], Any], ...]:
    found = []
    for each in dataclasses.fields(known):
        default: Any = each.default
        if each.default_factory is not dataclasses.MISSING:
            default = each.default_factory()
        elif default is dataclasses.MISSING:
            default = _NEEDED
        read = _READERS[each.type]
        if default is _NEEDED and each.type == str | None:
            read = _text_or_null  # None says something there
        found.append((each.name, read, default))
    return tuple(found)


_FIELDS = {known: _fields(known) for known in _KINDS.values()}
