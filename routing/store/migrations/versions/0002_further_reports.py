"""Further reports about a concern, told to the bodies that have a letter about it"""

import sqlalchemy as sa
from alembic import op

from intake.storage import Identifier

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("report_id", Identifier, sa.ForeignKey("messages.id"), nullable=True)
    op.add_column("forwards", column, inline_references=True)
