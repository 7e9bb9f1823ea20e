"""Which concerns a list for the desk numbers, and with what the desk was told that a concern waits"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letters", sa.Column("desk", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("concerns", sa.Column("told", sa.Text(), nullable=True))
    # What waits already stands in the daily list: no flood of mails after the update.
    op.execute("UPDATE concerns SET told = waits_for WHERE state = 'review'")
