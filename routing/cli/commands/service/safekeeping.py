"""backup, restore, move: the whole installation in one file, back again, and into another database."""

import json
import secrets
from contextlib import closing
from datetime import datetime
from pathlib import Path

import click
import sqlalchemy as sa

from intake import storage
from intake.base import errors, german
from routing.cli import account, session
from routing.cli.context import CommandContext
from routing.cli.output import click_german
from routing.privacy.deletion import returning
from routing.service import channels, runtime
from routing.service.safekeeping import aftermath, fitness
from routing.service.safekeeping import backup as backing
from routing.service.safekeeping import move as moving
from routing.service.safekeeping import restore as restoring


@click.command(cls=click_german.Command)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="DATEI")
@click.option("--keep", type=click.IntRange(1, 1000), metavar="ANZAHL", help="So viele aufheben (DATEI.1 …).")
@click.option("--json", "as_json", is_flag=True, help="Für Programme: ein JSON-Objekt.")
@click.pass_obj
def backup(context: CommandContext, *, file: Path, keep: int | None, as_json: bool) -> int:
    """Datenbank, Konfiguration und Zustand in eine Datei sichern; der Dienst läuft weiter.

    Die Datei ist nur für Sie lesbar und wird nach dem Schreiben geprüft. Sie enthält Daten von Bürgern.
    """
    file = file.absolute()
    with session.opened(context) as work:
        if work.engine.url.database in {None, "", ":memory:"}:
            raise errors.PermanentError("Es gibt noch keine Datenbank; der Dienst hat noch nie gearbeitet.")
        try:
            manifest = backing.make(work.engine, work.active.configuration, file, work.clock(), keep=keep or 0)
        except OSError as error:
            raise errors.PermanentError(f"{file} lässt sich nicht schreiben ({german.refusal(error)}).") from error
    size, messages = file.stat().st_size, manifest.rows.get("messages", 0)
    if as_json:
        click.echo(json.dumps({"file": str(file), "size": size, "rows": dict(manifest.rows)}))
    else:
        click.echo(f"Gesichert und geprüft: {file} ({size / 1e6:.1f} MB, {_messages(messages)}).")
    return 0


@click.command(cls=click_german.Command)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="[DATEI]", required=False)
@click.option("--yes", is_flag=True, help="Nicht fragen.")
@click.option("--continue", "go_on", is_flag=True, help="Ein unterbrochenes Zurückspielen abschließen.")
@click.pass_obj
def restore(context: CommandContext, *, file: Path | None, yes: bool, go_on: bool) -> int:
    """Eine Sicherung zurückspielen und sicher weitermachen. Der Dienst muss stehen.

    Nummern gehen über allen weiter, die das Postfach zeigt; was seit der Sicherung abgelegt wurde, wird noch einmal
    geholt. Schreiben, die vielleicht schon hinausgingen, warten auf Ihre Entscheidung.
    """
    if (file is None) != go_on:
        raise errors.UsageError("Nennen Sie die Sicherung: kod-intake restore DATEI (oder --continue).")
    path = context.config_path()
    account.work_as_the_service(path)
    configuration, _, _ = runtime.load_or_last_good(path, context.environ)
    url, now = runtime.database_url(configuration), runtime.utc_now()
    if file is not None:
        with restoring.unpacked(file.absolute(), configuration) as found:
            _ask(found, url, yes=yes)
            data, names = configuration.settings.service.data, channels.configured(configuration.settings)
            with closing(_standing_still(url, data, [one.source for one in names])):
                _remember_erased(url, data)
                kept = restoring.put(found, url, configuration, now)
            beside = restoring.put_beside(found, configuration, now)
        click.echo("Die Datenbank der Sicherung ist eingesetzt.")
        if kept:
            click.echo(f"Was vorher da war, liegt in {kept}.")
        if beside:
            click.echo(f"Konfiguration und Zustand der Sicherung liegen zum Vergleichen in {beside}.")
    return _go_on(context, path)


def _ask(found: restoring.Unpacked, url: str, *, yes: bool) -> None:
    made = german.long_moment(datetime.fromisoformat(found.manifest.made_at))
    click.echo(f"Sicherung vom {made}: {_messages(found.manifest.rows.get('messages', 0))}.")
    database = sa.make_url(url).database
    if sa.make_url(url).get_backend_name() != "sqlite" or (database and Path(database).exists()):
        engine = storage.create(url)
        try:
            count, newest = restoring.look(engine)
            since = f", die letzte vom {german.short_moment(newest)}" if newest else ""
            click.echo(f"Jetzt in der Datenbank: {_messages(count)}{since}.")
        except (errors.IntakeError, sa.exc.SQLAlchemyError):
            click.echo("Die Datenbank, die jetzt da ist, lässt sich nicht lesen.")
        finally:
            engine.dispose()
        if not yes:
            click.confirm("Soll die Sicherung an ihre Stelle treten?", abort=True)


