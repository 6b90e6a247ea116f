"""What people look for, counted by day."""

import sqlalchemy as sa

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "search_count",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("day", sa.DATE(), nullable=False),
        sa.Column("words", sa.VARCHAR(length=80), nullable=False),
        sa.Column("searches", sa.INTEGER(), nullable=False),
        sa.Column("misses", sa.INTEGER(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="search_count_pkey"),
        sa.UniqueConstraint("day", "words", name="uid_search_coun_day_0e8172"),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("search_count")
