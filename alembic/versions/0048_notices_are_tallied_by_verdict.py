"""How many notices were settled with each verdict is kept, so that nobody counts them all again."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0048"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "notice_tally",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("verdict", sa.VARCHAR(length=20), nullable=False),
        sa.Column("count", sa.BIGINT(), nullable=False),
        sa.Column("until", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="notice_tally_pkey"),
        sa.UniqueConstraint("verdict", name="notice_tally_verdict_key"),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("notice_tally")
