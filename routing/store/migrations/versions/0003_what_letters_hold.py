"""How many addresses and forwards a letter was made for: the books count what there is against it"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letters", sa.Column("addresses", sa.Integer(), nullable=True))
    op.add_column("letters", sa.Column("forwards", sa.Integer(), nullable=True))
