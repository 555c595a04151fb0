"""The sandbox as a whole: its state, and the app that serves it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from msgflash_gitops.sandbox.app import make_app
from msgflash_gitops.sandbox.behaviour import Behaviour
from msgflash_gitops.sandbox.dashboard import Dashboard


class Sandbox(Dashboard):
    """`app` is the ASGI app; everything else is state."""

    def __init__(
        self,
        database: str | Path = ":memory:",
        now: Callable[[], datetime] | None = None,
        monotonic: Callable[[], float] | None = None,
        behaviour: Behaviour | None = None,
    ) -> None:
        super().__init__(database, now, monotonic, behaviour)
        self.app = make_app(self)
