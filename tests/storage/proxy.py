"""A TCP proxy on loopback that alters what the client sends, or cuts the line at a moment of the test's choosing."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Alter = Callable[[bytes], bytes]


class Proxy:
    """`cut_before`: a message of the client's that is never passed on; `cut_after`: one whose answer is kept back. Each once."""

    def __init__(self, port: int, alter: Alter = bytes) -> None:
        self._target = port
        self._alter = alter
        self.cut_before: bytes | None = None
        self.cut_after: bytes | None = None
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._target)) as server:
            silent = threading.Event()
            back = threading.Thread(target=self._answers, args=(server, client, silent), daemon=True)
            back.start()
            with contextlib.suppress(OSError):
                while data := client.recv(1 << 16):
                    if self.cut_before is not None and self.cut_before in data:
                        self.cut_before = None
                        break
                    if self.cut_after is not None and self.cut_after in data:
                        self.cut_after = None
                        silent.set()
                    server.sendall(self._alter(data))
                    if silent.is_set():
                        back.join(10)
                        break
            for each in (client, server):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            back.join(10)

    def _answers(self, server: socket.socket, client: socket.socket, silent: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                if silent.is_set():
                    return  # it has answered, and nobody hears of it
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxied(port: int, alter: Alter = bytes) -> Iterator[Proxy]:
    proxy = Proxy(port, alter)
    try:
        yield proxy
    finally:
        proxy.close()
