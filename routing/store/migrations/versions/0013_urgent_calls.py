"""When the program of [operator] urgent_command is run for a forward, and how often it was"""

import sqlalchemy as sa
from alembic import op

from intake.storage import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("forwards", sa.Column("call_at", UtcDateTime(), nullable=True))
    op.add_column("forwards", sa.Column("called", sa.Integer(), nullable=False, server_default="0"))
    waiting = sa.text("call_at IS NOT NULL")
    op.create_index("ix_forwards_call", "forwards", ["call_at"], sqlite_where=waiting, postgresql_where=waiting)
