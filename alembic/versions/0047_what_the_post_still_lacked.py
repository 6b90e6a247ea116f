"""The days that a carrier promised are kept with the order and its parcel."""

import sqlalchemy as sa

from alembic import op

revision = "0047"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("customer_order", sa.Column("delivery_days", sa.SMALLINT(), nullable=True))
    op.add_column("parcel", sa.Column("promised_days", sa.SMALLINT(), nullable=True))


def downgrade() -> None:
    """Back."""
    op.drop_column("parcel", "promised_days")
    op.drop_column("customer_order", "delivery_days")
