"""config.pruefung.txt: whoever has only the share learns what became of a saved config.toml."""

from pathlib import Path

from routing.service.daemon import watching
from routing.service.watch import verdict
from tests.servers.smtp import SmtpSink
from tests.support import office
from tests.support.office import Office


def test_a_save_is_answered_beside_the_file(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink) as place:
        config = place.work.active.configuration.path
        taken = _saved(place, config.read_text(encoding="utf-8").replace('"matratze"', '"matratze", "sofa"'))
        assert "ÜBERNOMMEN: config.toml, geprüft am 10.06.2026 09:00 Uhr." in taken
        assert ', "sofa"]' in taken
        assert "+ config.toml, Zeile " in taken

        seen = watching.state_of(place.work.active.configuration)
        refused = _saved(place, config.read_text(encoding="utf-8").replace('recipient = "ngn"', 'recipient = "nng"'))
        assert refused.startswith("NICHT ÜBERNOMMEN")
        assert "Zeile " in refused
        assert "Meinten Sie „ngn“?" in refused

        assert {config.name} == {
            path.name for path, *_ in set(watching.state_of(place.work.active.configuration)) - set(seen)
        }
        assert [] == [path.name for path in tmp_path.iterdir() if path.name.startswith(f".{verdict.FILE}")]


def test_where_it_cannot_be_written_nothing_else_fails(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink) as place:
        (tmp_path / verdict.FILE).mkdir()  # nobody can replace a folder by a file
        now = place.work.active.configuration

        assert not verdict.after_save(now, now, place.clock())


def _saved(place: Office, text: str) -> str:
    """Somebody saves config.toml, and the daemon looks at it; what stands beside it then."""
    before = place.work.active.configuration
    before.path.write_text(text, encoding="utf-8")
    place.work.reload()
    assert verdict.after_save(before, place.work.active.configuration, place.clock())
    return before.path.with_name(verdict.FILE).read_bytes().decode("utf-8-sig")
