"""State in SQLite: one row per object, its JSON in one column. Several processes may share a file."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    kind TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (kind, id)
);
CREATE INDEX IF NOT EXISTS by_position ON objects (kind, position);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""

_LAST = 2**62


class Store:
    def __init__(self, database: str | Path) -> None:
        self._db = sqlite3.connect(database, timeout=10.0, isolation_level=None, check_same_thread=False)
        if str(database) != ":memory:":
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: nobody else writes between what is read and what is written in it."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def all(self, kind: str) -> list[dict[str, Any]]:
        """In the order in which they were added."""
        rows = self._db.execute("SELECT data FROM objects WHERE kind = ? ORDER BY position", (kind,))
        return [json.loads(row[0]) for row in rows]

    def first(self, kind: str, number: int) -> list[dict[str, Any]]:
        """Those added first, so many."""
        rows = self._db.execute("SELECT data FROM objects WHERE kind = ? ORDER BY position LIMIT ?", (kind, number))
        return [json.loads(row[0]) for row in rows]

    def newest(self, kind: str, at_most: int | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
        """With their positions, those added last first; none that stands behind `at_most`. One row at a time."""
        while row := self._db.execute(
            "SELECT position, data FROM objects WHERE kind = ? AND position <= ? ORDER BY position DESC LIMIT 1",
            (kind, _LAST if at_most is None else at_most),
        ).fetchone():
            yield row[0], json.loads(row[1])
            at_most = row[0] - 1

    def get(self, kind: str, identity: str) -> dict[str, Any] | None:
        row = self._db.execute("SELECT data FROM objects WHERE kind = ? AND id = ?", (kind, identity)).fetchone()
        return json.loads(row[0]) if row else None

    def put(self, kind: str, item: dict[str, Any]) -> None:
        """Add, or replace where it stands."""
        self._db.execute(
            "INSERT INTO objects VALUES (?, ?, (SELECT COALESCE(MAX(position), 0) + 1 FROM objects WHERE kind = ?), ?) "
            "ON CONFLICT (kind, id) DO UPDATE SET data = excluded.data",
            (kind, item["id"], kind, json.dumps(item)),
        )

    def delete(self, kind: str, identity: str) -> None:
        self._db.execute("DELETE FROM objects WHERE kind = ? AND id = ?", (kind, identity))

    def is_empty(self) -> bool:
        return self._db.execute("SELECT 1 FROM objects LIMIT 1").fetchone() is None

    def count(self, name: str, by: int = 0) -> int:
        """A counter's value, after adding to it."""
        self._db.execute(
            "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            (name, by),
        )
        value: int = self._db.execute("SELECT value FROM counters WHERE name = ?", (name,)).fetchone()[0]
        return value
