"""What the installation knows of itself (the probes' secret), and the probes that are on their way"""

import sqlalchemy as sa
from alembic import op

from intake.storage import Identifier, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation")),
    )
    op.create_table(
        "probes",
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("letter_id", Identifier, nullable=True),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_probes")),
    )
