"""What deletion needs: figures without persons, holds, who looked, the protocol, hashes of what is forgotten"""

import sqlalchemy as sa
from alembic import op

from intake.storage import Identifier, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("bytes_gone_at", UtcDateTime(), nullable=True))
    _what_is_left()
    _what_is_noted()


def _what_is_left() -> None:
    """Figures and the bodies they went to."""
    op.create_table(
        "figures",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("automatic", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("category_id", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("stored_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("was_in_review", sa.Boolean(), nullable=False),
        sa.Column("corrected", sa.Boolean(), nullable=False),
        sa.Column("handed_back", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figures")),
    )
    op.create_index(op.f("ix_figures_received_at"), "figures", ["received_at"])
    op.create_table(
        "figure_forwards",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("figure_id", Identifier, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("further", sa.Boolean(), nullable=False),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("composed_at", UtcDateTime(), nullable=True),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("chased", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["figure_id"], ["figures.id"], name=op.f("fk_figure_forwards_figure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_forwards")),
    )
    op.create_index(op.f("ix_figure_forwards_figure_id"), "figure_forwards", ["figure_id"])


def _what_is_noted() -> None:
    """Holds, looks, the protocol, and what must not come back."""
    op.create_table(
        "forgotten",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_forgotten")),
    )
    op.create_index(op.f("ix_forgotten_at"), "forgotten", ["at"])
    op.create_table(
        "holds",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message_id", Identifier, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_message_id"), "holds", ["message_id"])
    op.create_table(
        "looks",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_looks")),
    )
    op.create_index(op.f("ix_looks_at"), "looks", ["at"])
    op.create_table(
        "deletions",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("oldest", UtcDateTime(), nullable=True),
        sa.Column("newest", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletions")),
    )
    op.create_index(op.f("ix_deletions_at"), "deletions", ["at"])
