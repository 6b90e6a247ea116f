"""The revenue book of sellers, append-only; market fees that a board took in cash."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

CHECKS = (
    ("revenue_entry", "amount", "amount_dong <> 0"),
    ("revenue_entry", "corrects", "(kind = 'correction') = (corrects_id IS NOT NULL)"),
    ("market_fee", "cash", "cash_dong BETWEEN 0 AND received_dong AND (cash_dong = 0) = (cash_by IS NULL)"),
)


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "revenue_entry",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("channel", sa.VARCHAR(length=8), nullable=False),
        sa.Column("kind", sa.VARCHAR(length=12), nullable=False),
        sa.Column("source", sa.VARCHAR(length=12), nullable=False),
        sa.Column("reference", sa.VARCHAR(length=120), nullable=False),
        sa.Column("subject", sa.VARCHAR(length=40), nullable=False),
        sa.Column("day", sa.DATE(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("floor", sa.VARCHAR(length=12), nullable=False),
        sa.Column("words", sa.VARCHAR(length=200), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("written_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("corrects_id", sa.BIGINT(), nullable=True),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["revenue_entry.id"], name="revenue_entry_corrects_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="revenue_entry_pkey"),
        sa.UniqueConstraint("source", "reference", name="uid_revenue_ent_source_1e78b1"),
    )
    op.create_index("idx_revenue_ent_correct_3f9f2a", "revenue_entry", ["corrects_id"], unique=False)
    op.create_index(
        "idx_revenue_ent_vendor__86c884", "revenue_entry", ["vendor_id", "day", "id"], unique=False
    )
    op.add_column("market_fee", sa.Column("cash_dong", sa.BIGINT(), nullable=False, server_default="0"))
    op.add_column("market_fee", sa.Column("cash_by", sa.BIGINT(), nullable=True))
    for table, name, rule in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_by_hand CHECK ({rule})")
    op.execute(
        "CREATE TRIGGER revenue_entry_append_only BEFORE UPDATE OR DELETE ON revenue_entry"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    """Back."""
    op.execute("DROP TRIGGER revenue_entry_append_only ON revenue_entry")
    for table, name, _ in CHECKS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{name}_by_hand")
    op.drop_column("market_fee", "cash_by")
    op.drop_column("market_fee", "cash_dong")
    op.drop_index("idx_revenue_ent_vendor__86c884", table_name="revenue_entry")
    op.drop_index("idx_revenue_ent_correct_3f9f2a", table_name="revenue_entry")
    op.drop_table("revenue_entry")
