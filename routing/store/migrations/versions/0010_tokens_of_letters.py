"""What an answer to a letter is known by, and the forwards that it is about, in the order of the letter's list"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letters", sa.Column("token", sa.Text(), server_default="", nullable=False))
    op.add_column("letters", sa.Column("listed", sa.JSON(none_as_null=True), nullable=True))
    op.create_index(op.f("ix_letters_token"), "letters", ["token"])
