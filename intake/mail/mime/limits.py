"""How much of one mail is read. What lies beyond stays in the raw bytes and is named in ``problems``.

Each limit keeps time and memory for a single message bounded, whoever wrote it.
"""

HEAD_BYTES = 1_000_000
"""Of a message above the mailbox's ``max_size`` so many bytes are fetched and given to ``parse_head``."""

HEADER_BYTES = 512_000
"""Of one header block (the mail's or a part's) so many bytes are looked at."""

FIELD_BYTES = 20_000
"""Of one header field so many bytes are decoded; Postfix refuses whole headers above 102,400."""

PARTS = 1_000
"""So many parts of one message are opened, those of forwarded messages included."""

DEPTH = 50
"""Parts nested deeper than this are not opened."""

TEXT_BYTES = 2_000_000
"""Of all text parts together so many bytes are decoded."""

FILES_IN_TEXT = 200
"""So many files that are written into one text are taken out of it."""

REPORT_BYTES = 100_000
"""Of one part that a delivery report writes for machines so many bytes are read."""

TEXT_CHARACTERS = 1_000_000
"""So long is the readable body at most."""

PLAIN_BYTES = 100_000
"""Of a mail that is read plainly so many bytes are looked at for its header, and as many for its text."""

REFERENCES = 200
"""So many earlier messages are remembered: the first ones, and what In-Reply-To names."""

NAME_BYTES = 240
"""A file name is shortened to this in UTF-8, its ending kept; file systems take 255."""
