"""Whole lists, whatever their envelope: a plain list, a cursor, or pages. A list that is cut short would mean sending twice."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from msgflash_gitops.errors import BadAnswer, Refused
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.msgflash.assumptions import (
    LIST_NAMES,
    MOST_BARREN_PAGES,
    MOST_PAGES,
    PLAIN_LIST_MAY_BE_A_PAGE_FROM,
    PLAIN_LIST_PAGE_MULTIPLE,
)

Fetch = Callable[[Mapping[str, str]], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Page:
    """`cursor`, `has_more`, `total`, `pages`, `limit` are what the answer said, None where it said nothing."""

    items: list[Json]
    cursor: str | None = None
    has_more: bool | None = None
    total: int | None = None
    pages: int | None = None
    limit: int | None = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing tells if there is more."""
        return self.cursor is None and self.has_more is None and self.total is None and self.pages is None


class _Changed(Exception):
    """The list grew or shrank while it was read page by page: what moved between pages may have been missed."""


async def fetch_all(fetch: Fetch, name: str, parameters: Mapping[str, str]) -> list[Json]:
    """Every item, each id once. Raises BadAnswer where the list cannot be read whole."""
    for _ in range(3):
        try:
            return await _fetch_all(fetch, name, parameters)
        except _Changed:
            continue
    raise BadAnswer(f"list {name}: the list changed each time while it was being read", hint="try again")


async def _fetch_all(fetch: Fetch, name: str, parameters: Mapping[str, str]) -> list[Json]:
    collected: dict[str, Json] = {}
    cursors: set[str] = set()
    query = dict(parameters)
    page: Page | None = None
    first_total: int | None = None
    barren = 0
    for number in range(1, MOST_PAGES + 1):
        page = await _fetch_page(fetch, name, query, page)
        new = _add(collected, page.items, name)
        first_total = page.total if number == 1 else first_total
        following = _following(page, new, len(collected), number)
        if following == "end":
            _check_complete(name, page, len(collected), number, first_total)
            return list(collected.values())
        barren = 0 if new else barren + 1
        if barren == MOST_BARREN_PAGES:
            raise BadAnswer(f"list {name}: the server repeats itself: {barren} pages in a row hold nothing new")
        if following == "cursor":
            assert page.cursor is not None
            if page.cursor in cursors:
                raise BadAnswer(f"list {name}: the server repeats a cursor")
            cursors.add(page.cursor)
            query = {**parameters, "cursor": page.cursor}
        else:
            query = {**parameters, "page": str(number + 1)}
    raise BadAnswer(f"list {name}: more than {MOST_PAGES} pages")


async def _fetch_page(fetch: Fetch, name: str, query: Mapping[str, str], before: Page | None) -> Page:
    """A page that is only probed for, after one that said nothing of more, may be refused: then there is none."""
    try:
        return read_page(await fetch(query), name)
    except Refused as error:
        if before is None or error.status not in (400, 404, 422):
            raise
        if before.is_plain:
            return Page([])
        raise BadAnswer(f"list {name}: the server says that there is more and refuses it: {error.message}") from None


def _following(page: Page, new: int, collected: int, number: int) -> str:
    """Where to go on: `cursor`, `page` or `end`."""
    if page.has_more is False:
        return "end"
    if page.cursor:
        return "cursor"
    if new == 0:
        return "end"
    if page.has_more or (page.total is not None and collected < page.total) or (page.pages or 0) > number:
        return "page"
    if page.is_plain and _looks_like_a_page(len(page.items), page.limit):
        return "page"
    return "end"


def _looks_like_a_page(length: int, limit: int | None) -> bool:
    if limit is not None and 0 < limit <= length:
        return True
    return length >= PLAIN_LIST_MAY_BE_A_PAGE_FROM and length % PLAIN_LIST_PAGE_MULTIPLE == 0


def _check_complete(name: str, page: Page, collected: int, number: int, first_total: int | None) -> None:
    if page.total is not None and first_total is not None and page.total != first_total:
        raise _Changed
    total = page.total if page.total is not None else first_total
    if page.has_more or collected < (total or 0) or number < (page.pages or 0):
        raise BadAnswer(
            f"list {name}: the server counts {total or 'more'} and shows {collected}",
            hint="nothing can be compared with an incomplete list; try again, then ask the vendor",
        )


def _add(collected: dict[str, Json], items: list[Json], name: str) -> int:
    before = len(collected)
    for index, item in enumerate(items):
        identity = item.get("id") if isinstance(item, Mapping) else None
        if not isinstance(identity, str) or not identity:
            raise BadAnswer(f"list {name}: data[{index}].id: expected text")
        collected.setdefault(identity, item)
    return len(collected) - before


def read_page(body: Json, name: str) -> Page:
    """Find the list and what is said about more of it. Raises BadAnswer where there is no list."""
    if isinstance(body, list):
        return Page(body)
    if not isinstance(body, Mapping) or "data" not in body:
        raise BadAnswer(f"list {name}: the answer has no `data`")
    data = body["data"]
    if isinstance(data, list):
        return _page(data, [body])
    if not isinstance(data, Mapping):
        raise BadAnswer(f"list {name}: `data` is no list")
    items = _find_list(data, name)
    if items is None:
        raise BadAnswer(f"list {name}: `data` holds no list")
    return _page(items, [data, body])


def _find_list(data: JsonObject, name: str) -> list[Json] | None:
    for key in (name, *LIST_NAMES):
        found = data.get(key)
        if isinstance(found, list):
            return found
    lists = [value for value in data.values() if isinstance(value, list)]
    return lists[0] if len(lists) == 1 else None


def _page(items: list[Json], places: list[JsonObject]) -> Page:
    said: dict[str, Json] = {}
    for place in places:
        for source in (place, place.get("pagination"), place.get("meta")):
            if isinstance(source, Mapping):
                for key, value in source.items():
                    said.setdefault(key.replace("_", "").lower(), value)
    page = Page(
        items,
        cursor=_cursor(said.get("nextcursor")),
        has_more=_has_more(said),
        total=_count(said.get("total")),
        pages=_count(said.get("totalpages")),
        limit=_count(said.get("limit")),
    )
    unread = [key for key, value in said.items() if key.startswith("next") and value]
    if page.is_plain and unread:
        raise BadAnswer(f"the list goes on in a way that is not understood (`{unread[0]}`)")
    return page


def _has_more(said: JsonObject) -> bool | None:
    """Stop when `hasMore` is false or `nextCursor` null (page "List contacts")."""
    more = said.get("hasmore")
    if isinstance(more, bool):
        return more
    return False if "nextcursor" in said and not said["nextcursor"] else None


def _cursor(value: Json) -> str | None:
    """Opaque; one that is a number is sent back as it came."""
    if isinstance(value, int) and not isinstance(value, bool) and value:
        return str(value)
    return value if isinstance(value, str) and value else None


def _count(value: Json) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
