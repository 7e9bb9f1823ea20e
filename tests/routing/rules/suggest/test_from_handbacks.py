"""A hand-back shows its rule and a proposal with what it would have done; nothing changes by itself."""

from pathlib import Path

from click.testing import CliRunner

from routing.cli.commands.rules.handback import handback
from routing.cli.context import CommandContext
from tests.servers.smtp import SmtpSink
from tests.support import journeys, office


def _run(folder: Path, number: str) -> str:
    context = CommandContext(folder / "config.toml", {})
    return CliRunner().invoke(handback, [number], obj=context, catch_exceptions=False).output


def test_a_hand_back_shows_rule_word_and_backtest(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink) as place:
        place.receive("die Laterne steht auf Privatgrund und ist kaputt", sender="otto@example.org")
        place.receive("die Laterne am Spielplatz flackert", sender="emil@example.org")
        place.reply(place.letters("ngn")[0], "Nicht zuständig, das ist Privatgrund.")
    shown = _run(tmp_path, "KOD-2026-000001")

    assert "Netzgesellschaft Niederrhein gibt den Hinweis zurück" in shown
    assert "Regel „Laterne“ (Straßenbeleuchtung → ngn) fand „Laterne“." in shown
    assert "nicht, wenn „privatgrund“ vorkommt (auch die Stelle nennt es)" in shown
    assert 'unless = ["privatgrund"]' in shown
    assert "# Rückvergleich: 1 von 3 Nachrichten würde anders weitergeleitet." in shown
    assert "keine Rückgabe" in _run(tmp_path, "KOD-2026-000002")


def test_an_urgent_rule_gets_no_exception(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink) as place:
        place.receive(f"auf dem Parkplatz: {journeys.OIL}")
        place.reply(place.letters("kbk")[0], "nicht zuständig")
    shown = _run(tmp_path, "KOD-2026-000001")

    assert "Kein Wort der Nachricht bietet sich als Ausnahme an" in shown
