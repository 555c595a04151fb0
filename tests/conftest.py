"""The network is off for the suite, except loopback."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class NetworkIsOff(RuntimeError):
    pass


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def guarded(call: Callable[..., Any]) -> Callable[..., Any]:
        def checked(self: socket.socket, *arguments: Any) -> Any:
            address = arguments[-1]
            if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOOPBACK:
                raise NetworkIsOff(f"a test talks to {address[0]}")
            return call(self, *arguments)

        return checked

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))
