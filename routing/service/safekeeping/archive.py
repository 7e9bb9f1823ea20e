"""A backup as a file: a gzipped tar with a manifest in front, readable by its owner alone, checked by reading it back.

    manifest.json       what it is, of when, by which program; SHA-256 and size of every member; "erased": room for
                        the list of persons whose data a restore must not bring back
    database.sqlite     the database of one moment, from SQLite and PostgreSQL alike
    configuration/…     config.toml and the files that it names
    state/…             what else lies in the data folder

A file is complete under its name or not there at all. Whatever is wrong with one is a PermanentError in German.
"""

import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec
from msgspec import Struct

from intake.base import errors, german

FORMAT = 1
DATABASE = "database.sqlite"
CONFIGURATION = "configuration"
STATE = "state"
_MANIFEST = "manifest.json"
_PIECE = 1 << 20


class Member(Struct, frozen=True):
    """What a file in the archive is to be."""

    size: int
    sha256: str


class Manifest(Struct, frozen=True):
    """What a backup says of itself; ``made_at`` is aware, UTC, in ISO 8601."""

    format: int
    made_at: str
    program: str
    database: str  # the engine it came from
    rows: Mapping[str, int]
    members: Mapping[str, Member]
    erased: list[str] = []


def write(path: Path, manifest: Manifest, files: Mapping[str, Path]) -> None:
    """Put ``files`` (by their name in the archive) into a new file at ``path`` and read it back.

    Raises PermanentError when it does not come back as it was, OSError for the disk.
    """
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as archive:
            _add(archive, _MANIFEST, io.BytesIO(msgspec.json.encode(manifest)), len(msgspec.json.encode(manifest)))
            for name, file in files.items():
                with file.open("rb") as content:
                    _add(archive, name, content, manifest.members[name].size)
            archive.close()
            raw.flush()
            os.fsync(raw.fileno())
        check(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    archive.addfile(member, content)


def member(file: Path) -> Member:
    """What a file is to be in the archive."""
    found, size = hashlib.sha256(), 0
    with file.open("rb") as content:
        while piece := content.read(_PIECE):
            found.update(piece)
            size += len(piece)
    return Member(size, found.hexdigest())


def check(path: Path, into: Path | None = None) -> Manifest:
    """Read a whole archive, compare every member with the manifest and, with ``into``, unpack them there (0600).

    Raises PermanentError when it is no backup, damaged, or of a newer program.
    """
    try:
        with tarfile.open(path, "r:gz") as archive:
            first = archive.next()
            content = archive.extractfile(first) if first is not None and first.name == _MANIFEST else None
            if content is None:
                raise _refused(path, "sie ist keine Sicherung von kod-intake")
            manifest = msgspec.json.decode(content.read(), type=Manifest)
            if manifest.format > FORMAT:
                raise _refused(path, "sie stammt von einer neueren Version des Programms; bitte diese installieren")
            found: dict[str, Member] = {}
            while (item := archive.next()) is not None:
                stream = archive.extractfile(item)
                if stream is None or item.name not in manifest.members or not _is_plain(item.name):
                    raise _refused(path, f"„{item.name}“ gehört nicht hinein")
                found[item.name] = _take(stream, into / item.name if into else None)
    except (tarfile.TarError, EOFError, zlib.error, msgspec.MsgspecError, UnicodeError) as error:
        raise _refused(path, f"sie ist beschädigt oder unvollständig ({error})") from error
    except OSError as error:
        raise _refused(path, german.refusal(error)) from error
    if wrong := [name for name, wanted in manifest.members.items() if found.get(name) != wanted]:
        raise _refused(path, f"sie ist beschädigt: {german.listed(wrong[:3])}")
    return manifest


def _is_plain(name: str) -> bool:
    """No way out of the folder it is unpacked into."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name


def _take(stream: IO[bytes], into: Path | None) -> Member:
    target = None
    if into is not None:
        into.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = os.fdopen(os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    found, size = hashlib.sha256(), 0
    try:
        while piece := stream.read(_PIECE):
            found.update(piece)
            size += len(piece)
            if target:
                target.write(piece)
    finally:
        if target:
            target.flush()
            os.fsync(target.fileno())
            target.close()
    return Member(size, found.hexdigest())


def rotate(path: Path, keep: int) -> None:
    """Make room at ``path``: what is there becomes ``NAME.1``, that ``NAME.2`` …, of which ``keep`` - 1 stay."""
    names = [path, *(path.with_name(f"{path.name}.{number}") for number in range(1, keep))]
    if not path.exists():
        return
    names[-1].unlink(missing_ok=True)
    for older, newer in zip(reversed(names), [*reversed(names[:-1])], strict=False):
        if newer.exists():
            newer.replace(older)


def _refused(path: Path, why: str) -> errors.PermanentError:
    return errors.PermanentError(f"Die Sicherung {path} lässt sich nicht benutzen: {why}.")
