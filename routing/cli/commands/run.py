"""run, once, demo: the commands that do the work."""

import sys
import time

import click

from intake.base import german
from routing.cli.context import Door
from routing.cli.output import click_german

SWITCH_SECONDS = 0.001  # a thread whose server has answered gets its turn after 1 ms, not 5


@click.command(cls=click_german.Command)
@click.pass_obj
def run(door: Door) -> None:
    """Den Dienst starten (im Vordergrund; SIGTERM beendet, SIGHUP liest config.toml neu)."""
    from intake.base import process_memory  # noqa: PLC0415
    from routing.service import daemon, runtime  # noqa: PLC0415

    sys.setswitchinterval(SWITCH_SECONDS)
    process_memory.one_heap()
    work = runtime.Runtime.open(door.config_path(), door.environ)
    work.compile()
    process_memory.settle()
    try:
        daemon.Daemon(work).run()
    finally:
        work.close()


@click.command(cls=click_german.Command)
@click.pass_obj
def once(door: Door) -> int:
    """Alles Fällige einmal erledigen: abholen, einordnen, versenden."""
    from intake.base import process_memory  # noqa: PLC0415
    from intake.receive import backlog, worker_process  # noqa: PLC0415
    from routing.service import once as steps  # noqa: PLC0415
    from routing.service import runtime  # noqa: PLC0415

    sys.setswitchinterval(SWITCH_SECONDS)
    process_memory.one_heap()
    began = time.monotonic()
    with backlog.Helper().start(worker_process.serve) as helper:
        work = runtime.Runtime.open(door.config_path(), door.environ)
        try:
            done = steps.run(work, helper, when_compiled=process_memory.settle)
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


@click.command(cls=click_german.Command)
@click.option("--output", type=click.Path(), metavar="ORDNER", help="Ordner für die Schreiben (sonst ./demo).")
@click.pass_obj
def demo(door: Door, output: str | None) -> int:  # noqa: ARG001  (click hands the door to every command)
    """Den ganzen Weg vorführen: eingebautes Postfach, Beispielnachrichten, fertige Schreiben."""
    from routing.cli.demo import show  # noqa: PLC0415

    return show(output)


COMMANDS = (run, once, demo)
