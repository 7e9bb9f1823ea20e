"""run, once, demo: the commands that do the work."""

import sys
import time

import click

from intake import wording
from routing.cli import german
from routing.cli.door import Door

SWITCH_SECONDS = 0.001  # a thread whose server has answered gets its turn after 1 ms, not 5


@click.command(cls=german.Command)
@click.pass_obj
def run(door: Door) -> None:
    """Den Dienst starten (im Vordergrund; SIGTERM beendet, SIGHUP liest config.toml neu)."""
    from intake import memory  # noqa: PLC0415
    from routing import daemon, runtime  # noqa: PLC0415

    sys.setswitchinterval(SWITCH_SECONDS)
    memory.one_heap()
    work = runtime.Runtime.open(door.config_path(), door.environ)
    work.compile()
    memory.settle()
    try:
        daemon.Daemon(work).run()
    finally:
        work.close()


@click.command(cls=german.Command)
@click.pass_obj
def once(door: Door) -> int:
    """Alles Fällige einmal erledigen: abholen, einordnen, versenden."""
    from intake import memory  # noqa: PLC0415
    from intake.receive import backlog, process  # noqa: PLC0415
    from routing import once as steps  # noqa: PLC0415
    from routing import runtime  # noqa: PLC0415

    sys.setswitchinterval(SWITCH_SECONDS)
    memory.one_heap()
    began = time.monotonic()
    with backlog.Helper().start(process.serve) as helper:
        work = runtime.Runtime.open(door.config_path(), door.environ)
        try:
            done = steps.run(work, helper, when_compiled=memory.settle)
        finally:
            work.close()
    seconds = time.monotonic() - began
    unreadable = f" ({wording.number(done.unreadable)} unlesbar)" if done.unreadable else ""
    click.echo(
        f"Eingang:    {wording.number(done.new)} neu, {wording.number(done.repeated)} schon bekannt, "
        f"{wording.counted(done.files, 'Datei', 'Dateien')}{unreadable}, "
        f"{wording.counted(done.bad_rows, 'Zeile', 'Zeilen')} abgelehnt"
    )
    click.echo(
        f"Einordnung: {wording.number(done.routed)} weitergeleitet, {wording.number(done.review)} zur Klärung, "
        f"{wording.number(done.kept)} nur gespeichert"
    )
    held = f", {wording.number(done.held)} angehalten" if done.held else ""
    click.echo(
        f"Versand:    {wording.number(done.sent)} angenommen, {wording.number(done.later)} später, "
        f"{wording.number(done.parked)} abgelehnt{held}; {wording.number(done.planned)} geplant"
    )
    click.echo(f"Dauer:      {seconds:.1f} s".replace(".", ","))
    for trouble in done.troubles:
        click.echo(f"Störung:    {trouble}", err=True)
    return done.exit_code


@click.command(cls=german.Command)
@click.option("--output", type=click.Path(), metavar="ORDNER", help="Ordner für die Schreiben (sonst ./demo).")
@click.pass_obj
def demo(door: Door, output: str | None) -> int:  # noqa: ARG001  (click hands the door to every command)
    """Den ganzen Weg vorführen: eingebautes Postfach, Beispielnachrichten, fertige Schreiben."""
    from routing.demo import show  # noqa: PLC0415

    return show(output)


COMMANDS = (run, once, demo)
