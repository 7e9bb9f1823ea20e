"""What the tests of receiving share: an empty database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from intake import storage
from routing.store import migrations


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = storage.create(f"sqlite:///{tmp_path / 'kod.sqlite'}")
    migrations.upgrade(made)
    yield made
    made.dispose()
