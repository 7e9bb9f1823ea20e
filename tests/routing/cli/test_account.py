"""Who gives a command, whose its files are, and what it says where the system refuses."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from intake.drop_folder import filing
from intake.storage import close_to_others
from routing.cli import account
from tests.routing.cli.test_cli import kod
from tests.routing.cli.test_tools_for_staff import SMALL

AS_NOBODY = """
import multiprocessing.popen_fork, os, pwd, sys
from routing.cli import account, group, main
folder, config = sys.argv[1:3]
del sys.argv[1:3]
group(["--config", config, "list"], standalone_mode=False)  # loads what nobody may not read where root installed it
os.chdir(folder)
account.become(pwd.getpwnam("nobody"))
main()
"""
ENDS_AT_ONCE = """
import sys, threading
from pathlib import Path
import routing.cli
from routing.cli import ending
ending.goes_with_us(Path(sys.argv.pop(1)))
threading.Thread(target=threading.Event().wait).start()  # a question that the database never answers
routing.cli.main()
"""
root_only = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")


def processes(folder: Path, **known: tuple[int, str, int, int]) -> Path:
    """A /proc with these processes: number → parent, name, real and effective uid."""
    for number, (parent, name, real, effective) in known.items():
        status = folder / number.removeprefix("p") / "status"
        status.parent.mkdir(parents=True)
        status.write_text(f"Name:\t{name}\nPPid:\t{parent}\nUid:\t{real}\t{effective}\t0\t0\n")
    return folder


def test_behind_sudo_stands_who_started_it(tmp_path: Path) -> None:
    proc = processes(
        tmp_path, p9=(8, "sudo", 0, 0), p8=(7, "sudo", 0, 0), p7=(1, "bash", 1000, 1000), p1=(0, "i", 0, 0)
    )

    assert 1000 == account.behind_sudo(9, proc)


def test_the_outermost_sudo_tells_the_person(tmp_path: Path) -> None:
    proc = processes(
        tmp_path, p9=(8, "sudo", 0, 0), p8=(7, "bash", 0, 0), p7=(6, "sudo", 0, 0), p6=(1, "zsh", 1007, 1007)
    )

    assert 1007 == account.behind_sudo(9, proc)


def test_a_program_called_sudo_without_roots_rights_is_none(tmp_path: Path) -> None:
    proc = processes(tmp_path, p9=(8, "sudo", 1000, 1000), p8=(1, "bash", 1001, 1001), p1=(0, "init", 0, 0))

    assert account.behind_sudo(9, proc) is None


def test_without_sudo_nobody_stands_behind(tmp_path: Path) -> None:
    assert account.behind_sudo(9, processes(tmp_path, p9=(1, "bash", 1000, 1000), p1=(0, "init", 0, 0))) is None


def test_no_variable_says_who_gives_the_command() -> None:
    lie = {"LOGNAME": "chef", "USER": "chef", "SUDO_USER": "chef", "USERNAME": "chef", "LNAME": "chef"}
    script = "from routing.cli import account; print(account.person())"
    run = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | lie, capture_output=True, text=True, check=True
    )

    assert pwd.getpwuid(os.getuid()).pw_name == run.stdout.strip()


@pytest.fixture
def desk_of_one(tmp_path: Path) -> Path:
    """A configuration without mailboxes, beside its data folder to be."""
    config = tmp_path / "config.toml"
    config.write_text(f'[service]\ndata = "daten"\n{SMALL}', encoding="utf-8")
    return config


@root_only
def test_root_works_as_the_account_that_owns_the_data(desk_of_one: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    data = desk_of_one.parent / "daten"
    data.mkdir()
    os.chown(data, nobody.pw_uid, nobody.pw_gid)

    assert nobody == account.owner(desk_of_one)


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ("/etc/kod-intake/config.toml", "kod-intake"),
        ("/etc/kod-intake/krefeld/config.toml", "kod-intake@krefeld"),
        ("/etc/kod-intake/krefeld/alt/config.toml", ""),
        ("/etc/kod-intake/krefeld/andere.toml", ""),
        ("/etc/kod-intake/a b;c/config.toml", ""),
        ("/etc/kod-intake/../config.toml", ""),
        ("/home/anna/config.toml", ""),
    ],
)
def test_the_place_of_a_configuration_names_the_service_that_works_with_it(config: str, name: str) -> None:
    assert name == account.service(Path(config))


def test_a_folder_of_roots_own_and_a_missing_one_change_nothing(desk_of_one: Path) -> None:
    assert account.owner(desk_of_one) is None
    if os.getuid() == 0:
        (desk_of_one.parent / "daten").mkdir()
        assert account.owner(desk_of_one) is None


@root_only
def test_a_working_folder_that_may_not_be_read_is_no_traceback(desk_of_one: Path, tmp_path: Path) -> None:
    closed = tmp_path / "geschlossen"
    closed.mkdir(mode=0o700)
    command = [sys.executable, "-c", AS_NOBODY, closed, desk_of_one, "list"]
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)

    assert 3 == run.returncode
    assert "Traceback" not in run.stderr
    assert "Es gibt keine config.toml." in run.stderr


@root_only
def test_a_data_folder_that_may_not_be_read_is_told_in_german(desk_of_one: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own is closed to others as a whole
        Path(folder).chmod(0o755)
        config = shutil.copy(desk_of_one, Path(folder))
        Path(config).chmod(0o644)
        assert 0 == kod("--config", config, "once").returncode
        command = [sys.executable, "-c", AS_NOBODY, "/", config, "--config", config, "list"]
        run = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)

    assert 1 == run.returncode
    assert "Traceback" not in run.stderr
    assert "keine Berechtigung. Mit sudo geht es." in run.stderr


def test_a_working_folder_that_is_gone_is_no_traceback(tmp_path: Path) -> None:
    gone = tmp_path / "weg"
    gone.mkdir()
    script = "import os, pathlib, sys; from routing.cli import main; folder = pathlib.Path(sys.argv.pop(1))\n"
    script += "os.chdir(folder); folder.rmdir(); main()"
    environ = {name: value for name, value in os.environ.items() if name != "KOD_INTAKE_CONFIG"}
    command = [sys.executable, "-c", script, str(gone), "list"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)

    assert (3, False) == (run.returncode, "Traceback" in run.stderr), run.stderr


def test_files_are_their_owners_alone_whatever_the_umask(desk_of_one: Path) -> None:
    data = desk_of_one.parent / "daten"
    data.mkdir(mode=0o755)
    (data / "tokens").mkdir(mode=0o755)
    (data / "tokens" / "alt").write_text("geheim")
    before = os.umask(0)
    try:
        assert 0 == kod("--config", desk_of_one, "once").returncode
    finally:
        os.umask(before)

    assert {0o700} == {stat.S_IMODE(path.stat().st_mode) for path in (data, data / "tokens")}
    files = [path for path in data.rglob("*") if path.is_file()]
    assert len(files) > 2
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in files}


def test_what_others_must_reach_keeps_its_rights(tmp_path: Path) -> None:
    share, inner = tmp_path / "telefon", tmp_path / "telefon" / "liste.csv"
    share.mkdir()
    inner.write_text("Datum;Anliegen\n")
    config, database = tmp_path / "config.toml", tmp_path / "kod-intake.sqlite"
    for path, mode in ((tmp_path, 0o755), (share, 0o775), (inner, 0o664), (config, 0o664), (database, 0o644)):
        path.touch()
        path.chmod(mode)

    close_to_others(tmp_path, [config, share])

    assert [0o755, 0o775, 0o664, 0o664, 0o600] == [
        stat.S_IMODE(path.stat().st_mode) for path in (tmp_path, share, inner, config, database)
    ]


def test_a_share_stays_readable_to_its_group_whatever_the_umask(tmp_path: Path) -> None:
    tmp_path.chmod(0o770)
    before = os.umask(0o077)
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        with filing.sub_folder(folder, "erledigt"):
            pass
    finally:
        os.close(folder)
        os.umask(before)

    assert 0o770 == stat.S_IMODE((tmp_path / "erledigt").stat().st_mode)


def test_copies_of_passwords_go_with_a_command_that_waits_for_nobody(tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    (copies / "smtp.password").write_text("geheim", encoding="utf-8")

    subprocess.run([sys.executable, "-c", ENDS_AT_ONCE, str(copies), "--version"], check=True, timeout=60)

    assert not copies.exists()
