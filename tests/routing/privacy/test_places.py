"""The table of places of personal data is whole: every column, every file of the data folder, every key."""

from pathlib import Path

from routing.model.retention import RetentionSettings
from routing.privacy import places
from routing.service import runtime
from routing.service.safekeeping import backup as making
from routing.service.safekeeping import restore
from routing.store import tables
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import Installation, mail

NOT_A_DAY = {"", "keep_days"}
"""Of no person; and the drop folder's own key."""


def test_every_column_says_whether_it_is_about_a_person() -> None:
    known = {name: set(rows.personal) | set(rows.other) for name, rows in places.TABLES.items()}
    there = {table.name: {column.name for column in table.columns} for table in tables.metadata.sorted_tables}

    assert known == there | {"alembic_version": {"version_num"}}
    assert all(not set(rows.personal) & set(rows.other) for rows in places.TABLES.values())


def test_every_place_of_personal_data_has_a_key_that_ends_it() -> None:
    keys = set(RetentionSettings.model_fields)

    assert {rows.key for rows in places.TABLES.values()} | {one.key for one in places.DATA_FOLDER} <= keys | {""}
    assert all(rows.key for rows in places.TABLES.values() if rows.personal)
    assert {one.key for one in places.ELSEWHERE} <= keys | NOT_A_DAY


def test_every_file_of_a_data_folder_at_work_is_known(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    office = Installation(tmp_path / "kod", dovecot, smtp_sink)
    office.deliver(mail(journeys.OIL), mail(journeys.UNKNOWN))
    backup, names = tmp_path / "sicherung.tar.gz", set[str]()
    with office.opened() as work:
        journeys.work_once(work)
        names |= _names(office)
        configuration, now = work.active.configuration, work.clock()
        making.make(work.engine, configuration, backup, now)
    with restore.unpacked(backup, configuration) as found:
        names |= _names(office)
        restore.put(found, runtime.database_url(configuration), configuration, now)
        restore.put_beside(found, configuration, now)

    unknown = {name for name in names | _names(office) if places.of_file(name) is None}

    assert not unknown
    assert any(name.startswith("kod-intake.sqlite.vor-restore-") for name in _names(office))


def _names(office: Installation) -> set[str]:
    return {path.name for path in (office.folder / "data").iterdir()}
