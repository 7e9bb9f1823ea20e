"""What reading a message has brought so far: texts, files, problems, and what identifies the content."""

import hashlib
from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct, field

from intake.mail.formats import images
from intake.mail.mime import file_names, file_types, header
from intake.mail.mime.parts import Part
from intake.message import Attachment


class Text(NamedTuple):
    """A readable piece; ``opened`` when it comes out of a forwarded message."""

    text: str
    opened: bool


class Content(Struct):
    """What reading a message has brought so far."""

    digest: "hashlib._Hash | None"  # None: nobody asks for it
    files: list[Attachment] = field(default_factory=list)
    problems: dict[str, None] = field(default_factory=dict)  # in order, each once
    kinds: set[str] = field(default_factory=set)  # the content types seen
    parts: int = 0
    forwarded: int = 0  # how many messages deep we are
    texts: list[str] = field(default_factory=list)  # those found
    text_bytes: int = 0  # how many bytes of text were decoded
    originals: list[header.Fields] = field(default_factory=list)  # of messages inside, or of what is left of them
    reports: list[bytes] = field(default_factory=list)  # what a delivery report says to machines
    wanted: Callable[[Attachment], bool] | None = None  # of which files the bytes are kept, too
    taken: list[tuple[Attachment, bytes]] = field(default_factory=list)

    def problem(self, sentence: str) -> None:
        self.problems.setdefault(sentence)

    def file(self, part: Part, data: bytes, *, related: bool) -> None:
        """Add a file to the index; one of a forwarded message, which is a file itself, as such."""
        self.identify(data)
        inline = part.disposition == "inline" or (related and part.disposition != "attachment")
        kind = file_types.by_content(part.content_type, data, part.name)
        if file_types.is_locked(data):
            self.problem("Eine angehängte Datei ist mit einem Kennwort verschlossen.")
        decoration = kind.startswith("image/") and images.is_decoration(data, inline=inline)
        found = Attachment(file_names.safe(part.name), kind, len(data), inline, decoration, self.forwarded > 0)
        self.files.append(found)
        if self.wanted is not None and self.wanted(found):
            self.taken.append((found, data))

    def identify(self, data: bytes) -> None:
        """Count these bytes among what makes this message this message."""
        if self.digest is not None:
            if len(data) < 2_000:
                self.digest.update(b"%d:%b" % (len(data), data))
                return
            self.digest.update(b"%d:" % len(data))
            self.digest.update(data)

    def identify_text(self, data: bytes) -> None:
        """The same for the bytes of a text, whatever line ends a relay made of it."""
        if self.digest is not None:
            self.identify((data.replace(b"\r\n", b"\n") if b"\r" in data else data).rstrip())
