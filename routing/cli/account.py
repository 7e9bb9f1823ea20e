"""Who gives a command, and as whom its work is done.

``person`` is the real one, for timelines: nothing that the caller can set (LOGNAME, USER, SUDO_USER) is believed.
Where an ancestor process is sudo, it is whoever started that; else the account of this process's real uid.

``work_as_the_service`` makes a command that root gives the service's own: it changes to the account that owns the
data folder, so that nothing in it belongs to root, and takes the service's credentials. Files that are made from then
on are their owner's alone, and no memory is ever dumped to the disk. Where there is no service (a checkout, a
container) root stays root.
"""

import functools
import os
import pwd
import re
import resource
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from routing.cli import ending
from routing.config import paths

ACCOUNT = "kod-intake"
"""The account of the documented installation (deploy/, docs/operations.md)."""
_INSTANCE = re.compile(r"[A-Za-z0-9][\w-]*", re.ASCII)
OWN_FILES = 0o077
CREDENTIALS = "CREDENTIALS_DIRECTORY"
PROCESSES = Path("/proc")
RUN = Path("/run")


@functools.cache
def person() -> str:
    """The account name of who gives the command; the number where it has none. Asked before any change of account."""
    uid = behind_sudo(os.getppid())
    return _name(os.getuid() if uid is None else uid)


def behind_sudo(pid: int, processes: Path = PROCESSES) -> int | None:
    """The real uid of who started the outermost sudo among the process ``pid`` and its ancestors; None without one.

    Follows parents in order, from the process to init. A process that calls itself sudo and has not root's rights is
    none. ``processes`` is /proc (proc(5)). Raises nothing.
    """
    found, below_is_sudo = None, False
    while pid > 0:
        try:
            lines = (processes / str(pid) / "status").read_text(errors="replace").splitlines()
        except OSError:
            break
        said = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        real, effective = (int(uid) for uid in said["Uid"].split()[:2])
        is_sudo = said["Name"] == "sudo" and effective == 0
        if below_is_sudo and not is_sudo:
            found = real
        pid, below_is_sudo = int(said["PPid"]), is_sudo
    return found


def work_as_the_service(config: Path) -> None:
    """Before the store is opened: the service's account and credentials, for the configuration at ``config``.

    Raises OSError where the system refuses the change of account.
    """
    person()
    os.umask(OWN_FILES)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    account = owner(config) if os.getuid() == 0 and _is_open_to_all(Path(sys.prefix)) else None
    if CREDENTIALS not in os.environ and (name := service(config)) and (folder := _credentials(name, account)):
        os.environ[CREDENTIALS] = str(folder)
    if account:
        become(account)


def service(config: Path) -> str:
    """The name of the unit, without ".service", that works with the configuration at ``config``; "" for none of ours.

    "kod-intake" with /etc/kod-intake/config.toml, "kod-intake@NAME" with /etc/kod-intake/NAME/config.toml.
    """
    if config == paths.SYSTEM:
        return ACCOUNT
    name = config.parent.name
    is_instance = config == paths.SYSTEM.parent / name / paths.SYSTEM.name and _INSTANCE.fullmatch(name)
    return f"{ACCOUNT}@{name}" if is_instance else ""


def owner(config: Path) -> pwd.struct_passwd | None:
    """Whose the data folder of ``config`` is, if not root's; before there is one, the documented installation's.

    None where that is nobody with an account, as on some shares and in containers.
    """
    try:
        if owner := _data(config).stat().st_uid:
            return pwd.getpwuid(owner)
    except FileNotFoundError:
        if name := service(config):
            return _known(name.replace("@", "-"))
    except KeyError:
        return None
    return None


def become(account: pwd.struct_passwd) -> None:
    """Be this account from here on, for good. Raises PermissionError for who is not root."""
    os.initgroups(account.pw_name, account.pw_gid)
    os.setresgid(account.pw_gid, account.pw_gid, account.pw_gid)
    os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)
    os.environ.update(HOME=account.pw_dir, USER=account.pw_name, LOGNAME=account.pw_name)


def _is_open_to_all(program: Path) -> bool:
    """Whether another account can go on with the program at ``program``; in root's home it would find none of it."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (program.resolve(), *program.resolve().parents))


def _data(config: Path) -> Path:
    """The data folder, as variable or file name it; its usual place where the file cannot be read as it is."""
    if said := os.environ.get(paths.DATA):
        return config.parent / said
    try:
        named = tomllib.loads(config.read_text(encoding="utf-8-sig"))["service"]["data"]
    except (OSError, ValueError, LookupError, TypeError):
        named = f"/var/lib/{name.replace('@', '-')}" if (name := service(config)) else "data"
    return config.parent / str(named)


def _credentials(name: str, account: pwd.struct_passwd | None) -> Path | None:
    """The running service's credentials; for root, where it does not run, copies of what its unit would load."""
    running = RUN / "credentials" / f"{name}.service"
    if os.access(running, os.R_OK | os.X_OK):
        return running
    return _copied(name, account) if account else None


def _copied(name: str, account: pwd.struct_passwd) -> Path | None:
    how: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 10}
    try:
        if name == ACCOUNT:
            said = subprocess.run(["/usr/bin/systemctl", "cat", "kod-intake.service"], check=True, **how).stdout
        else:  # of an instance, what the template says
            said = subprocess.run(["/usr/bin/systemctl", "cat", "kod-intake@.service"], check=True, **how).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    said = said.replace("%i", name.partition("@")[2])
    named = dict(re.findall(r"^LoadCredential=([\w.@-]+):(/.+)$", said, re.MULTILINE))
    if not named:
        return None
    home = RUN / account.pw_name  # each city's account has its own
    home.mkdir(mode=0o700, exist_ok=True)
    os.chown(home, account.pw_uid, account.pw_gid)
    for left in home.iterdir():  # by a command that was killed
        if not (PROCESSES / left.name).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = home / str(os.getpid())
    folder.mkdir(mode=0o700, exist_ok=True)
    for credential, source in named.items():
        if Path(source).is_file():
            copy = folder / Path(credential).name
            copy.write_bytes(Path(source).read_bytes())
            os.chown(copy, account.pw_uid, account.pw_gid)
    os.chown(folder, account.pw_uid, account.pw_gid)
    ending.goes_with_us(folder)
    return folder


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _known(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
