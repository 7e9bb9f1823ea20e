"""preview: a body's next list as it would be sent, in the terminal or as a file. Sends nothing and changes nothing."""

import email
import email.policy
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import click

from intake.base import did_you_mean, german
from routing.cli import proved, session
from routing.cli.context import CommandContext
from routing.cli.output import click_german
from routing.pipeline import compose
from routing.planning import schedule

ENDINGS = (".html", ".txt", ".eml")
WIDTH = 78


class Moment(click.ParamType[datetime]):
    """A time on Germany's clock, as people write it."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, in UTC."""
        if isinstance(value, datetime):
            return value
        for form in ("%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M", "%d.%m.%Y", "%Y-%m-%d"):
            try:
                return datetime.strptime(value.strip(), form).replace(tzinfo=german.BERLIN).astimezone(UTC)
            except ValueError:
                continue
        said = f"„{value}“ ist keine Zeit. Richtig wäre zum Beispiel „24.12.2026 08:00“."
        raise click.BadParameter(said, ctx, param)


@click.command(cls=click_german.Command)
@click.argument("recipient", metavar="STELLE")
@click.option("--at", type=Moment(), metavar="ZEIT", help='Zu dieser Zeit statt jetzt, z. B. "24.12.2026 08:00".')
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="DATEI", help="In eine Datei: .html, .txt oder .eml."
)
@click.pass_obj
def preview(context: CommandContext, recipient: str, at: datetime | None, output: Path | None) -> int:
    """Die nächste Liste einer Stelle, wie sie hinausginge; versendet und ändert nichts."""
    if output is not None and output.suffix.lower() not in ENDINGS:
        raise click.UsageError(f"{output}: Der Name muss auf {german.listed(ENDINGS, 'oder')} enden.")
    proved.configuration(context)  # what is broken is refused, though the daemon goes on with the last good one
    with session.opened(context) as work:
        settings = work.settings
        body = settings.recipients.get(recipient)
        if body is None:
            guess = did_you_mean.sentence(recipient, settings.recipients)
            raise click.UsageError(f"Eine Stelle „{recipient}“ gibt es in config.toml nicht.{guess}")
        wanted = at or work.clock()
        moment = wanted
        if body.schedule:
            moment = schedule.next_slot(body.schedule, body.office or settings.office, wanted - timedelta(seconds=1))
        planned = compose.preview(work.engine, recipient, moment, work.active.configuration, work.active.environment)
    click.echo(f"Vorschau für {body.name}: {german.long_moment(moment)}. Nichts wird versandt oder geändert.")
    if at and moment != at:
        click.echo(f"Am {german.long_moment(at)}, geht keine Liste hinaus; dies ist die nächste danach.")
    letters = [one for one in planned if one.urgency.is_collected] or planned
    if len(letters) < len(planned):
        single = german.counted(len(planned) - len(letters), "einzelnes Schreiben", "einzelne Schreiben")
        click.echo(f"Außerdem bis dahin, hier nicht gezeigt: {single}.")
    if not letters:
        click.echo("Bis dahin ist nichts geplant, und leere Listen werden nicht versandt.")
        return 0
    messages = [email.message_from_bytes(one.raw, _class=EmailMessage, policy=email.policy.default) for one in letters]
    if output is None:
        for message in messages:
            _show(message)
        return 0
    return _save(output, messages)


def _show(message: EmailMessage) -> None:
    click.echo("=" * WIDTH)
    click.echo(f"An:      {message['To']}")
    click.echo(f"Betreff: {message['Subject']}")
    for part in message.iter_attachments():
        size = len(part.get_payload(decode=True) or b"")
        click.echo(f"Anhang:  {part.get_filename()} ({german.number(size)} Bytes)")
    click.echo()
    click.echo(_body(message, "plain"))


def _save(output: Path, messages: Sequence[EmailMessage]) -> int:
    for count, message in enumerate(messages, start=1):
        path = output if count == 1 else output.with_stem(f"{output.stem}-{count}")
        try:
            if output.suffix.lower() == ".eml":
                path.write_bytes(bytes(message))
            else:
                path.write_text(_body(message, "html" if output.suffix.lower() == ".html" else "plain"), "utf-8")
        except OSError as error:
            click.echo(click_german.unreadable(str(path), error), err=True)
            return 1
        click.echo(f"{message['Subject']}: {path}")
    return 0


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


COMMANDS = (preview,)
