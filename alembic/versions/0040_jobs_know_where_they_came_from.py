"""Jobs know the request that left them, and money on its way from doors is found without reading every parcel."""

import sqlalchemy as sa

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward. The index is built beside the work; one that a broken run left half is dropped first."""
    op.add_column(
        "outbox_job", sa.Column("came_from", sa.VARCHAR(length=80), nullable=False, server_default="")
    )
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS parcel_money_out_by_hand")
        op.execute(
            "CREATE INDEX CONCURRENTLY parcel_money_out_by_hand ON parcel (money, changed_at)"
            " WHERE money IN ('collected', 'paid_in', 'remitted', 'disputed')"
        )


def downgrade() -> None:
    """Back."""
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS parcel_money_out_by_hand")
    op.drop_column("outbox_job", "came_from")
