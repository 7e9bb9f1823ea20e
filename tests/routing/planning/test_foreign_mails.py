"""Web forms, answers between quotes, automatic mail, long stories and footers, each mail with its right value.

``tests/data/foreign_mails`` has the mails; they were written before the code they try was looked at (the rates of the
first run stand in docs/decisions/2026-11-30-forms-and-what-is-said-now.md). The shipped configuration judges them.
"""

import pytest

from tests.routing.planning import foreign_mails
from tests.routing.planning.foreign_mails import Case

CASES = [
    (file.stem, case) for file in sorted(foreign_mails.FOLDER.glob("*.txt")) for case in foreign_mails.cases(file)
]


@pytest.mark.parametrize(("file", "case"), CASES, ids=[f"{file}: {case.name}" for file, case in CASES])
def test_a_foreign_mail_comes_to_what_is_right(file: str, case: Case) -> None:
    assert [] == foreign_mails.faults(case), file
