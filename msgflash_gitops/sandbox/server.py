"""Listening on loopback, with connections that can be dropped on request."""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from msgflash_gitops.sandbox.served import Sandbox


class DroppableProtocol(H11Protocol):
    """Hands the app a way to close the connection without an answer, as `scope["extensions"]["sandbox.abort"]`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        served = self.app

        async def app(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})["sandbox.abort"] = self.transport.abort
            await served(scope, receive, send)

        self.app = app


def listen(host: str, port: int) -> socket.socket:
    """A socket on a loopback address. Raises ValueError for any other: the sandbox checks no real key."""
    address = "127.0.0.1" if host == "localhost" else host
    try:
        loopback = ipaddress.ip_address(address)
    except ValueError:
        raise ValueError(f"{host} is no address") from None
    if not loopback.is_loopback:
        raise ValueError(f"{host} is not a loopback address: the sandbox listens to this machine only")
    family = socket.AF_INET6 if loopback.version == 6 else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((address, port))
    return listening


def make_server(sandbox: Sandbox) -> uvicorn.Server:
    config = uvicorn.Config(
        sandbox.app,
        http=DroppableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def url_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(sandbox: Sandbox, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Until SIGINT or SIGTERM. Raises ValueError and OSError where it cannot listen there."""
    with listen(host, port) as listening:
        on_ready(url_of(listening))
        make_server(sandbox).run(sockets=[listening])
