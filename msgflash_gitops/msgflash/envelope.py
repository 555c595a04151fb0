"""One answer that should hold a list: the documented shapes alone, and nothing beside the list that speaks against it.

A strange answer taken for an empty account would mean that every campaign is created again. So what stands beside the list
and speaks of errors, of being a part, of counts or of more must be understood, or the answer is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from msgflash_gitops.errors import BadAnswer
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.msgflash.assumptions import LIST_NAMES
from msgflash_gitops.msgflash.failures import quoted
from msgflash_gitops.msgflash.vocabulary import Topic, is_container, topic, words

T = TypeVar("T")
_DEPTH = 3
_FINE = frozenset({"ok", "success", "succeeded"})
_HINT = "try again; if it stays, compare with the dashboard and report the answer's shape"


@dataclass(frozen=True, slots=True)
class Page:
    """`cursor`, `has_more`, `total`, `pages`, `limit` are what the answer said, None where it said nothing.

    `least` is the greatest number under any name that counts items, and `counted` that name: at least so many there must be.
    `onward` is the name of something that speaks of more in a way that cannot be followed.
    """

    items: list[Json]
    cursor: str | None = None
    has_more: bool | None = None
    total: int | None = None
    pages: int | None = None
    limit: int | None = None
    least: int = 0
    counted: str = ""
    onward: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether nothing tells if there is more."""
        return self.cursor is None and self.has_more is None and self.total is None and self.pages is None


def read_page(body: Json, name: str) -> Page:
    """The list called `name`, and what is said about more of it. Raises BadAnswer for any other shape than documented."""
    if not isinstance(body, Mapping) or "data" not in body:
        raise _refused(name, "the answer has no `data`")
    beside: dict[str, Json] = {key: value for key, value in body.items() if key != "data"}
    said = list(_claims(beside, "", _DEPTH))
    data = body["data"]
    if isinstance(data, list):
        items = data
    elif isinstance(data, Mapping):
        key, items = _find_list(data, name)
        said = [*_claims({each: data[each] for each in data if each != key}, "data.", _DEPTH), *said]
    else:
        raise _refused(name, "`data` is no list")
    return _page(items, said, name)


def check_success(body: JsonObject, operation: str) -> None:
    """Raises BadAnswer where an answer with one object says beside it that the request failed. Words and warnings do not."""
    for claim in _claims({key: value for key, value in body.items() if key != "data"}, "", _DEPTH):
        if claim.topic in (Topic.FAULT, Topic.SUCCESS, Topic.STATUS) and not _is_satisfied(claim):
            raise BadAnswer(f"{operation}: the answer says {claim.words} beside `data`", operation=operation)


@dataclass(frozen=True, slots=True)
class _Claim:
    place: str
    key: str
    value: Json
    topic: Topic

    @property
    def words(self) -> str:
        """For people: `meta.itemCount`: 104."""
        place = quoted(self.place)
        if isinstance(self.value, Mapping | list) or self.value is None:
            return f"`{place}`"
        shown = str(self.value).lower() if isinstance(self.value, bool) else quoted(repr(self.value))
        return f"`{place}`: {shown[:80]}"


def _claims(place: JsonObject, path: str, depth: int) -> Iterator[_Claim]:
    """What stands beside the list and speaks of something that matters, in the order of the answer."""
    for key, value in place.items():
        if isinstance(value, Mapping) and depth and is_container(key):
            yield from _claims(value, f"{path}{key}.", depth - 1)
            continue
        about = topic(key)
        if about is not None:
            yield _Claim(f"{path}{key}", key, value, about)
        elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
            yield _Claim(f"{path}{key}", key, value, Topic.PART)


def _find_list(data: JsonObject, name: str) -> tuple[str, list[Json]]:
    """The list under its own name or a generic one; two of them could be two parts of one."""
    found = [key for key in dict.fromkeys((name, *LIST_NAMES)) if key in data]
    if not found:
        raise _refused(name, f"`data` holds no list called `{name}`")
    if len(found) > 1:
        raise _refused(name, f"`data` holds both `{found[0]}` and `{found[1]}`")
    items = data[found[0]]
    if not isinstance(items, list):
        raise _refused(name, f"`data.{found[0]}` is no list")
    return found[0], items


