"""Intake's tables. ``messages`` is append-only: a row is never updated, except by erasure.

``arrivals`` says where a message was seen (a mail delivered through two aliases has two rows), ``waiting`` names the
messages that nobody has decided about yet, ``sources`` holds the mark up to which a mailbox was read, and
``heartbeats`` when each work was last done with success. ``installation`` is what it knows of itself, ``probes`` the
mails that it sent itself to see whether everything works.
"""

import sqlalchemy as sa

from intake.storage.engine.column_types import Identifier, UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", Identifier, primary_key=True),
    sa.Column("identity", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("stored_at", UtcDateTime, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("from_name", sa.Text, nullable=False),
    sa.Column("from_addr", sa.Text, nullable=False),
    sa.Column("reply_to", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("date", UtcDateTime),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("new_text", sa.Text, nullable=False),
    sa.Column("attachments", sa.JSON, nullable=False),
    sa.Column("mail_id", sa.Text, nullable=False, index=True),
    sa.Column("references", sa.JSON, nullable=False),
    sa.Column("automatic", sa.Text, nullable=False),
    sa.Column("case_number", sa.Text, nullable=False),
    sa.Column("returned", sa.JSON(none_as_null=True)),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("follows", sa.LargeBinary(32), nullable=False),
    sa.Column("edited", sa.Boolean, nullable=False),
    sa.Column("consent", sa.Boolean),
    sa.Column("problems", sa.JSON, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("bytes_gone_at", UtcDateTime),  # since then without its bytes: retention or an erasure took them
)

raw_messages = sa.Table(
    "raw_messages",
    metadata,
    sa.Column("message_id", Identifier, sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

arrivals = sa.Table(
    "arrivals",
    metadata,
    sa.Column("id", Identifier, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("message_id", Identifier, sa.ForeignKey("messages.id"), nullable=False, index=True),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("source", "key"),
)

files = sa.Table(
    "files",  # the phone logs that were read to their end, and what became of their rows
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),  # SHA-256 of the file, hex: the keys of its arrivals begin with it
    sa.Column("read_at", UtcDateTime, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),  # as the reader counted them
    sa.Column("stored", sa.Integer, nullable=False),  # and as the store did: new, or with a content that it knew
    sa.Column("forgotten", sa.Integer, nullable=False),
    sa.Column("handed_back", sa.Integer, nullable=False),
    sa.Column("unread", sa.Integer, nullable=False),
)

waiting = sa.Table(
    "waiting",
    metadata,
    sa.Column("message_id", Identifier, sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("turn", sa.Integer, nullable=False, server_default="1"),  # 0: looks urgent, is decided first
    sa.Index("ix_waiting_turn", "turn", "message_id"),
)

stubborn = sa.Table(
    "stubborn",  # mails that their server does not give, or does not let go
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("copied", sa.Boolean, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

sources = sa.Table(
    "sources",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("uid_validity", sa.BigInteger, nullable=False),
    sa.Column("uid_mark", sa.BigInteger, nullable=False),
    sa.Column("first_seen", UtcDateTime, nullable=False),
)

heartbeats = sa.Table(
    "heartbeats",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("beat", sa.BigInteger, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", Identifier, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("case_id", Identifier, index=True),
    sa.Column("message_id", Identifier, index=True),
    sa.Column("detail", sa.Text, nullable=False),
)

forgotten = sa.Table(
    "forgotten",  # keyed hashes of what was deleted, so that it does not come back: see intake.storage.forgotten
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("why", sa.Text, nullable=False),  # see intake.storage.forgotten.Why
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)

installation = sa.Table(
    "installation",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

probes = sa.Table(
    "probes",
    metadata,
    sa.Column("nonce", sa.Text, primary_key=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("sent_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # see intake.storage.probes.State
    sa.Column("letter_id", Identifier),
)