def _standing_still(url: str, data: Path, sources: list[str]) -> "_Closed":
    """Hold what keeps a daemon out. Raises AlreadyRunningError when one works."""
    if sa.make_url(url).get_backend_name() == "sqlite":
        lock = storage.FileLock(data / "kod-intake.lock")
        lock.acquire()
        return _Closed(lock)
    engine = storage.create(url)
    locks = storage.Leases(engine, f"restore-{secrets.token_hex(8)}")
    busy = [source for source in sources if not locks.take(source)]
    if busy:
        locks.close()
        engine.dispose()
        raise errors.AlreadyRunningError(
            "Ein kod-intake arbeitet mit dieser Datenbank. Bitte zuerst den Dienst anhalten."
        )
    return _Closed(None, locks)


class _Closed:
    """Locks that are given back by ``close``."""

    def __init__(self, lock: storage.FileLock | None, locks: storage.Leases | None = None) -> None:
        self._lock, self._locks = lock, locks

    def close(self) -> None:
        """Give them back."""
        if self._lock:
            self._lock.release()
        if self._locks:
            self._locks.close()


def _go_on(context: CommandContext, path: Path) -> int:
    work = runtime.Runtime.open(path, context.environ, check=fitness.check_restored)
    try:
        work.compile()
        done = aftermath.go_on(work)
    except errors.TemporaryError as error:
        raise errors.PermanentError(
            f"{error.german}\nDas Zurückspielen ist noch nicht zu Ende, der Dienst startet nicht. Sobald der "
            "Mailserver antwortet: kod-intake restore --continue"
        ) from error
    finally:
        work.close()
    again = german.counted(done.received, "Nachricht", "Nachrichten")
    click.echo(f"Seit der Sicherung abgelegt und noch einmal geholt: {again}.")
    for series, value in sorted(done.counters.items()):
        click.echo(f"Die nächste Nummer nach {series}-{value:06d} ist frei.")
    if done.settled:
        click.echo(f"Als versandt erkannt (beantwortet oder zurückgekommen): {done.settled} Schreiben.")
    if done.held:
        urgent = f", davon {done.urgent} DRINGEND" if done.urgent else ""
        click.echo(
            f"Vielleicht schon versandt und darum angehalten: {done.held} Schreiben{urgent}.\n"
            "Ansehen: kod-intake outbox. Alle noch einmal schicken: kod-intake outbox release. Eines nicht: "
            "kod-intake outbox cancel NUMMER."
        )
    if done.lists:
        click.echo(
            f"Seit der Sicherung gelesen und jetzt unbekannt: {_counted_lists(len(done.lists))}.\n"
            + "\n".join(f"  {path}" for path in done.lists)
            + "\nLegen Sie sie in den Ordner darüber zurück, dann werden sie noch einmal aufgenommen; bekannte Zeilen "
            "werden erkannt. Was aus den anderen weiterzugeben war, ging vielleicht schon hinaus und geht dann noch "
            "einmal, mit neuer Nummer."
        )
    click.echo("Der Dienst kann wieder starten.")
    return 4 if done.held or done.lists else 0


def _counted_lists(count: int) -> str:
    return german.counted(count, "Telefonliste", "Telefonlisten")


@click.command(cls=click_german.Command)
@click.option(
    "--to", "url", required=True, metavar="URL", help='Die neue, leere Datenbank, z. B. "postgresql+psycopg://…".'
)
@click.pass_obj
def move(context: CommandContext, *, url: str) -> int:
    """Alles in eine andere Datenbank umziehen und vergleichen. Der Dienst muss stehen.

    Gelingt es, arbeitet kein Dienst mehr auf der alten; sie bleibt, wie sie ist.
    """
    try:
        sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise errors.UsageError(f"„{url}“ ist keine Adresse einer Datenbank.") from error
    path = context.config_path()
    account.work_as_the_service(path)
    work = runtime.Runtime.open(path, context.environ)
    try:
        for channel in channels.configured(work.settings):
            if not work.leases.take(channel.source):
                raise errors.AlreadyRunningError(channel.texts.busy)
        found = moving.move(work.engine, url)
    finally:
        work.close()
    rows = sum(one.rows for one in found.values())
    click.echo(
        f"Umgezogen und verglichen: {german.number(rows)} Zeilen in {len(found)} Tabellen sind gleich.\n"
        "Tragen Sie die neue Datenbank in config.toml unter [service] database ein und starten Sie den Dienst."
    )
    return 0


def _remember_erased(url: str, data: Path) -> None:
    """Note what the database that is put aside knows of erased persons; one that cannot be read changes nothing."""
    place = storage.path_of(url)
    if place is not None and not place.exists():
        return
    engine = storage.create(url)
    try:
        returning.keep_list(engine, data)
    except (errors.IntakeError, sa.exc.SQLAlchemyError, OSError):
        click.echo("Wer gelöscht ist, sagt die Datenbank nicht, die jetzt da ist; es gilt die Liste im Datenordner.")
    finally:
        engine.dispose()


def _messages(count: int) -> str:
    return german.counted(count, "Nachricht", "Nachrichten")


COMMANDS = (backup, restore, move)
