"""Everything a door needs to do the work: the configuration in force, the database, the locks and the alerts.

``Runtime.open`` loads config.toml, or the last good copy when the file is broken (the operator is notified), opens and
migrates the database and takes up what a dead predecessor left in doubt. ``reload`` takes a changed file over when it
is good and refuses it whole when it is not. The work itself stands in the steps: receive, dispatch, deliver.
"""

import functools
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Engine

from intake import storage
from intake.base import child_process
from intake.base.clock import Clock
from intake.mail.urgent_look import Keyword
from routing import letters, rules
from routing.config import last_known_good, loader, paths
from routing.config.problems import ConfigurationError
from routing.desk import orders
from routing.letters import trial
from routing.model.settings import Configuration, Settings
from routing.model.transport import Outbound
from routing.pipeline import acknowledgements, deliver, dispatch, follow_up, operator_summary
from routing.pipeline.desk_mail import answers, lists
from routing.service import alerts, credentials, outage_texts, transports
from routing.service.alerts import by_mail, unusable
from routing.service.safekeeping import fitness
from routing.store import migrations, outbox

log = structlog.get_logger(__name__)

TEMPLATE, CONFIGURATION = "template", "configuration"  # the conditions' names
LOCK = "kod-intake.lock"
CHECKED_AT_START = 100_000_000  # bytes of an SQLite file that is read before the work; a longer one beside it
ALERTS_SECONDS = 5.0  # how long an end waits for what the operator is to be told; the next start tells the rest


