"""People are told of what concerns them: on their page, by push, Zalo, text or mail, in hours they chose."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "person_notice",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("event_key", sa.VARCHAR(length=80), nullable=False),
        sa.Column("kind", sa.VARCHAR(length=12), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("url", sa.VARCHAR(length=120), nullable=False),
        sa.Column("state", sa.VARCHAR(length=8), nullable=False),
        sa.Column("channel", sa.VARCHAR(length=8), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("read_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="person_notice_pkey"),
        sa.UniqueConstraint("person_id", "event_key", name="uid_person_noti_person__266d99"),
    )
    op.create_index("idx_person_noti_created_891791", "person_notice", ["created_at"], unique=False)
    op.create_index("idx_person_noti_person__6b6d8c", "person_notice", ["person_id", "id"], unique=False)
    op.create_table(
        "zalo_token",
        sa.Column("id", sa.INTEGER(), nullable=False),
        sa.Column("origin", sa.VARCHAR(length=64), nullable=False),
        sa.Column("access", sa.TEXT(), nullable=False),
        sa.Column("refresh", sa.TEXT(), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("held_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="zalo_token_pkey"),
    )
    op.create_table(
        "notice_choice",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.VARCHAR(length=12), nullable=False),
        sa.Column("channel", sa.VARCHAR(length=8), nullable=False),
        sa.Column("is_on", sa.BOOLEAN(), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="notice_choice_person_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="notice_choice_pkey"),
        sa.UniqueConstraint("person_id", "kind", "channel", name="uid_notice_choi_person__bbd8ed"),
    )
    op.create_table(
        "notice_hours",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("quiet_from", sa.INTEGER(), nullable=False),
        sa.Column("quiet_to", sa.INTEGER(), nullable=False),
        sa.Column("email", sa.VARCHAR(length=200), nullable=False),
        sa.Column("confirmed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="notice_hours_person_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="notice_hours_pkey"),
        sa.UniqueConstraint("person_id", name="notice_hours_person_id_key"),
    )
    op.create_table(
        "notice_try",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("channel", sa.VARCHAR(length=8), nullable=False),
        sa.Column("state", sa.VARCHAR(length=8), nullable=False),
        sa.Column("tries", sa.INTEGER(), nullable=False),
        sa.Column("why", sa.VARCHAR(length=200), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("notice_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["person_notice.id"], name="notice_try_notice_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="notice_try_pkey"),
        sa.UniqueConstraint("notice_id", "channel", name="uid_notice_try_notice__7ba47d"),
    )
    op.create_table(
        "push_device",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("endpoint", sa.VARCHAR(length=600), nullable=False),
        sa.Column("p256dh", sa.VARCHAR(length=100), nullable=False),
        sa.Column("auth", sa.VARCHAR(length=40), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("session_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name="push_device_session_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="push_device_pkey"),
        sa.UniqueConstraint("endpoint", name="push_device_endpoint_key"),
    )
    op.create_index("idx_push_device_session_f42330", "push_device", ["session_id"], unique=False)
    op.execute("CREATE INDEX person_notice_unread_by_hand ON person_notice (person_id) WHERE read_at IS NULL")
    op.execute(
        "ALTER TABLE notice_hours ADD CONSTRAINT notice_hours_from_by_hand CHECK (quiet_from BETWEEN 0 AND 23)"
    )
    op.execute(
        "ALTER TABLE notice_hours ADD CONSTRAINT notice_hours_to_by_hand CHECK (quiet_to BETWEEN 0 AND 23)"
    )
    op.execute("ALTER TABLE zalo_token ADD CONSTRAINT zalo_token_only_by_hand CHECK (id = 1)")


def downgrade() -> None:
    """Back."""
    op.drop_index("idx_push_device_session_f42330", table_name="push_device")
    op.drop_table("push_device")
    op.drop_table("notice_try")
    op.drop_table("notice_hours")
    op.drop_table("notice_choice")
    op.drop_table("zalo_token")
    op.drop_index("idx_person_noti_person__6b6d8c", table_name="person_notice")
    op.drop_index("idx_person_noti_created_891791", table_name="person_notice")
    op.drop_table("person_notice")
