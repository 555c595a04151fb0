from collections.abc import Iterator

import pytest

from tests.workflows.desk import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    one = Desk()
    yield one
    one.close()
