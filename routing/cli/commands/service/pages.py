"""web, user: the pages in the house without the daemon, and the accounts of those who use them."""

import contextlib
import signal
import threading
from collections.abc import Iterator

import click

from intake import storage
from intake.base import errors, german
from routing.cli import account, session
from routing.cli.context import CommandContext
from routing.cli.output import click_german
from routing.model.web import Role
from routing.service import runtime
from routing.service.daemon import watching
from routing.store import accounts
from routing.web import account_changes, application, server

_FOLLOW_SECONDS = 5.0
_ROLES = click_german.Word([role.value for role in Role])
_ROLE = click.option("--role", "roles", multiple=True, required=True, type=_ROLES, help="desk, rules, privacy, admin.")


@click.command(cls=click_german.Command)
@click.pass_obj
def web(context: CommandContext) -> None:
    """Die Seiten im Haus öffnen, ohne den Dienst (im Vordergrund; SIGTERM beendet)."""
    path = context.config_path()
    account.work_as_the_service(path)
    work = runtime.Runtime.open(path, context.environ, exclusive=False)
    stop = threading.Event()
    try:
        if not work.settings.web.listen:
            raise errors.UsageError("In config.toml fehlt die Adresse der Seiten: [web] listen.")
        work.compile()
        pages = server.Server(application.create(work), work.settings.web)
        pages.start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        seen = watching.state_of(work.active.configuration)
        while not stop.wait(_FOLLOW_SECONDS):
            if (found := watching.state_of(work.active.configuration)) != seen:
                _follow(work)
                seen = found
        pages.stop()
    finally:
        work.close()


def _follow(work: runtime.Runtime) -> None:
    """Take config.toml as it is now, or its last good copy; telling of mistakes is the daemon's work."""
    configuration, work.broken, _ = runtime.load_or_last_good(work.active.configuration.path, work.environ)
    if configuration.fingerprint != work.active.configuration.fingerprint:
        work.active = runtime.ActiveConfiguration(configuration).compiled()


@click.group(cls=click_german.Group)
def user() -> None:
    """Konten der Seiten im Haus: add, list, password, roles, end."""


@user.command(cls=click_german.Command)
@click.argument("name", metavar="NAME")
@click.option("--shown", default="", metavar="TEXT", help="Name der Person, wie er im Verlauf steht.")
@_ROLE
@click.option("--proxy", is_flag=True, help="Ohne Passwort: Die Anmeldung macht ein Proxy (Single Sign-on).")
@click.pass_obj
def add(context: CommandContext, *, name: str, shown: str, roles: tuple[str, ...], proxy: bool) -> None:
    """Ein Konto anlegen; das erste Passwort wird einmal gezeigt und muss gleich geändert werden."""
    with _opened(context) as work:
        password = account_changes.add(
            work.engine, name, shown, roles, work.clock(), actor=session.actor(), by_proxy=proxy
        )
    click.echo(f"Das Konto {name.casefold()} ist angelegt.")
    _tell(password)


@user.command("list", cls=click_german.Command)
@click.pass_obj
def list_(context: CommandContext) -> None:
    """Alle Konten mit ihren Aufgaben."""
    with session.opened(context) as work, storage.reading(work.engine) as connection:
        found = accounts.every(connection)
    for one in found:
        ended = f", geschlossen am {german.short_moment(one.ended_at)}" if one.ended_at else ""
        how = "" if one.password else ", Anmeldung durch den Proxy"
        click.echo(f"{one.name:<20} {one.shown:<30} {', '.join(sorted(one.roles))}{how}{ended}")
    if not found:
        click.echo("Es gibt noch kein Konto. Eines anlegen: kod-intake user add NAME --role desk")


@user.command(cls=click_german.Command)
@click.argument("name", metavar="NAME")
@click.pass_obj
def password(context: CommandContext, *, name: str) -> None:
    """Ein neues erstes Passwort vergeben, und überall abmelden."""
    with _opened(context) as work:
        chosen = account_changes.new_password(work.engine, name, work.clock(), actor=session.actor())
    click.echo(f"Das Konto {name} hat ein neues Passwort.")
    _tell(chosen)


@user.command("roles", cls=click_german.Command)
@click.argument("name", metavar="NAME")
@_ROLE
@click.pass_obj
def roles_(context: CommandContext, *, name: str, roles: tuple[str, ...]) -> None:
    """Die Aufgaben eines Kontos ändern; genannt werden alle, die es haben soll."""
    with _opened(context) as work:
        click.echo(account_changes.set_roles(work.engine, name, roles, work.clock(), actor=session.actor()))


@user.command(cls=click_german.Command)
@click.argument("name", metavar="NAME")
@click.pass_obj
def end(context: CommandContext, *, name: str) -> None:
    """Ein Konto schließen und abmelden; sein Name bleibt im Verlauf. Mit „user roles“ gilt es wieder."""
    with _opened(context) as work:
        click.echo(account_changes.end(work.engine, name, work.clock(), actor=session.actor()))


@contextlib.contextmanager
def _opened(context: CommandContext) -> Iterator[runtime.Runtime]:
    """The store, for a change of accounts. Raises UsageError where the service has not made one yet."""
    with session.opened(context) as work:
        if not storage.is_kept(work.engine):
            raise errors.UsageError("Es gibt noch keine Datenbank. Starten Sie erst den Dienst: kod-intake run")
        yield work


def _tell(password: str) -> None:
    if password:
        click.echo(f"Erstes Passwort (nur jetzt zu sehen): {password}")


COMMANDS = (web, user)
