"""What people agreed to, and what they ask about their own data.

By hand: a consent is never changed or deleted, nobody has two open requests of a kind, and the rounds find what is due.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "consent",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("purpose", sa.VARCHAR(length=30), nullable=False),
        sa.Column("version", sa.INTEGER(), nullable=False),
        sa.Column("is_given", sa.BOOLEAN(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("page", sa.VARCHAR(length=120), nullable=False),
        sa.Column("address_mark", sa.VARCHAR(length=64), nullable=False),
        sa.Column("session_id", sa.BIGINT(), nullable=True),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="consent_person_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="consent_pkey"),
    )
    op.create_index("idx_consent_person__15972d", "consent", ["person_id", "purpose", "id"], unique=False)
    op.create_table(
        "privacy_request",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.VARCHAR(length=10), nullable=False),
        sa.Column("state", sa.VARCHAR(length=10), nullable=False),
        sa.Column("words", sa.VARCHAR(length=1000), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("told_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("erase_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("extended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("extended_because", sa.VARCHAR(length=300), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BIGINT(), nullable=True),
        sa.Column("answer", sa.VARCHAR(length=1000), nullable=False),
        sa.Column("file_key", sa.VARCHAR(length=80), nullable=False),
        sa.Column("file_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="privacy_request_person_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="privacy_request_pkey"),
    )
    op.create_index("idx_privacy_req_person__95080b", "privacy_request", ["person_id", "state"], unique=False)
    op.create_index("idx_privacy_req_state_3b9415", "privacy_request", ["state", "due_at"], unique=False)
    op.execute("""
        CREATE TRIGGER consent_append_only BEFORE UPDATE OR DELETE ON consent
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """)
    op.execute("""
        CREATE UNIQUE INDEX privacy_request_open_by_hand ON privacy_request (person_id, kind) WHERE state = 'open'
    """)
    op.execute("""
        CREATE INDEX privacy_request_erase_by_hand ON privacy_request (erase_at) WHERE state = 'open'
    """)
    op.execute("""
        CREATE INDEX privacy_request_file_by_hand ON privacy_request (file_until) WHERE file_key <> ''
    """)


def downgrade() -> None:
    """Back."""
    op.execute("DROP INDEX privacy_request_file_by_hand")
    op.execute("DROP INDEX privacy_request_erase_by_hand")
    op.execute("DROP INDEX privacy_request_open_by_hand")
    op.execute("DROP TRIGGER consent_append_only ON consent")
    op.drop_index("idx_privacy_req_state_3b9415", table_name="privacy_request")
    op.drop_index("idx_privacy_req_person__95080b", table_name="privacy_request")
    op.drop_table("privacy_request")
    op.drop_index("idx_consent_person__15972d", table_name="consent")
    op.drop_table("consent")
