"""Routing's tables, beside intake's in one database (one Alembic environment knows both).

``decisions`` is append-only: the newest one of a message counts, and a new one never touches what was sent. What is
due is a column: ``forwards.due_at`` until a letter is composed, ``deliveries.due_at`` after it.
"""

import sqlalchemy as sa

from intake.storage.engine.column_types import Identifier, UtcDateTime
from intake.storage.tables import metadata
from routing.model.decision import Urgency

snapshots = sa.Table(
    "snapshots",
    metadata,
    sa.Column("fingerprint", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("texts", sa.JSON, nullable=False),
    sa.Column("first_used", UtcDateTime, nullable=False),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", Identifier, primary_key=True),
    sa.Column("message_id", Identifier, sa.ForeignKey("messages.id"), nullable=False, index=True),
    sa.Column("case_id", Identifier, sa.ForeignKey("cases.id"), index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("urgency", sa.Text, nullable=False),
    sa.Column("recipients", sa.JSON, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),  # concerns with matches, places, near misses
    sa.Column("fingerprint", sa.Text, sa.ForeignKey("snapshots.fingerprint"), nullable=False),
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", Identifier, primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("message_id", Identifier, sa.ForeignKey("messages.id"), nullable=False, index=True),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

concerns = sa.Table(
    "concerns",
    metadata,
    sa.Column("id", Identifier, primary_key=True),
    sa.Column("case_id", Identifier, sa.ForeignKey("cases.id"), nullable=False, index=True),
    sa.Column("message_id", Identifier, sa.ForeignKey("messages.id"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),  # KOD-2026-000123-POSITION
    sa.Column("state", sa.Text, nullable=False),  # review, open, answered, closed
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("category_id", sa.Text, nullable=False),
    sa.Column("urgency", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("district", sa.Text, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column(
        "waits_for", sa.Text, nullable=False, server_default=""
    ),  # German: why a person must look, since an answer
    sa.Column(
        "likeness", sa.Text, nullable=False, server_default=""
    ),  # what alike concerns share: routing.store.cases.matching
    sa.Column("told", sa.Text),  # with which waits_for the desk was told that it waits; NULL: it was not
    sa.Index("ix_concerns_state_opened_at", "state", "opened_at"),
    sa.Index("ix_concerns_likeness", "likeness"),
)

forwards = sa.Table(
    "forwards",
    metadata,
    sa.Column("id", Identifier, primary_key=True),
    sa.Column("concern_id", Identifier, sa.ForeignKey("concerns.id"), nullable=False, index=True),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("urgency", sa.Text, nullable=False),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("report_id", Identifier, sa.ForeignKey("messages.id")),  # a further report, told after the first letter
    sa.Column("photos", sa.Boolean, nullable=False, default=False),  # a person released them for this body
    sa.Column("planned_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # planned, composed, cancelled, parked
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("letter_id", Identifier, sa.ForeignKey("letters.id"), index=True),
    sa.Column(
        "answer", sa.Text, nullable=False, server_default=""
    ),  # the body's last: see routing.replies.reading.AnswerKind
    sa.Column("answered_at", UtcDateTime),  # the first sign of the body: an answer, or a person's command
    sa.Column("chase_at", UtcDateTime),  # without an answer until then: again, or a reminder
    sa.Column("chased", sa.Integer, nullable=False, server_default="0"),
    sa.Column("call_at", UtcDateTime),  # of an alarm that nobody acknowledged: when [operator] urgent_command is run
    sa.Column("called", sa.Integer, nullable=False, server_default="0"),
)
sa.Index("ix_forwards_due", forwards.c.state, forwards.c.due_at)
sa.Index("ix_forwards_chase", forwards.c.urgency, forwards.c.chase_at)
sa.Index(
    "ix_forwards_call",
    forwards.c.call_at,
    sqlite_where=forwards.c.call_at.is_not(None),
    postgresql_where=forwards.c.call_at.is_not(None),
)

letters = sa.Table(
    "letters",
    metadata,
    sa.Column("id", Identifier, primary_key=True),
    sa.Column("mail_id", sa.Text, nullable=False, unique=True),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("urgency", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("composed_at", UtcDateTime, nullable=False, index=True),
    sa.Column("resend_of", Identifier, sa.ForeignKey("letters.id")),
    sa.Column("addresses", sa.Integer),  # how many deliveries belong to it; NULL in letters of older versions
    sa.Column("forwards", sa.Integer),  # and how many forwards
    sa.Column("token", sa.Text, nullable=False, server_default=""),  # in its subject; "" in letters of older versions
    sa.Column("listed", sa.JSON(none_as_null=True)),  # the forwards that an answer is about, in the order of its list
    sa.Column("desk", sa.JSON(none_as_null=True)),  # of a list for the desk: see routing.store.desk_mail
    sa.Index("ix_letters_token", "token"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", Identifier, primary_key=True),
    sa.Column("letter_id", Identifier, sa.ForeignKey("letters.id"), nullable=False, index=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False, server_default="6"),  # of the letter's urgency: 0 goes first
    sa.Column("state", sa.Text, nullable=False),  # planned, sending, sent, parked, held, cancelled, bounced
    sa.Column("held", sa.Text, nullable=False, server_default=""),  # why it is held: see routing.store.outbox.Held
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("in_doubt", sa.Boolean, nullable=False),  # an attempt ended without an answer: it may arrive twice
    sa.Column("instance", sa.Text, nullable=False),  # who sends it, while sending
    sa.Column("started_at", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("reply", sa.Text, nullable=False),
)
sa.Index("ix_deliveries_due", deliveries.c.state, deliveries.c.due_at)
sa.Index("ix_deliveries_rank", deliveries.c.state, deliveries.c.rank, deliveries.c.due_at)

stopped = sa.Table(
    "stopped",  # addresses that a server said do not exist: no ordinary letter goes there until a person says so
    metadata,
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

acknowledgements = sa.Table(
    "acknowledgements",
    metadata,
    sa.Column("id", Identifier, primary_key=True),
    sa.Column("message_id", Identifier, sa.ForeignKey("messages.id"), nullable=False, index=True),
    sa.Column("case_id", Identifier, sa.ForeignKey("cases.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # received, forwarded
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("letter_id", Identifier, sa.ForeignKey("letters.id")),  # none yet: it waits
    sa.Index("ix_acknowledgements_at", "at"),
)
sa.Index("ix_acknowledgements_letter_id", acknowledgements.c.letter_id)

conditions = sa.Table(
    "conditions",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)

condition_observers = sa.Table(
    "condition_observers",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("observer", sa.Text, primary_key=True),
    sa.Column("instance", sa.Text, nullable=False),
    sa.Column("causes", sa.Text, nullable=False),
)

figures = sa.Table(
    "figures",  # what is left of a concern, or of a message without one, when its persons are forgotten
    metadata,
    sa.Column("id", Identifier, primary_key=True),
    sa.Column("counts", sa.Text, nullable=False),  # concern, message
    sa.Column("first", sa.Boolean, nullable=False),  # of its case, or the message itself: so cases are counted
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # of the newest decision: concern, spam, thanks …
    sa.Column("automatic", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # the last: closed, replaced, kept
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("category_id", sa.Text, nullable=False),
    sa.Column("district", sa.Text, nullable=False),
    sa.Column("urgency", sa.Text, nullable=False),
    sa.Column("rules", sa.JSON, nullable=False),  # names of the rules that found it
    sa.Column("received_at", UtcDateTime, nullable=False, index=True),
    sa.Column("stored_at", UtcDateTime, nullable=False),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("reports", sa.Integer, nullable=False),  # how many further messages told of the case
    sa.Column("was_in_review", sa.Boolean, nullable=False),
    sa.Column("corrected", sa.Boolean, nullable=False),  # a person decided otherwise
    sa.Column("handed_back", sa.Boolean, nullable=False),  # a body said that it is not theirs
)

figure_forwards = sa.Table(
    "figure_forwards",  # each body that a concern went to
    metadata,
    sa.Column("id", Identifier, primary_key=True),
    sa.Column("figure_id", Identifier, sa.ForeignKey("figures.id"), nullable=False, index=True),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("urgency", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("further", sa.Boolean, nullable=False),  # it told of a further report
    sa.Column("planned_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("composed_at", UtcDateTime),
    sa.Column("accepted_at", UtcDateTime),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("answered_at", UtcDateTime),
    sa.Column("chased", sa.Integer, nullable=False),
)

holds = sa.Table(
    "holds",  # messages that nothing deletes (legal hold), or that nobody works on (Art. 18 GDPR)
    metadata,
    sa.Column("id", Identifier, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),  # hold, restricted
    sa.Column("message_id", Identifier, nullable=False, index=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("until", UtcDateTime),  # to be looked at again then; it holds on until a person ends it
    sa.Column("ended_at", UtcDateTime),
    sa.Column("ended_by", sa.Text, nullable=False, server_default=""),
)

looks = sa.Table(
    "looks",  # who looked at personal data
    metadata,
    sa.Column("id", Identifier, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),  # numbers of cases or messages, never what was searched for
)

deletions = sa.Table(
    "deletions",  # the protocol (DIN 66398): rule, count, time span, when, by whom; no content
    metadata,
    sa.Column("id", Identifier, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),  # the key of [retention] with its days, or "erasure"
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("oldest", UtcDateTime),
    sa.Column("newest", UtcDateTime),
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("shown", sa.Text, nullable=False),  # the person's name, as it stands in timelines
    sa.Column("password", sa.Text, nullable=False),  # Argon2id; empty: none, the proxy signs in
    sa.Column("is_new", sa.Boolean, nullable=False),  # somebody else chose the password: it must be changed
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
)

web_sessions = sa.Table(
    "web_sessions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # SHA-256 of what the browser holds
    sa.Column("account", sa.Text, sa.ForeignKey("accounts.name"), nullable=False, index=True),
    sa.Column("form_token", sa.Text, nullable=False),  # in every form of the session
    sa.Column("said", sa.Text, nullable=False, server_default=""),  # what the next page says was done
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
)


def urgency_rank(column: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    """The urgency in a column as a number to order by; 0 is the most urgent."""
    return sa.case({urgency.value: urgency.rank for urgency in Urgency}, value=column, else_=len(Urgency))


__all__ = [
    "accounts",
    "acknowledgements",
    "cases",
    "concerns",
    "condition_observers",
    "conditions",
    "counters",
    "decisions",
    "deletions",
    "deliveries",
    "figure_forwards",
    "figures",
    "forwards",
    "holds",
    "letters",
    "looks",
    "metadata",
    "snapshots",
    "stopped",
    "urgency_rank",
    "web_sessions",
]
