"""Payment links at payOS under sellers' own keys."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "payment_link",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("order_code", sa.BIGINT(), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("state", sa.VARCHAR(length=8), nullable=False),
        sa.Column("link_id", sa.VARCHAR(length=64), nullable=False),
        sa.Column("url", sa.TEXT(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("bank_key_id", sa.BIGINT(), nullable=False),
        sa.Column("payment_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_key_id"], ["bank_key.id"], name="payment_link_bank_key_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name="payment_link_payment_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="payment_link_pkey"),
        sa.UniqueConstraint("order_code", name="payment_link_order_code_key"),
    )
    op.create_index("idx_payment_lin_bank_ke_72f7fd", "payment_link", ["bank_key_id"], unique=False)
    op.create_index("idx_payment_lin_payment_4dc381", "payment_link", ["payment_id", "id"], unique=False)
    op.add_column("bank_key", sa.Column("link_key", sa.TEXT(), nullable=False, server_default=""))
    op.add_column(
        "twin_transfer", sa.Column("order_code", sa.VARCHAR(length=20), nullable=False, server_default="")
    )
    op.execute(
        "ALTER TABLE payment_link ADD CONSTRAINT payment_link_amount_by_hand"
        " CHECK (amount_dong > 0 AND order_code BETWEEN 1 AND 9007199254740991)"
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("twin_transfer", "order_code")
    op.drop_column("bank_key", "link_key")
    op.drop_index("idx_payment_lin_payment_4dc381", table_name="payment_link")
    op.drop_index("idx_payment_lin_bank_ke_72f7fd", table_name="payment_link")
    op.drop_table("payment_link")