def _page(items: list[Json], said: list[_Claim], name: str) -> Page:
    for claim in said:
        if not _is_understood(claim):
            raise _refused(name, f"the answer says {claim.words} beside the list, which is not understood")
    counts = [(_number(each.value) or 0, each.place) for each in said if each.topic is Topic.COUNT]
    least, counted = max(counts, default=(0, ""))
    return Page(
        items,
        cursor=_agreed(name, [(each, _cursor(each.value)) for each in said if _is_cursor(each)]),
        has_more=_has_more(said, name),
        total=_greatest([each for each in said if each.topic is Topic.COUNT and "total" in words(each.key)]),
        pages=_greatest([each for each in said if each.topic is Topic.PAGES]),
        limit=_greatest([each for each in said if each.topic is Topic.LIMIT]),
        least=least,
        counted=quoted(counted),
        onward=next((each.words for each in said if _goes_on(each)), ""),
    )


def _is_understood(claim: _Claim) -> bool:
    """Whether a page that says this may be read at all; what it says about more is for whoever reads the list."""
    if claim.topic in (Topic.COUNT, Topic.PAGES):
        return _says_nothing(claim.value) or _number(claim.value) is not None
    if claim.topic is Topic.MORE:
        return not _is_has_more(claim) or claim.value is None or isinstance(claim.value, bool)
    return claim.topic in (Topic.LIMIT, Topic.WHOLE) or _is_satisfied(claim)


def _is_satisfied(claim: _Claim) -> bool:
    value = claim.value
    if value is None:
        return True
    if claim.topic is Topic.SUCCESS:
        return value is True
    if claim.topic is Topic.STATUS:
        number = _number(value)
        return value is True or (isinstance(value, str) and value.lower() in _FINE) or 200 <= (number or 0) < 300
    return _says_nothing(value) or (claim.topic is Topic.NOTE and isinstance(value, str) and value.lower() in _FINE)


def _goes_on(claim: _Claim) -> bool:
    if claim.topic is Topic.WHOLE:
        return not (claim.value is None or claim.value is True)
    return (
        claim.topic is Topic.MORE
        and not _is_has_more(claim)
        and not (_is_cursor(claim) and _cursor(claim.value))
        and not _says_nothing(claim.value)
    )


def _has_more(said: list[_Claim], name: str) -> bool | None:
    """Stop when `hasMore` is false or `nextCursor` null (page "List contacts")."""
    flags = [(each, each.value) for each in said if _is_has_more(each) and isinstance(each.value, bool)]
    more = _agreed(name, [(claim, bool(value)) for claim, value in flags])
    if more is not None:
        return more
    cursors = [each for each in said if _is_cursor(each)]
    return False if cursors and all(_says_nothing(each.value) for each in cursors) else None


def _agreed(name: str, found: Sequence[tuple[_Claim, T | None]]) -> T | None:
    """What all of them say, None where none says anything. Raises BadAnswer where two say different things."""
    spoken = [(claim, value) for claim, value in found if value is not None]
    for claim, value in spoken[1:]:
        if value != spoken[0][1]:
            raise _refused(name, f"`{quoted(spoken[0][0].place)}` and `{quoted(claim.place)}` say different things")
    return spoken[0][1] if spoken else None


def _is_has_more(claim: _Claim) -> bool:
    return words(claim.key) == {"has", "more"}


def _is_cursor(claim: _Claim) -> bool:
    return words(claim.key) == {"next", "cursor"}


def _says_nothing(value: Json) -> bool:
    return value is None or value is False or value == 0 or value in ("", [], {})


def _cursor(value: Json) -> str | None:
    """Opaque; one that is a number is sent back as it came."""
    if isinstance(value, int) and not isinstance(value, bool) and value:
        return str(value)
    return value if isinstance(value, str) and value else None


def _number(value: Json) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _greatest(claims: list[_Claim]) -> int | None:
    return max((number for each in claims if (number := _number(each.value)) is not None), default=None)


def _refused(name: str, why: str) -> BadAnswer:
    return BadAnswer(f"list {name}: {why}: it is not taken for the whole list, and nothing was sent", hint=_HINT)
