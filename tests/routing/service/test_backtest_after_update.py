"""After an update the operator learns what the new program would have decided otherwise: urgent first, once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from intake import storage
from routing.privacy.deletion import forgetting
from routing.service.watch import backtest
from routing.store import history
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.office import Office, opened

RESPONSIBLE = """[responsible]
X01 = { name = "Müll", recipient = "gsak", urgency = "sammel" }
X02 = { name = "Gefahr", recipient = "kod", urgency = "notfall" }
X03 = { name = "Licht", recipient = "ngn", urgency = "heute" }
"""
HEAD = '[categories]\nX01 = "Müll"\nX02 = "Gefahr"\nX03 = "Licht"\n'


def library(rubbish: str, danger: str, light: str) -> str:
    """The rule library, as the program brings it: three rules with these keywords."""
    rules = (("Abfall liegt", "X01", rubbish), ("Strom", "X02", danger), ("Laternen", "X03", light))
    return HEAD + "".join(
        f'[[rules]]\nname = "{name}"\ncategory = "{category}"\nkeywords = [{keywords}]\n'
        for name, category, keywords in rules
    )


FIRST = library('"müllsack", "matratze", "kabel"', '"stromschlag"', '"laterne"')
SECOND = library('"matratze"', '"stromschlag", "kabel"', '"laterne", "müllsack"')


@pytest.fixture
def office(tmp_path: Path, smtp_sink: SmtpSink) -> Iterator[Office]:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "rules.toml").write_text(FIRST, encoding="utf-8")
    rules = journeys.BODIES + RESPONSIBLE
    with opened(tmp_path, smtp_sink, more='[files]\nlibrary = "library"', rules=rules) as office:
        yield office


def update(office: Office, text: str) -> None:
    """The program comes with another library."""
    (office.work.active.configuration.path.parent / "library" / "rules.toml").write_text(text, encoding="utf-8")
    assert office.work.reload()


def test_differences_are_told_urgent_ones_first_and_once(office: Office) -> None:
    for text in ("hier liegen Müllsäcke", "noch mehr Müllsäcke", "ein Kabel", "alte Matratze"):
        office.receive(text)
    assert compare(office)
    assert told(office) == []

    update(office, SECOND)
    assert compare(office)
    assert compare(office)

    (subject, text) = told(office)[0]
    assert len(told(office)) == 1
    assert subject == "[KOD-Update] Neue Programmfassung: 3 von 4 anders eingeordnet"
    assert "4 Nachrichten verglichen. 3 Nachrichten würden anders eingeordnet:" in text
    urgent = text.index("1  dringend: gsak (sammel) → kod (notfall)")
    assert urgent < text.index("2  gsak (sammel) → ngn (heute)")
    assert "Regel „Strom“ trifft jetzt zu (Schlüsselwort „kabel“): 1-mal" in text
    assert "KOD-2026-000001, KOD-2026-000002" in text
    assert "früheren config.toml" not in text
    assert "Müllsäcke" not in text, "no words of citizens"


def test_what_was_told_after_an_earlier_update_is_not_told_again(office: Office) -> None:
    office.receive("hier liegen Müllsäcke")
    office.receive("alte Matratze")
    assert compare(office)
    update(office, SECOND)
    assert compare(office)

    update(office, library('"sperrmüll"', '"stromschlag", "kabel"', '"laterne", "müllsack", "matratze"'))
    assert compare(office)

    subject, text = told(office)[-1]
    assert len(told(office)) == 2
    assert "1 von 2 anders" in subject
    assert "KOD-2026-000002" in text
    assert "KOD-2026-000001" not in text


def test_nothing_is_told_where_nothing_differs(office: Office) -> None:
    for text in ("hier liegen Müllsäcke", "ein Kabel", "ich wollte nur fragen", "die Laterne ist aus"):
        office.receive(text)
    with storage.writing(office.work.engine) as connection:
        storage.note_fact(connection, backtest.TESTED, "an older program")

    assert compare(office)

    assert told(office) == []
    assert known(office) == backtest.program(office.work.active.configuration)


def test_a_difference_may_come_from_the_citys_own_change(office: Office) -> None:
    office.receive("hier liegen Müllsäcke")
    path = office.work.active.configuration.path
    path.write_text(path.read_text("utf-8").replace('"gsak", urgency', '"kbk", urgency'), encoding="utf-8")
    assert office.work.reload()
    office.receive("noch mehr Müllsäcke")

    assert compare(office)

    _, text = told(office)[0]
    assert "gsak (sammel) → kbk (sammel)" in text
    assert "davon alle nach einer früheren config.toml entschieden" in text


def test_what_an_erasure_has_emptied_is_not_compared(office: Office) -> None:
    office.receive("hier liegen Müllsäcke")
    office.receive("ein Kabel")
    with storage.writing(office.work.engine) as connection:
        forgetting.empty_messages(connection, [1], office.clock())
    update(office, SECOND)

    assert compare(office)

    assert "1 Nachricht verglichen. 1 Nachricht würde" in told(office)[0][1]
    assert history.count(office.work.engine) == 1
    assert len(list(history.judged(office.work.engine, office.clock() - timedelta(days=1)))) == 2


def test_only_the_last_ninety_days_count(office: Office) -> None:
    office.receive("hier liegen Müllsäcke")
    office.clock.advance(days=91)
    office.receive("ein Kabel")
    update(office, SECOND)

    assert compare(office)

    assert "1 Nachricht verglichen. 1 Nachricht würde" in told(office)[0][1]


def test_stopped_in_the_middle_it_begins_anew(office: Office) -> None:
    office.receive("hier liegen Müllsäcke")
    office.receive("ein Kabel")
    update(office, SECOND)

    assert not backtest.after_update(office.work, lambda _seconds: True)
    assert known(office) == ""
    assert compare(office)

    assert "2 Nachrichten verglichen" in told(office)[0][1]


def compare(office: Office) -> bool:
    """The comparison as the daemon makes it, without its rests; whether it came to its end."""
    return backtest.after_update(office.work, lambda _seconds: False)


def known(office: Office) -> str:
    with storage.reading(office.work.engine) as connection:
        return storage.fact(connection, backtest.TESTED)


def told(office: Office) -> list[tuple[str, str]]:
    """The letters to the operator: subject and text."""
    office.run()
    return [(letter.subject, letter.text) for letter in office.letters(journeys.OPERATOR)]
