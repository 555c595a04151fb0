"""Key, team, rate and quota."""

import hmac
from collections import deque

from msgflash_gitops.sandbox.behaviour import Behaviour
from msgflash_gitops.sandbox.problems import Problem
from msgflash_gitops.sandbox.store import Store

API_KEY = "msgf_live_" + "5a" * 32
TEAM_KEY = "msgf_team_" + "7e" * 32
TEAM_ID = "7e7e7e7e-7e7e-4e7e-8e7e-7e7e7e7e7e7e"
_PERSONAL_ONLY = ("/usage", "/billing/usage")


def check_key(headers: dict[str, str], path: str) -> str:
    """The key. Page "Authentication": a team key with its team's id, a personal key without any."""
    key, team = headers.get("x-api-key", ""), headers.get("x-team-id")
    if hmac.compare_digest(key.encode(), API_KEY.encode()):
        if team is not None:
            raise Problem("TEAM_KEY_REQUIRED", "X-Team-Id needs a team key")
        return key
    if hmac.compare_digest(key.encode(), TEAM_KEY.encode()):
        if team != TEAM_ID:
            raise Problem("UNAUTHORIZED", "X-Team-Id is missing or does not match the key")
        if path in _PERSONAL_ONLY:
            raise Problem("TEAM_KEY_NOT_ALLOWED", "Team keys may not read this")
        return key
    raise Problem("UNAUTHORIZED", "Invalid API key")


class Limits:
    """Requests of the last second per key, and the monthly counters."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._recent: dict[str, deque[float]] = {}

    def check(self, key: str, at: float, behaviour: Behaviour) -> None:
        """Counts the request. Raises Problem where it is one too many."""
        recent = self._recent.setdefault(key, deque())
        while recent and at - recent[0] >= 1.0:
            recent.popleft()
        if len(recent) >= behaviour.rate_limit:
            raise Problem("API_RATE_LIMIT_EXCEEDED", f"More than {behaviour.rate_limit} requests per second")
        recent.append(at)
        used = self._store.count("requests", 1)
        if behaviour.monthly_requests is not None and used > behaviour.monthly_requests:
            raise Problem("MONTHLY_API_REQUEST_QUOTA_EXCEEDED", "Monthly request quota exceeded")
