"""Git as a process: its own arguments only, no shell, no question; no network, except by `reach`.

What surrounds a hook (`GIT_DIR` and the like) is not passed on: the folder that is asked about decides which repository it is.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from msgflash_gitops.errors import InputError

_SECONDS = 60.0
_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE")
_SETTINGS = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
}
_NO_NETWORK = {
    # A partial clone fetches what it lacks when it is asked for; older versions know only the second of these.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}
# What a user's configuration could add to a fetch or a push: hooks, signatures, tags, submodules, housekeeping.
_QUIET = tuple(
    part
    for setting in (
        f"core.hooksPath={os.devnull}",
        "gc.auto=0",
        "maintenance.auto=false",
        "fetch.writeCommitGraph=false",
        "fetch.recurseSubmodules=false",
        "push.recurseSubmodules=no",
        "push.followTags=false",
        "push.gpgSign=false",
    )
    for part in ("-c", setting)
)


@dataclass(frozen=True, slots=True)
class Answer:
    """How git ended, what it printed, and the first line of its complaint (`reach`: all of it)."""

    code: int
    out: bytes
    complaint: str

    @property
    def text(self) -> str:
        """The output as one value; bytes that are no UTF-8 survive the way back into an argument."""
        return os.fsdecode(self.out.removesuffix(b"\n"))


def ask(root: Path, *arguments: str) -> Answer:
    """Run git in a folder. Raises InputError where it is not there or does not end."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            _command(root, arguments), capture_output=True, timeout=_SECONDS, check=False, env=_environment()
        )
    except FileNotFoundError as error:
        raise _not_there(error) from None
    except (OSError, subprocess.SubprocessError) as error:
        raise InputError(f"git cannot be run ({type(error).__name__})") from None
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return Answer(done.returncode, done.stdout, lines[0].removeprefix("fatal: ") if lines else "")


def reach(root: Path, *arguments: str, given: bytes = b"", seconds: float = _SECONDS) -> Answer:
    """Run git where it may talk to a remote, with the repository's own credentials; no hook of this machine runs.

    It has a session of its own: a password cannot be asked for on a terminal, and Ctrl-C does not end it half-way. After `seconds`
    it is ended with what it started, and the answer's code is that of the signal. Raises InputError where git cannot be run.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell
            _command(root, (*_QUIET, *arguments)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(network=True),
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise _not_there(error) from None
    except OSError as error:
        raise InputError(f"git cannot be run ({type(error).__name__})") from None
    with process:
        try:
            out, complaints = process.communicate(given, timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            return Answer(-signal.SIGTERM, b"", f"no end after {seconds:.0f} s")
        except BaseException:
            _end(process)
            raise
    return Answer(process.returncode, out, complaints.decode("utf-8", "replace").strip())


@contextmanager
def talking(root: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A git process that is written to and read from; it ends with the block, and after a minute at the latest."""
    try:
        process = subprocess.Popen(  # noqa: S603
            _command(root, arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
    except FileNotFoundError as error:
        raise _not_there(error) from None
    with process:
        timer = threading.Timer(_SECONDS, process.kill)
        timer.start()
        try:
            yield process
        finally:
            timer.cancel()
            process.kill()


def _command(root: Path, arguments: tuple[str, ...]) -> list[str]:
    return ["git", "-C", str(root), *arguments]


def _environment(*, network: bool = False) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    return {**kept, **_SETTINGS, **({} if network else _NO_NETWORK)}


def _end(process: "subprocess.Popen[bytes]") -> None:
    """The process and what it started (ssh, remote helpers), which would keep our pipes open."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _not_there(error: FileNotFoundError) -> InputError:
    if error.filename not in (None, "git"):
        return InputError(f"git cannot be run: {error.strerror}")
    return InputError("git is not installed, or not in PATH", hint="install git: earlier versions are read through it")
