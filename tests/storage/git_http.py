"""A git server over HTTP on loopback, as hosting services are: a token to read, another right to push."""

import os
import subprocess
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

READER, WRITER = "Basic cmVhZGVy", "Basic d3JpdGVy"


@contextmanager
def git_over_http(
    bare: Path, readers: Collection[str] = (READER,), writers: Collection[str] = (WRITER,)
) -> Iterator[str]:
    """The address of the repository. Who sends one of `readers` may read, who sends one of `writers` may push as well."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve(b"")

        def do_POST(self) -> None:
            self._serve(self._body())

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _serve(self, body: bytes) -> None:
            who = self.headers.get("Authorization")
            if who not in {*readers, *writers}:
                self._answer(401, [("WWW-Authenticate", 'Basic realm="git"')], b"")
            elif "receive-pack" in self.path and who not in writers:
                self._answer(403, [("Content-Type", "text/plain")], b"Write access to repository not granted.")
            else:
                self._backend(body)

        def _backend(self, body: bytes) -> None:
            path, _, query = self.path.partition("?")
            environ = {
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(bare.parent),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REMOTE_USER": "writer",
            }
            done = subprocess.run(["git", "http-backend"], input=body, env=environ, capture_output=True)
            head, _, rest = done.stdout.partition(b"\r\n\r\n")
            pairs = [line.decode().split(": ", 1) for line in head.split(b"\r\n")]
            status = next((int(value.split()[0]) for name, value in pairs if name == "Status"), 200)
            self._answer(status, [(name, value) for name, value in pairs if name != "Status"], rest)

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{bare.name}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
