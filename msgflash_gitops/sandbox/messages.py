"""The page "List messages": what was sent, newest first."""

import itertools
from typing import Any

from starlette.requests import Request

from msgflash_gitops.sandbox.checks import is_uuid
from msgflash_gitops.sandbox.envelopes import Answer, cursor_numbers, cursor_of, number
from msgflash_gitops.sandbox.problems import Problem
from msgflash_gitops.sandbox.sendings import STATUSES, Place, messages
from msgflash_gitops.sandbox.world import World


def index(sandbox: World, request: Request, body: Any) -> Answer:
    """A cursor names the message it stands behind, so that pages neither repeat nor leave out one while others come."""
    limit = number(request, "limit", 50)
    instance, status = request.query_params.get("instanceId"), request.query_params.get("status")
    if instance is not None and not is_uuid(instance):
        raise _refused("instanceId", "Must be a UUID")
    if status is not None and status not in STATUSES:
        raise _refused("status", f"Must be one of {', '.join(STATUSES)}")
    cursor = request.query_params.get("cursor")
    after = Place(*cursor_numbers(cursor, 2)) if cursor else None
    found = messages(sandbox.store, after, instance.lower() if instance else None, status)
    page = list(itertools.islice(found, limit + 1))
    more = len(page) > limit
    last = page[limit - 1][0] if more else None
    following = cursor_of(last.start, last.number) if last else None
    shown = [message for _, message in page[:limit]]
    return 200, {"data": {"messages": shown, "nextCursor": following, "hasMore": more}}


def _refused(field: str, message: str) -> Problem:
    return Problem("VALIDATION_ERROR", "Validation failed", [{"field": field, "message": message}])
