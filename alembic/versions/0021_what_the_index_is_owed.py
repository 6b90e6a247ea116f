"""Remember which listings the index could not take, and how it was last found."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0021"
down_revision = "0016"
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
    op.create_table(
        "index_standing",
        sa.Column("id", sa.INTEGER(), nullable=False),
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("engine", sa.VARCHAR(length=80), nullable=False),
        sa.Column("listings", sa.INTEGER(), nullable=False),
        sa.Column("trouble", sa.VARCHAR(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("id", name="index_standing_pkey"),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("index_standing")
    op.drop_table("index_debt")
