from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.desk import DOCUMENTED, Desk
from tests.workflows.office import Office


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Over an account with a list of campaigns."""
    one = Desk()
    yield one
    one.close()


@pytest.fixture
def alone() -> Iterator[Desk]:
    """Over an account as it is documented: without a list."""
    one = Desk(DOCUMENTED)
    yield one
    one.close()


@pytest.fixture
def make_office(tmp_path: Path) -> Iterator[Callable[..., Office]]:
    made: list[Office] = []

    def make(*arguments: Any, **more: Any) -> Office:
        made.append(Office(tmp_path, *arguments, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()
