"""Sellers' own keys for bank notices, what reconciliation finds, what persons decide; money found by tail or sum.

Notices that wait keep in columns what was read from their bodies until now. Names that end in _by_hand are rules no
model can say: one open key of a seller at a provider; accounts found by their last four characters, waiting jobs by
their subject.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "bank_key",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("provider", sa.VARCHAR(length=8), nullable=False),
        sa.Column("place", sa.VARCHAR(length=43), nullable=False),
        sa.Column("secret", sa.TEXT(), nullable=False),
        sa.Column("secret_tail", sa.VARCHAR(length=4), nullable=False),
        sa.Column("list_key", sa.TEXT(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.BIGINT(), nullable=False),
        sa.Column("tested_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("refused_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="bank_key_pkey"),
        sa.UniqueConstraint("place", name="bank_key_place_key"),
    )
    op.create_index("idx_bank_key_vendor__097f8f", "bank_key", ["vendor_id", "closed_at"], unique=False)
    op.create_table(
        "difference",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.VARCHAR(length=20), nullable=False),
        sa.Column("source", sa.VARCHAR(length=20), nullable=False),
        sa.Column("event_key", sa.VARCHAR(length=120), nullable=False),
        sa.Column("account_number", sa.VARCHAR(length=40), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("other_dong", sa.BIGINT(), nullable=False),
        sa.Column("content", sa.VARCHAR(length=200), nullable=False),
        sa.Column("happened_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("state", sa.VARCHAR(length=10), nullable=False),
        sa.Column("found_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BIGINT(), nullable=True),
        sa.Column("note", sa.VARCHAR(length=500), nullable=False),
        sa.Column("notice_id", sa.BIGINT(), nullable=True),
        sa.Column("payment_id", sa.BIGINT(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name="difference_notice_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name="difference_payment_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="difference_pkey"),
        sa.UniqueConstraint("source", "kind", "event_key", name="uid_difference_source_811651"),
    )
    op.create_index("idx_difference_notice__893643", "difference", ["notice_id"], unique=False)
    op.create_index("idx_difference_payment_8704b9", "difference", ["payment_id"], unique=False)
    op.create_index("idx_difference_state_230a48", "difference", ["state", "found_at"], unique=False)
    op.create_table(
        "transfer_decision",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("decision", sa.VARCHAR(length=12), nullable=False),
        sa.Column("note", sa.VARCHAR(length=500), nullable=False),
        sa.Column("words", sa.VARCHAR(length=200), nullable=False),
        sa.Column("account_number", sa.VARCHAR(length=40), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("notice_id", sa.BIGINT(), nullable=False),
        sa.Column("payment_id", sa.BIGINT(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name="transfer_decision_notice_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name="transfer_decision_payment_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="transfer_decision_pkey"),
    )
    op.create_index(
        "idx_transfer_de_account_3e5d97", "transfer_decision", ["account_number", "words"], unique=False
    )
    op.create_index("idx_transfer_de_notice__b142ad", "transfer_decision", ["notice_id"], unique=False)
    op.create_index("idx_transfer_de_payment_8601cd", "transfer_decision", ["payment_id"], unique=False)
    op.add_column(
        "notice", sa.Column("sub_account", sa.VARCHAR(length=40), nullable=False, server_default="")
    )
    op.add_column("notice", sa.Column("said_code", sa.VARCHAR(length=100), nullable=False, server_default=""))
    op.add_column(
        "notice", sa.Column("bank_reference", sa.VARCHAR(length=80), nullable=False, server_default="")
    )
    op.add_column("notice", sa.Column("vendor_id", sa.BIGINT(), nullable=True))
    op.add_column("notice", sa.Column("bank_key_id", sa.BIGINT(), nullable=True))
    op.create_index("idx_notice_amount__18a72e", "notice", ["amount_dong", "id"], unique=False)
    op.create_index("idx_notice_bank_ke_4a1065", "notice", ["bank_key_id", "received_at"], unique=False)
    op.create_index("idx_notice_bank_re_c8f163", "notice", ["bank_reference", "account_number"], unique=False)
    op.create_foreign_key(
        "notice_bank_key_id_fkey", "notice", "bank_key", ["bank_key_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index("idx_payment_account_793e69", "payment", ["account_number", "created_at"], unique=False)
    op.create_index("idx_payment_asked_d_5c76a1", "payment", ["asked_dong", "id"], unique=False)
    op.add_column(
        "twin_transfer", sa.Column("provider", sa.VARCHAR(length=8), nullable=False, server_default="sepay")
    )
    op.add_column("twin_transfer", sa.Column("bank_key_id", sa.BIGINT(), nullable=True))
    op.execute(
        "UPDATE notice SET sub_account = coalesce(left(body::jsonb ->> 'subAccount', 40), ''),"
        " said_code = coalesce(left(body::jsonb ->> 'code', 100), '') WHERE handled_at IS NULL AND source = 'sepay'"
    )
    op.execute(
        "CREATE UNIQUE INDEX one_open_key_by_hand ON bank_key (vendor_id, provider) WHERE closed_at IS NULL"
    )
    op.execute("CREATE INDEX outbox_subject_by_hand ON outbox_job (subject_id) WHERE state = 'waiting'")
    for table in ("payment", "notice"):
        op.execute(f"CREATE INDEX {table}_tail_by_hand ON {table} (right(account_number, 4), id)")


def downgrade() -> None:
    """Back."""
    for table in ("payment", "notice"):
        op.execute(f"DROP INDEX {table}_tail_by_hand")
    op.execute("DROP INDEX outbox_subject_by_hand")
    op.execute("DROP INDEX one_open_key_by_hand")
    op.drop_column("twin_transfer", "bank_key_id")
    op.drop_column("twin_transfer", "provider")
    op.drop_index("idx_payment_asked_d_5c76a1", table_name="payment")
    op.drop_index("idx_payment_account_793e69", table_name="payment")
    op.drop_constraint("notice_bank_key_id_fkey", "notice", type_="foreignkey")
    op.drop_index("idx_notice_bank_re_c8f163", table_name="notice")
    op.drop_index("idx_notice_bank_ke_4a1065", table_name="notice")
    op.drop_index("idx_notice_amount__18a72e", table_name="notice")
    op.drop_column("notice", "bank_key_id")
    op.drop_column("notice", "vendor_id")
    op.drop_column("notice", "bank_reference")
    op.drop_column("notice", "said_code")
    op.drop_column("notice", "sub_account")
    op.drop_index("idx_transfer_de_payment_8601cd", table_name="transfer_decision")
    op.drop_index("idx_transfer_de_notice__b142ad", table_name="transfer_decision")
    op.drop_index("idx_transfer_de_account_3e5d97", table_name="transfer_decision")
    op.drop_table("transfer_decision")
    op.drop_index("idx_difference_state_230a48", table_name="difference")
    op.drop_index("idx_difference_payment_8704b9", table_name="difference")
    op.drop_index("idx_difference_notice__893643", table_name="difference")
    op.drop_table("difference")
    op.drop_index("idx_bank_key_vendor__097f8f", table_name="bank_key")
    op.drop_table("bank_key")
