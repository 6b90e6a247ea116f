"""Write down how the worker last found the search index."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0030"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
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
