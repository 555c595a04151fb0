"""Just enough of the Language Server Protocol to open a file and read what the editor would underline."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Diagnostic = tuple[int, str]


class LanguageServer:
    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._number = 0

    def start(self, root: Path) -> None:
        self._number += 1
        workspace = {"uri": root.as_uri(), "name": root.name}
        initialize: dict[str, Any] = {
            "processId": None,
            "rootUri": root.as_uri(),
            "capabilities": {},
            "workspaceFolders": [workspace],
        }
        self._send({"id": self._number, "method": "initialize", "params": initialize})
        self._until(lambda message: message.get("id") == 1 and "result" in message)
        self._send({"method": "initialized", "params": {}})
        yaml = {"validate": True, "schemaStore": {"enable": False}}
        self._send({"method": "workspace/didChangeConfiguration", "params": {"settings": {"yaml": yaml}}})

    def diagnose(self, path: Path) -> list[Diagnostic]:
        """Line (from 1) and message of each."""
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": path.read_text()}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        published = self._until(
            lambda message: (
                message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == path.as_uri()
            )
        )
        found = [(each["range"]["start"]["line"] + 1, each["message"]) for each in published["params"]["diagnostics"]]
        return sorted(found)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _until(self, wanted: Any) -> dict[str, Any]:
        while True:
            message = self._receive()
            if wanted(message):
                return message
            if "id" in message and "method" in message:
                self._send({"id": message["id"], "result": _answer(message)})

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while (line := self._process.stdout.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise EOFError("the language server ended")
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return message


def _answer(request: dict[str, Any]) -> Any:
    """What the editor's settings would say: nothing beyond the defaults."""
    items = request.get("params", {}).get("items", [])
    return [None for _ in items] if request["method"] == "workspace/configuration" else None


@contextmanager
def language_server(command: list[str], root: Path) -> Iterator[LanguageServer]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        server = LanguageServer(process)
        server.start(root)
        yield server
    finally:
        process.kill()
        process.communicate()