def utc_now() -> datetime:
    """The clock of the doors, aware, UTC; everything below gets its time handed down."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class ActiveConfiguration:
    """A checked configuration, and what is compiled from it when it is first asked for."""

    configuration: Configuration

    @functools.cached_property
    def rule_set(self) -> rules.RuleSet:
        """The rules, ready for use."""
        now = self.configuration
        rule_set, problems = rules.compiled(now)
        for problem in problems:  # there are none in what this program has checked
            log.error("keyword left out", rule=problem.rule, keyword=problem.keyword)
        return rule_set

    @functools.cached_property
    def environment(self) -> letters.Templates:
        """The templates, as they were when first asked for."""
        settings = self.configuration.settings
        return letters.environment(settings.files.templates, paths.shipped_templates(), settings.city)

    @property
    def urgent_words(self) -> tuple[Keyword, ...]:
        """The words of what is urgent, in order, as long as the rules are ready; nobody waits for them."""
        return self._urgent_words if "rule_set" in self.__dict__ else ()

    @functools.cached_property
    def _urgent_words(self) -> tuple[Keyword, ...]:
        return rules.urgent_words(self.rule_set)

    def compiled(self) -> Self:
        """This, with everything compiled now."""
        _ = self.rule_set, self.environment
        return self


class Runtime:
    """The surroundings of one process. Steps may be called from several threads."""

    def __init__(
        self,
        active: ActiveConfiguration,
        engine: Engine,
        environ: Mapping[str, str],
        clock: Clock,
        *,
        look: Engine | None = None,
        remembers: bool = True,
    ) -> None:
        """``look``: the same database for quick looks; ``remembers``: what the operator is told stands in a file."""
        self.active = active
        self.engine = engine
        self.look = look or engine
        self.environ = environ
        self.clock = clock
        self.instance = f"daemon-{secrets.token_hex(8)}"
        self.leases = storage.Leases(self.look, self.instance)
        data = self.settings.service.data
        self.logins = credentials.Logins(environ, data / "tokens")
        self.alerts = alerts.Alerts(
            engine,
            lambda: self.settings,
            lambda alarm, now: by_mail.send(alarm, now, self.settings, self.active.environment, self.transport),
            clock=clock,
            folder=data if remembers else None,
            leases=self.leases,
        )
        self._lock: storage.FileLock | None = None
        self._composing = threading.Lock()
        self.broken: ConfigurationError | None = None  # config.toml as found at the start
        self.read_whole = False  # whether the database was found undamaged at the start

    @property
    def settings(self) -> Settings:
        """config.toml as it is in force now."""
        return self.active.configuration.settings

    @property
    def urgent_words(self) -> tuple[Keyword, ...]:
        """What a mail has in it that should be decided first, in order."""
        return self.active.urgent_words

    @classmethod
    def open(
        cls,
        path: Path,
        environ: Mapping[str, str],
        clock: Clock = utc_now,
        *,
        exclusive: bool = True,
        check: Callable[[Engine], None] = fitness.check,
    ) -> Self:
        """Load, open, migrate. ``check`` says whether anybody may work exclusively on this database.

        Raises ConfigurationError (no good copy), AlreadyRunningError, TemporaryError and, for a data folder or a
        database that cannot be used, PermanentError.

        Who does not work ``exclusive``ly looks, or makes a short change, and leaves no file behind: an administrator's
        ``status`` before the first start must not own what the service will write.
        """
        loaded = load_or_last_good(path, environ)
        return cls.of_loaded(loaded, environ, clock, exclusive=exclusive, check=check)

    @classmethod
    def of_loaded(
        cls,
        loaded: "Loaded",
        environ: Mapping[str, str],
        clock: Clock,
        *,
        exclusive: bool,
        patience: storage.Patience = storage.PATIENT,
        check: Callable[[Engine], None] = fitness.check,
    ) -> Self:
        """``open`` with what ``load_or_last_good`` gave; who does not work exclusively waits with ``patience``."""
        configuration, broken, is_kept = loaded
        data = configuration.settings.service.data
        url, shared = _url(configuration, exclusive=exclusive), not database_url(configuration).startswith("sqlite")
        lock = storage.FileLock(data / LOCK, shared=shared) if exclusive else None
        with unusable.told(data, url):
            if lock:
                lock.acquire()
                storage.close_to_others(data, _shared(configuration))
            storage.recognise(database_url(configuration))
            engine = storage.create(url, storage.WORK if exclusive else patience)
            try:
                migrations.upgrade(engine)
                read_whole = False
                if lock:
                    storage.mark_file(engine)
                    read_whole = storage.quick_check(engine, CHECKED_AT_START)
                    check(engine)
            except BaseException:
                engine.dispose()
                if lock:
                    lock.release()
                raise
        look = storage.create(url, storage.LOOK) if exclusive else None
        runtime = cls(ActiveConfiguration(configuration), engine, environ, clock, look=look, remembers=exclusive)
        runtime._lock = lock
        runtime.read_whole = read_whole
        runtime.broken = broken
        if exclusive:
            if not is_kept:
                last_known_good.keep(configuration, data)
            runtime.take_over()
            runtime.try_templates()
        return runtime

    def compile(self) -> None:
        """Make rules and templates ready. Until somebody does, receiving, which needs none, can begin already."""
        self.active.compiled()

    def close(self) -> None:
        """Give back locks, file lock and connections."""
        self.alerts.close(ALERTS_SECONDS)
        self.leases.close()
        self.engine.dispose()
        self.look.dispose()
        if self._lock:
            self._lock.release()

    def take_over(self) -> int:
        """Take up what a dead instance was sending; returns how many deliveries are in doubt."""
        self.leases.renew([])
        with storage.writing(self.engine) as connection:
            lost = outbox.recover(connection, self.clock(), self.leases.lives)
        if lost:
            log.warning("deliveries in doubt are sent again", count=lost)
        return lost

    def reload(self) -> bool:
        """Take over config.toml as it is now; a broken one is refused whole and the operator is notified once."""
        path = self.active.configuration.path
        try:
            configuration = loader.load(path)
        except ConfigurationError as error:
            log.error("configuration refused, the last good one stays in force", problems=len(error.problems))
            self.notify_refused(error)
            return False
        self.accepted()
        if configuration.fingerprint == self.active.configuration.fingerprint:
            # its templates may say something else
            self.active = ActiveConfiguration(self.active.configuration).compiled()
            self.try_templates()
            return False
        if configuration.settings.service != self.settings.service:
            log.warning("changes in [service] take effect after a restart")
        self.active = ActiveConfiguration(configuration).compiled()
        self.try_templates()
        last_known_good.keep(configuration, configuration.settings.service.data)
        log.info("configuration in force", fingerprint=configuration.fingerprint[:12])
        return True

    def accepted(self) -> None:
        """config.toml is well: the operator is told if it was not."""
        self.broken = None
        self.alerts.end(CONFIGURATION, self.clock())

    def notify_refused(self, error: ConfigurationError) -> None:
        """The operator is notified of a configuration that was refused, and again when other mistakes are in it."""
        text = outage_texts.configuration_refused(error)
        self.alerts.begin(CONFIGURATION, text.what, text.todo, self.clock(), cause=str(error), further=True)

    def transport(self) -> Outbound:
        """What letters go out by, not yet connected. Raises ConfigurationError without its password."""
        return transports.of(self.settings, self.logins)

    def anything_waits(self) -> bool:
        """Whether anything is there to be decided, composed or sent now. Raises TemporaryError."""
        with storage.reading(self.engine) as connection:
            return outbox.anything_waits(connection, self.clock())

    def dispatch(self, *, limit: int = 200, urgent_alone: bool = False) -> dispatch.Dispatched:
        """Decide a batch of waiting messages; ``urgent_alone``: where something looks urgent, nothing else."""
        now, at, take = self.active, self.clock(), functools.partial(answers.take, acts=orders)
        return dispatch.batch(
            self.engine, now.configuration, now.rule_set, at, limit, urgent_alone=urgent_alone, take=take
        )

    def freeze_letters(self, *, limit: int = 100) -> int:
        """Freeze letters for what is due."""
        now = self.active
        with self._composing:
            done = deliver.freeze_due(self.engine, now.configuration, now.environment, self.clock(), limit=limit)
        if done.fallbacks:
            self._notify_template(list(done.fallbacks))
        return done.forwards

    def try_templates(self) -> None:
        """Fill the city's templates with samples; the operator is notified of a broken one, and when it is mended."""
        settings = self.settings
        names = {recipient.template for recipient in settings.recipients.values()}
        if settings.files.templates is None and names == {"forward"}:
            problems: tuple[str, ...] = ()
        else:
            problems = trial.problems(self.active.environment, sorted(names))
        if problems:
            self._notify_template(problems)
        else:
            self.alerts.end(TEMPLATE, self.clock())

    def _notify_template(self, problems: Sequence[str]) -> None:
        text = outage_texts.templates(problems)
        self.alerts.begin(TEMPLATE, text.what, text.todo, self.clock())

    def follow_up(self) -> bool:
        """Freeze the letters that no concern of now asks for: lists, reminders, answers to citizens; True when any."""
        now, moment = self.active, self.clock()
        with self._composing:
            made = lists.freeze_if_due(self.engine, now.configuration, now.environment, self.clock)
            made |= operator_summary.freeze_if_due(self.engine, now.configuration, now.environment, self.clock)
            made |= follow_up.freeze_due(self.engine, now.configuration, now.environment, moment) > 0
            made |= acknowledgements.freeze_due(self.engine, now.configuration, now.environment, moment) > 0
        return made


