"""run, once: the commands that do the work."""

import contextlib
import sys
import time
from collections.abc import Iterator

import click
import structlog

from intake.base import errors, german, process_memory
from intake.receive import backlog
from routing.cli import account
from routing.cli.context import CommandContext
from routing.cli.output import click_german
from routing.service import daemon, runtime
from routing.service import once as one_pass
from routing.service.alerts import starting
from routing.service.safekeeping import beginning

log = structlog.get_logger(__name__)

PAGES = "pages"  # the condition's name
SWITCH_SECONDS = 0.001  # a thread whose server has answered gets its turn after 1 ms, not 5


_NEW = click.option("--new-beginning", is_flag=True, help="Neu beginnen, auch wenn das Postfach schon Vorgänge zeigt.")


@click.command(cls=click_german.Command)
@_NEW
@click.option("--stopped", is_flag=True, hidden=True, help="Nur sagen, dass der Dienst nicht mehr gestartet wird.")
@click.pass_obj
def run(context: CommandContext, *, stopped: bool, new_beginning: bool) -> None:
    """Den Dienst starten (im Vordergrund; SIGTERM beendet, SIGHUP liest config.toml neu)."""
    sys.setswitchinterval(SWITCH_SECONDS)
    process_memory.one_heap()
    path = context.config_path()
    account.work_as_the_service(path)
    if stopped:  # the service manager's unit for a failed service
        starting.stopped(path, context.environ)
        return
    try:
        work = runtime.Runtime.open(path, context.environ)
        begins = beginning.check(work, is_new=new_beginning)
        work.compile()
    except Exception as error:
        starting.failed(path, context.environ, error)
        raise
    process_memory.freeze()
    try:
        with _pages(work):
            daemon.Daemon(work, begins).run()
    except beginning.NotTheFirstError as error:
        starting.failed(path, context.environ, error)
        raise
    finally:
        work.close()


@contextlib.contextmanager
def _pages(work: runtime.Runtime) -> Iterator[None]:
    """The pages in the house, where config.toml wants them; without them the daemon works all the same."""
    if not work.settings.web.listen:
        work.alerts.end(PAGES, work.clock())
        yield
        return
    from routing.web import application, server  # noqa: PLC0415  0.25 s and 20 MB that nobody pays for who has no pages

    pages = server.Server(application.create(work), work.settings.web)
    try:
        pages.start()
    except errors.PermanentError as error:
        log.error("the daemon works without its pages", error=str(error))  # noqa: TRY400
        work.alerts.begin(PAGES, error.german, "", work.clock())
        yield
        return
    work.alerts.end(PAGES, work.clock())
    try:
        yield
    finally:
        pages.stop()


@click.command(cls=click_german.Command)
@_NEW
@click.pass_obj
def once(context: CommandContext, *, new_beginning: bool) -> int:
    """Alles Fällige einmal erledigen: abholen, einordnen, versenden."""
    sys.setswitchinterval(SWITCH_SECONDS)
    process_memory.one_heap()
    began = time.monotonic()
    config = context.config_path()
    account.work_as_the_service(config)
    with backlog.Worker().start() as worker:
        work = runtime.Runtime.open(config, context.environ)
        try:
            beginning.check_whole(work, is_new=new_beginning)
            done = one_pass.run(work, worker, when_compiled=process_memory.freeze)
        finally:
            work.close()
    seconds = time.monotonic() - began
    unreadable = f" ({german.number(done.unreadable)} unlesbar)" if done.unreadable else ""
    click.echo(
        f"Eingang:    {german.number(done.new)} neu, {german.number(done.repeated)} schon bekannt, "
        f"{german.counted(done.files, 'Datei', 'Dateien')}{unreadable}, "
        f"{german.counted(done.bad_rows, 'Zeile', 'Zeilen')} abgelehnt"
    )
    click.echo(
        f"Einordnung: {german.number(done.routed)} weitergeleitet, {german.number(done.review)} zur Klärung, "
        f"{german.number(done.kept)} nur gespeichert"
    )
    held = f", {german.number(done.held)} angehalten" if done.held else ""
    click.echo(
        f"Versand:    {german.number(done.sent)} angenommen, {german.number(done.later)} später, "
        f"{german.number(done.parked)} abgelehnt{held}; {german.number(done.planned)} geplant"
    )
    click.echo(f"Dauer:      {seconds:.1f} s".replace(".", ","))
    for trouble in done.troubles:
        click.echo(f"Störung:    {trouble}", err=True)
    return done.exit_code


COMMANDS = (run, once)
