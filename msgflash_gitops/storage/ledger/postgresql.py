"""The ledger as rows of one table in PostgreSQL: the primary key decides which of two appends lands.

Each append is one transaction and each read stands alone, without session state: it works through a transaction pooler. Where a
connection is lost in the middle of COMMIT, the same rows are sent again; the key tells whether they had landed.
"""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import conninfo, errors

from msgflash_gitops.errors import HeadMoved, LedgerError, LedgerLost

_TABLE = (
    "CREATE TABLE IF NOT EXISTS msgflash_ledger (project text NOT NULL, workspace text NOT NULL, number bigint NOT NULL, "
    "line bytea NOT NULL, PRIMARY KEY (project, workspace, number))"
)
_READ = (
    "SELECT number, line FROM msgflash_ledger WHERE project = %s AND workspace = %s AND number > %s "
    "ORDER BY number LIMIT %s"
)
# The lines must follow a line that is there: behind a gap, nothing lands.
_APPEND = (
    "INSERT INTO msgflash_ledger (project, workspace, number, line) "
    "SELECT %s, %s, new.number, new.line FROM unnest(%s::bigint[], %s::bytea[]) AS new(number, line) "
    "WHERE %s::bigint = 0 OR EXISTS (SELECT FROM msgflash_ledger WHERE project = %s AND workspace = %s AND number = %s)"
)
_DISCARD = "DELETE FROM msgflash_ledger WHERE project = %s AND workspace = %s"
# Only for this transaction: a pooler hands the connection to somebody else afterwards.
_SETTINGS = (
    "SELECT set_config('statement_timeout', '30s', true), set_config('lock_timeout', '20s', true), "
    "set_config('synchronous_commit', 'on', true)"
)
# Silence is noticed: a dead peer after 25 s, what it never acknowledged after 30 s.
_DEFAULTS = {
    "application_name": "msgflash-gitops",
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "target_session_attrs": "read-write",
}
_PAGE = 2_000
_LOSSES = 3
# What a server says while it goes away: whether it still committed is not known.
_LOST = ("08", "57", "40003")


class PostgresqlStore:
    """Implements `ports.LedgerStore`. `url` may hold a password: it is shown nowhere."""

    kind = "postgresql"

    def __init__(self, url: str, *, project: str, workspace: str) -> None:
        try:
            given = conninfo.conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            raise LedgerError(
                "the address of the ledger's PostgreSQL is no valid URL",
                hint="it looks like postgresql://user:password@host:5432/database",
            ) from None
        self._settings = {**_DEFAULTS, **{name: str(value) for name, value in given.items() if value is not None}}
        self._password = self._settings.get("password", "")
        self._chain = (project, workspace)
        self._connection: psycopg.Connection[Any] | None = None
        self._one = threading.Lock()
        parts = urlsplit(url)
        self.place = f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"

    async def read(self, after: int = 0) -> list[bytes]:
        return await asyncio.to_thread(self._locked, self._read, after)

    async def append(self, head: int, lines: Sequence[bytes]) -> None:
        await asyncio.to_thread(self._locked, self._append, head, lines)

    async def discard(self) -> None:
        """Remove the rows: for a chain that was only tried."""
        await asyncio.to_thread(self._locked, self._discard)

    async def close(self) -> None:
        await asyncio.to_thread(self._locked, self._drop)

    def _locked(self, what: Any, *arguments: Any) -> Any:
        with self._one:
            return what(*arguments)

    def _read(self, after: int) -> list[bytes]:
        lines: list[bytes] = []
        try:
            connection = self._connected()
            with connection.cursor(binary=True) as cursor:
                cursor.execute(_SETTINGS)
                while True:
                    last = after + len(lines)
                    rows = cursor.execute(_READ, (*self._chain, last, _PAGE)).fetchall()
                    for number, line in rows:
                        if number != after + len(lines) + 1:
                            raise self._gap(after + len(lines))
                        lines.append(bytes(line))
                    if len(rows) < _PAGE:
                        break
            connection.rollback()
        except errors.UndefinedTable:
            self._back()
        except psycopg.Error as error:
            self._drop()
            raise self._trouble("cannot be read", error) from None
        return lines

    def _gap(self, last: int) -> LedgerError:
        self._drop()
        return LedgerError(
            f"the ledger in {self.place} has a gap behind line {last}: rows were removed",
            hint="restore the table from a backup; `ledger verify` checks it",
        )

    def _append(self, head: int, lines: Sequence[bytes]) -> None:
        for _ in range(_LOSSES):
            try:
                if self._insert(head, lines):
                    return
            except HeadMoved:
                if self._read(head)[: len(lines)] != list(lines):
                    raise
                return  # an earlier try of ours
        raise LedgerLost(f"the connection to {self.place} broke in the middle of COMMIT, again and again")

    def _insert(self, head: int, lines: Sequence[bytes]) -> bool:
        """False where the answer to COMMIT was lost."""
        numbers = list(range(head + 1, head + 1 + len(lines)))
        try:
            connection = self._connected()
            with connection.cursor() as cursor:
                cursor.execute(_SETTINGS)
                cursor.execute(_APPEND, (*self._chain, numbers, list(lines), head, *self._chain, head))
                landed = cursor.rowcount == len(lines)
        except errors.UndefinedTable:
            self._back()
            if head:
                raise HeadMoved(f"the ledger's table in {self.place} is gone") from None
            self._make_table()
            return False
        except errors.UniqueViolation:
            self._back()
            landed = False
        except psycopg.Error as error:
            self._drop()
            raise self._trouble("cannot be written", error) from None
        if not landed:
            self._back()
            raise HeadMoved(f"the ledger in {self.place} was continued by somebody else")
        return self._commit(connection)

    def _commit(self, connection: "psycopg.Connection[Any]") -> bool:
        try:
            connection.commit()
        except psycopg.Error as error:
            self._drop()
            if error.sqlstate is None or error.sqlstate.startswith(_LOST):
                return False
            raise self._trouble("cannot be written", error) from None
        return True

    def _make_table(self) -> None:
        try:
            connection = self._connected()
            connection.execute(_TABLE)
            connection.commit()
        except (errors.UniqueViolation, errors.DuplicateTable):
            self._back()  # somebody else made it at the same time
        except psycopg.Error as error:
            self._drop()
            raise self._trouble("has no table msgflash_ledger, and it cannot be made", error) from None

    def _discard(self) -> None:
        try:
            connection = self._connected()
            connection.execute(_DISCARD, self._chain)
            connection.commit()
        except psycopg.Error as error:
            self._drop()
            raise self._trouble("cannot be cleaned up", error) from None

    def _connected(self) -> "psycopg.Connection[Any]":
        if self._connection is None or self._connection.closed:
            # No prepared statements: they would outlive the transaction in a pooler.
            self._connection = psycopg.connect(prepare_threshold=None, **self._settings)  # type: ignore[arg-type]
        return self._connection

    def _back(self) -> None:
        try:
            if self._connection is not None:
                self._connection.rollback()
        except psycopg.Error:
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _trouble(self, what: str, error: psycopg.Error) -> LedgerError:
        said = " ".join(str(error).split()) or type(error).__name__
        if self._password:
            said = said.replace(self._password, "***")
        return LedgerError(
            f"the ledger in {self.place} {what}: {said[:400]}",
            hint="check the address, the user's rights (SELECT and INSERT; CREATE for `ledger init`) and that the server can be reached",
        )
