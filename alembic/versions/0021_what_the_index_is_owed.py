"""Remember which listings changed while the index could not take them."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "index_debt",
        sa.Column("listing_id", sa.BIGINT(), nullable=False),
        sa.Column("noted_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("listing_id", name="index_debt_pkey"),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("index_debt")
