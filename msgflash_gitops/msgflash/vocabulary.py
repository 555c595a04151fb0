"""What a key beside a list speaks of, told by the words that its name is made of. Every key not listed here is harmless."""

import re
from enum import Enum


class Topic(Enum):
    """`LIMIT` is the size of a page, `PAGES` a number of pages, `COUNT` a number of items."""

    FAULT = "errors"
    NOTE = "messages and warnings"
    SUCCESS = "success"
    STATUS = "a status"
    PART = "being only a part"
    WHOLE = "being whole"
    MORE = "more"
    PAGES = "pages"
    COUNT = "a count"
    LIMIT = "a limit"


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS: dict[Topic, frozenset[str]] = {
    Topic.FAULT: _set(
        "error errors err errs fault faults failure failures failed fail exception exceptions problem problems"
    ),
    Topic.NOTE: _set("message messages msg msgs warning warnings warn notice notices reason reasons"),
    Topic.SUCCESS: _set("success successful succeeded ok"),
    Topic.STATUS: frozenset(["status", "code"]),
    Topic.PART: _set("partial partially truncated truncate incomplete degraded stale maintenance capped clipped"),
    Topic.WHOLE: _set("complete exhausted last end final"),
    Topic.MORE: _set(
        "more next remaining remain cursor cursors continuation continue after token following left scroll"
    ),
    Topic.COUNT: _set(
        "count counts total totals size length amount items rows records results entries found matches hits"
    ),
}
_BACKWARDS = _set("prev previous before")
_PAGE = frozenset(["page", "pages"])
_LIMIT = _set("limit per size")
_PLAIN = _set("has have is are no number num of the this per limit")
_KNOWN = frozenset().union(_PLAIN, _PAGE, _BACKWARDS, *_WORDS.values())
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_TOGETHER = re.compile("(?:" + "|".join(sorted(_KNOWN, key=len, reverse=True)) + ")+")
_ONE = re.compile("|".join(sorted(_KNOWN, key=len, reverse=True)))
# The objects beside a list in which lists say how they go on.
_CONTAINERS = _set("pagination paging paginator meta metadata links link page info cursors response result")


def words(key: str) -> frozenset[str]:
    """`nextCursor`, `next_cursor`, `NEXT-CURSOR` and `nextcursor` are made of the same words."""
    found: set[str] = set()
    for part in _PARTS.findall(key):
        word = part.lower()
        found |= set(_ONE.findall(word)) if word not in _KNOWN and _TOGETHER.fullmatch(word) else {word}
    return frozenset(found)


def topic(key: str) -> Topic | None:
    """None where the key speaks of none of these. What is worst comes first, so that no second word hides it."""
    said = words(key)
    for each in (Topic.FAULT, Topic.PART, Topic.NOTE):
        if said & _WORDS[each]:
            return each
    if said & _BACKWARDS:
        return None
    if said & _PAGE and not said & _WORDS[Topic.MORE]:
        return _of_pages(said)
    if "limit" in said or "per" in said:
        return Topic.LIMIT
    order = (Topic.MORE, Topic.SUCCESS, Topic.COUNT, Topic.WHOLE, Topic.STATUS)
    return next((each for each in order if said & _WORDS[each]), None)


def is_container(key: str) -> bool:
    return bool(said := words(key)) and said <= _CONTAINERS


def _of_pages(said: frozenset[str]) -> Topic | None:
    if said & _LIMIT:
        return Topic.LIMIT
    if "pages" in said or said & (_WORDS[Topic.COUNT] | _WORDS[Topic.WHOLE]):
        return Topic.PAGES
    return None