Loaded = tuple[Configuration, ConfigurationError | None, bool]


def load_or_last_good(path: Path, environ: Mapping[str, str]) -> Loaded:
    """(configuration, what is wrong, whether it is kept) of ``path``; of a broken file the last good copy.

    Raises ConfigurationError when there is none.
    """
    states = last_known_good.folders(path, environ)
    for state in states:
        if (unchanged := last_known_good.unchanged(path, state)) is not None:
            return unchanged, None, True
    try:
        return loader.load(path, aside=child_process.aside), None, False
    except ConfigurationError as error:
        for state in states:
            kept = last_known_good.last_good(state)
            if kept is not None and kept.path == path.absolute():
                log.error("configuration broken, using the last good one", problems=len(error.problems))
                return kept, error, True
        raise


def database_url(configuration: Configuration) -> str:
    """The database in use: the configured URL, or SQLite in the data folder."""
    service = configuration.settings.service
    return service.database or storage.url_of_file(service.data / "kod-intake.sqlite")


def _url(configuration: Configuration, *, exclusive: bool) -> str:
    """The database to open; one that is not there yet is an empty one in memory for those who only look."""
    url = database_url(configuration)
    path = sa.make_url(url).database
    absent = not exclusive and url.startswith("sqlite") and path is not None and not Path(path).exists()
    return "sqlite://" if absent else url


def _shared(configuration: Configuration) -> list[Path]:
    """What people other than the service must reach, wherever somebody put it: staff's files and the drop folders."""
    settings, files = configuration.settings, configuration.settings.files
    own = (files.templates, files.library, files.vocabulary, settings.city.gazetteer)
    return [configuration.path, *(folder.folder for folder in settings.drop_folders.values()), *filter(None, own)]
