"""What is urgent is found first, among however many letters and messages that wait"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RANKS = {"notfall": 0, "pruefen": 1, "sofort": 2, "heute": 3, "sammel": 4, "liste": 5}


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("rank", sa.Integer, nullable=False, server_default="6"))
    letters = sa.table("letters", sa.column("id"), sa.column("urgency"))
    deliveries = sa.table("deliveries", sa.column("letter_id"), sa.column("rank"), sa.column("state"))
    rank = sa.select(sa.case(RANKS, value=letters.c.urgency, else_=6)).where(letters.c.id == deliveries.c.letter_id)
    unsettled = deliveries.c.state.in_(["planned", "sending", "parked", "held", "bounced"])
    op.execute(sa.update(deliveries).where(unsettled).values(rank=rank.scalar_subquery()))
    op.create_index("ix_deliveries_rank", "deliveries", ["state", "rank", "due_at"])
    op.add_column("waiting", sa.Column("turn", sa.Integer, nullable=False, server_default="1"))
    op.create_index("ix_waiting_turn", "waiting", ["turn", "message_id"])
