"""People have second factors: passkeys, an app's codes, recovery codes; sessions know when one was shown."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "spent_challenge",
        sa.Column("digest", sa.VARCHAR(length=64), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="spent_challenge_pkey"),
    )
    op.create_index("idx_spent_chall_at_50a831", "spent_challenge", ["at"], unique=False)
    op.create_table(
        "wrong_factor",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="wrong_factor_pkey"),
    )
    op.create_index("idx_wrong_facto_at_b3618a", "wrong_factor", ["at"], unique=False)
    op.create_index("idx_wrong_facto_person__9638ab", "wrong_factor", ["person_id", "at"], unique=False)
    op.create_table(
        "factor",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.VARCHAR(length=8), nullable=False),
        sa.Column("label", sa.VARCHAR(length=60), nullable=False),
        sa.Column("secret_sealed", sa.VARCHAR(length=300), nullable=False),
        sa.Column("credential_id", sa.VARCHAR(length=1400), nullable=True),
        sa.Column("public_key", sa.VARCHAR(length=1400), nullable=False),
        sa.Column("sign_count", sa.BIGINT(), nullable=False),
        sa.Column("last_step", sa.BIGINT(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("confirmed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("used_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="factor_person_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="factor_pkey"),
        sa.UniqueConstraint("credential_id", name="factor_credential_id_key"),
    )
    op.create_index("idx_factor_person__dcf5a6", "factor", ["person_id"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("code_hash", sa.VARCHAR(length=64), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("used_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="recovery_code_person_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="recovery_code_pkey"),
        sa.UniqueConstraint("person_id", "code_hash", name="uid_recovery_co_person__5ab03f"),
    )
    op.add_column("api_token", sa.Column("factor_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("session", sa.Column("code_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("session", sa.Column("factor_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.execute("CREATE UNIQUE INDEX factor_one_app_by_hand ON factor (person_id) WHERE kind = 'app'")
    op.execute(
        "ALTER TABLE factor ADD CONSTRAINT factor_is_whole_by_hand CHECK ("
        " (kind = 'passkey' AND credential_id <> '' AND public_key <> '' AND confirmed_at IS NOT NULL)"
        " OR (kind = 'app' AND credential_id IS NULL AND secret_sealed <> ''))"
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("session", "factor_at")
    op.drop_column("session", "code_at")
    op.drop_column("api_token", "factor_at")
    op.drop_table("recovery_code")
    op.drop_index("idx_factor_person__dcf5a6", table_name="factor")
    op.drop_table("factor")
    op.drop_index("idx_wrong_facto_person__9638ab", table_name="wrong_factor")
    op.drop_index("idx_wrong_facto_at_b3618a", table_name="wrong_factor")
    op.drop_table("wrong_factor")
    op.drop_index("idx_spent_chall_at_50a831", table_name="spent_challenge")
    op.drop_table("spent_challenge")
