"""Moves within the drop folder: no name is overwritten, no link followed, and no moment has the file under no name.

Everything works on descriptors of opened folders, so that a folder swapped underneath changes nothing. Errors of the
operating system pass through; ``DropFolder`` words them.
"""

import contextlib
import errno
import os
import shutil
import stat
import unicodedata
from collections.abc import Callable, Iterator
from typing import IO

REJECTS = ".abgelehnt.csv"
PROTOCOL = ".protokoll.txt"
_LONGEST_STEM = 150  # leaves room for " (2).abgelehnt.csv" within 255 bytes
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


@contextlib.contextmanager
def sub_folder(folder: int, name: str) -> Iterator[int]:
    """A sub-folder as a descriptor, created if missing; a symbolic link in its place is refused. Raises OSError."""
    made = False
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, dir_fd=folder)
        made = True
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        if made:
            _share(inner, folder, 0o777)
        yield inner
    finally:
        os.close(inner)


def file_with(inner: int, taken: str, name: str, beside: Callable[[str], dict[str, IO[bytes]]]) -> str:
    """Give the taken file its final name, and write what belongs beside it first; all the names are free before.

    ``beside`` gives, for the final name without its extension, the files to write by the endings of their names. Gives
    the final name. Raises OSError.
    """
    present = set(listed(inner))
    for final in _names(name):
        base = stem(final)[0]
        companions = {base + suffix: data for suffix, data in beside(readable(base)).items()}
        if final in present or companions.keys() & present:
            continue
        written: list[str] = []
        try:
            for companion, data in companions.items():
                _write(inner, companion, data)
                written.append(companion)
            if _named(inner, taken, inner, final):
                return final
        except FileExistsError:
            pass
        for companion in written:
            os.unlink(companion, dir_fd=inner)
    raise AssertionError("names never run out")


def place(source: int, name: str, target: int, wanted: str) -> str:
    """Move ``name`` to ``target`` under the wanted name or, when that is taken, the next free one.

    ``source`` and ``target`` are descriptors of folders; gives the name. Raises OSError.
    """
    return next(final for final in _names(wanted) if _named(source, name, target, final))


def _named(source: int, name: str, target: int, final: str) -> bool:
    """Move without overwriting; False when the name is taken. A crash leaves the file under one name or under both."""
    try:
        os.link(name, final, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _renamed(source, name, target, final)
    os.unlink(name, dir_fd=source)
    return True


def _renamed(source: int, name: str, target: int, final: str) -> bool:
    """The same where the file system has no hard links (SMB, FAT): reserve the name, then rename over it."""
    try:
        os.close(os.open(final, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=target))
    except FileExistsError:
        return False
    try:
        os.rename(name, final, src_dir_fd=source, dst_dir_fd=target)
    except OSError:
        os.unlink(final, dir_fd=target)
        raise
    return True


def _write(inner: int, name: str, data: IO[bytes]) -> None:
    """A new file, on the disk when this returns; the group may read and correct it, whatever the umask."""
    descriptor = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o660, dir_fd=inner)
    _share(descriptor, inner, 0o660)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor has no path
        shutil.copyfileobj(data, file)
        file.flush()
        os.fsync(descriptor)


def _share(new: int, folder: int, most: int) -> None:
    """What is ``new`` in ``folder`` is for the people that the folder is for (``most`` of their rights).

    The umask takes these, and where a service may not set the group's bit (systemd's RestrictSUIDSGID) a new folder
    hands its group on no further. Some shares have no rights of their own to give.
    """
    around = os.fstat(folder)
    with contextlib.suppress(OSError):
        os.fchown(new, -1, around.st_gid)
    with contextlib.suppress(OSError):
        os.fchmod(new, stat.S_IMODE(around.st_mode) & most)


def sync(folder: int) -> None:
    """Put a folder's names on the disk; some network shares cannot, and then it is theirs to do. Raises OSError."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in {errno.EINVAL, *_NO_LINKS}:
            raise


def listed(folder: int) -> list[str]:
    """The names in the opened folder, in no order. Raises OSError."""
    return os.listdir(folder)


def _names(name: str) -> Iterator[str]:
    """The name and what it may be numbered as: liste.csv, liste (2).csv, liste (3).csv, without end."""
    base, extension = stem(name)
    yield base + extension
    number = 2
    while True:
        yield f"{base} ({number}){extension}"
        number += 1


def stem(name: str) -> tuple[str, str]:
    """The pair of (name without its extension, extension with its dot); a long name is cut to 150 bytes."""
    base, dot, extension = name.rpartition(".")
    if not base or len(extension) > 8:
        base, dot, extension = name, "", ""
    while len(os.fsencode(base)) > _LONGEST_STEM:
        base = base[:-1]
    return base, dot + extension


def readable(name: str) -> str:
    """A file's name for logs and texts: composed, no control characters, no broken bytes."""
    text = unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))
    return "".join(char if char.isprintable() else "?" for char in text)


def old_files(inner: int, before: float) -> Iterator[str]:
    """The regular files of an opened folder that were last changed before this moment (seconds since 1970)."""
    for name in listed(inner):
        found = os.stat(name, dir_fd=inner, follow_symlinks=False)
        if stat.S_ISREG(found.st_mode) and max(found.st_mtime, found.st_ctime) < before:
            yield name
