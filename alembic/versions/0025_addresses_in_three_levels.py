"""Orders and parcels keep the address in three levels, where the buyer gave it so."""

import sqlalchemy as sa

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "customer_order",
        sa.Column("old_commune_code", sa.VARCHAR(length=8), nullable=False, server_default=""),
    )
    op.add_column(
        "customer_order", sa.Column("old_place", sa.VARCHAR(length=300), nullable=False, server_default="")
    )
    op.add_column(
        "parcel",
        sa.Column("recipient_old_commune_code", sa.VARCHAR(length=8), nullable=False, server_default=""),
    )
    op.add_column(
        "parcel", sa.Column("recipient_old_place", sa.VARCHAR(length=300), nullable=False, server_default="")
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("parcel", "recipient_old_place")
    op.drop_column("parcel", "recipient_old_commune_code")
    op.drop_column("customer_order", "old_place")
    op.drop_column("customer_order", "old_commune_code")
