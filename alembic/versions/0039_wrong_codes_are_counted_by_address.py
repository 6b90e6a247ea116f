"""Wrong codes are counted by the address they came from, and codes by the hour for the whole market."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0039"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "wrong_code",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("address", sa.VARCHAR(length=64), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="wrong_code_pkey"),
    )
    op.create_index("idx_wrong_code_address_31dd6e", "wrong_code", ["address", "at"], unique=False)
    op.create_index("idx_wrong_code_at_62d9c1", "wrong_code", ["at"], unique=False)
    op.create_index("idx_sign_in_cod_created_fae58e", "sign_in_code", ["created_at"], unique=False)


def downgrade() -> None:
    """Back."""
    op.drop_index("idx_sign_in_cod_created_fae58e", table_name="sign_in_code")
    op.drop_index("idx_wrong_code_at_62d9c1", table_name="wrong_code")
    op.drop_index("idx_wrong_code_address_31dd6e", table_name="wrong_code")
    op.drop_table("wrong_code")
