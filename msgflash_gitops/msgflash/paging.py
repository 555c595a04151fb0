"""Whole lists in each documented shape: a plain list, a cursor, or pages. A list that is cut short would mean sending twice."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from msgflash_gitops.errors import BadAnswer, Refused
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.msgflash.assumptions import (
    MOST_BARREN_PAGES,
    MOST_ITEMS,
    MOST_PAGES,
    PLAIN_LIST_MAY_BE_A_PAGE_FROM,
    PLAIN_LIST_PAGE_MULTIPLE,
)
from msgflash_gitops.msgflash.envelope import Page, read_page

Fetch = Callable[[Mapping[str, str]], Awaitable[Json]]


class _Changed(Exception):
    """The list grew or shrank while it was read page by page: what moved between pages may have been missed."""


async def fetch_all(fetch: Fetch, name: str, parameters: Mapping[str, str]) -> list[Json]:
    """Every item, each id once. Raises BadAnswer where the list cannot be read whole, or holds more than fits into memory."""
    for _ in range(3):
        try:
            return await _fetch_all(fetch, name, parameters)
        except _Changed:
            continue
    raise BadAnswer(f"list {name}: the list changed each time while it was being read", hint="try again")


async def fetch_some(fetch: Fetch, name: str, parameters: Mapping[str, str], most_pages: int) -> list[Json]:
    """The items of the first pages by cursor, each id once: a list of which only the beginning is wanted. Raises BadAnswer."""
    collected: dict[str, Json] = {}
    query = dict(parameters)
    for _ in range(most_pages):
        page = read_page(await fetch(query), name)
        _add(collected, page.items, name)
        if page.has_more is False or not page.cursor:
            break
        if page.cursor == query.get("cursor"):
            raise BadAnswer(f"list {name}: the server repeats a cursor")
        query = {**parameters, "cursor": page.cursor}
    return list(collected.values())


async def _fetch_all(fetch: Fetch, name: str, parameters: Mapping[str, str]) -> list[Json]:
    collected: dict[str, Json] = {}
    cursors: set[str] = set()
    query = dict(parameters)
    page: Page | None = None
    first: Page | None = None
    barren = 0
    for number in range(1, MOST_PAGES + 1):
        page = await _fetch_page(fetch, name, query, page)
        new = _add(collected, page.items, name)
        first = first or page
        following = _following(page, new, len(collected), number)
        if following == "end":
            _check_complete(name, page, len(collected), number, first)
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
            return replace(before, items=[])
        raise BadAnswer(f"list {name}: the server says that there is more and refuses it: {error.message}") from None


def _following(page: Page, new: int, collected: int, number: int) -> str:
    """Where to go on: `cursor`, `page` or `end`."""
    if page.has_more is False:
        return "end"
    if page.cursor:
        return "cursor"
    if new == 0:
        return "end"
    if page.has_more or collected < page.least or (page.pages or 0) > number:
        return "page"
    if page.is_plain and _looks_like_a_page(len(page.items), page.limit):
        return "page"
    return "end"


def _looks_like_a_page(length: int, limit: int | None) -> bool:
    if limit is not None and 0 < limit <= length:
        return True
    return length >= PLAIN_LIST_MAY_BE_A_PAGE_FROM and length % PLAIN_LIST_PAGE_MULTIPLE == 0


def _check_complete(name: str, page: Page, collected: int, number: int, first: Page) -> None:
    if page.total is not None and first.total is not None and page.total != first.total:
        raise _Changed
    least = max(page.least, first.total or 0)
    if page.has_more or collected < least or number < (page.pages or 0):
        raise _incomplete(name, f"the server counts {_counted(page, least, number)} and shows {collected}")
    if page.onward:
        raise _incomplete(name, f"the list goes on in a way that is not understood ({page.onward})")


def _counted(page: Page, least: int, number: int) -> str:
    if number < (page.pages or 0):
        return f"{page.pages} pages"
    return f"{least}" + (f" (`{page.counted}`)" if page.counted and page.least == least else "") if least else "more"


def _incomplete(name: str, why: str) -> BadAnswer:
    return BadAnswer(
        f"list {name}: {why}, so nothing was sent",
        hint="nothing can be compared with an incomplete list; try again, then ask the vendor",
    )


def _add(collected: dict[str, Json], items: list[Json], name: str) -> int:
    before = len(collected)
    for index, item in enumerate(items):
        identity = item.get("id") if isinstance(item, Mapping) else None
        if not isinstance(identity, str) or not identity:
            raise BadAnswer(f"list {name}: data[{index}].id: expected text")
        collected.setdefault(identity, item)
    if len(collected) > MOST_ITEMS:
        raise BadAnswer(
            f"list {name}: more than {MOST_ITEMS:,} items",
            hint="no account is expected to hold that many: check the base URL, then ask the vendor",
        )
    return len(collected) - before
