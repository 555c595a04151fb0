"""One object, or a list in one of the shapes that the documentation shows for some resource."""

import base64
import binascii
import re
from typing import Any

from starlette.requests import Request

from msgflash_gitops.sandbox.problems import Problem
from msgflash_gitops.sandbox.world import World

Answer = tuple[int, Any]
_LARGEST = 10**15


def found(sandbox: World, kind: str, identity: str) -> dict[str, Any]:
    """Raises Problem for what does not exist, or belongs to another account: the answer is the same."""
    item = sandbox.store.get(kind, identity.lower())
    if item is None:
        raise Problem("NOT_FOUND", f"{kind.capitalize()} not found")
    return item


def enveloped(
    request: Request, items: list[dict[str, Any]], name: str, envelope: str, plain_cap: int | None = None
) -> dict[str, Any]:
    """A plain list has no pages, and may end without a word."""
    if envelope == "plain":
        return {"data": items[:plain_cap]}
    if envelope == "page":
        return {"data": by_page(request, items, name, default=20)}
    if envelope == "nested":
        page = by_page(request, items, "data", default=20)
        return {"data": page}
    return {"data": by_cursor(request, items, name)}


def by_cursor(request: Request, items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    limit = number(request, "limit", 50)
    start = _offset(request.query_params.get("cursor"))
    chosen = items[start : start + limit]
    more = start + limit < len(items)
    following = cursor_of(start + limit) if more else None
    return {name: chosen, "total": len(items), "limit": limit, "nextCursor": following, "hasMore": more}


def by_page(request: Request, items: list[dict[str, Any]], name: str, *, default: int) -> dict[str, Any]:
    limit, page = number(request, "limit", default), number(request, "page", 1, most=1_000_000)
    start = (page - 1) * limit
    return {name: items[start : start + limit], "total": len(items), "page": page, "limit": limit}


def number(request: Request, name: str, default: int, most: int = 100) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        message = f"Must be between 1 and {most}"
        raise Problem("VALIDATION_ERROR", f"{name}: {message}", [{"field": name, "message": message}])
    return int(text)


def _offset(text: str | None) -> int:
    return cursor_numbers(text, 1)[0] if text else 0


def cursor_of(*numbers: int) -> str:
    """Opaque to whoever gets it."""
    return base64.urlsafe_b64encode(" ".join(map(str, numbers)).encode()).decode()


def cursor_numbers(text: str, count: int) -> list[int]:
    """Raises Problem for a cursor that no page gave."""
    try:
        found = [int(each) for each in base64.urlsafe_b64decode(text).decode("ascii").split(" ")]
    except (ValueError, binascii.Error):
        found = []
    if len(found) != count or not all(0 <= each < _LARGEST for each in found):
        raise Problem("VALIDATION_ERROR", "Invalid cursor", [{"field": "cursor", "message": "Invalid"}])
    return found
