"""The sandbox on a real port, in a thread."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from msgflash_gitops.sandbox import Sandbox
from msgflash_gitops.sandbox.server import listen, make_server, url_of


@contextmanager
def running(sandbox: Sandbox) -> Iterator[str]:
    """The base URL, while it listens."""
    with listen("127.0.0.1", 0) as listening:
        server = make_server(sandbox)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        try:
            yield url_of(listening)
        finally:
            server.should_exit = server.force_exit = True
            thread.join(10)
