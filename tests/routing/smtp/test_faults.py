"""The table of faults in docs/operations.md is what happens."""

from pathlib import Path

from tests.support.manuals import smtp_faults


def test_the_table_of_faults_is_what_happens(tmp_path: Path) -> None:
    assert smtp_faults.table(tmp_path) == smtp_faults.shown()
