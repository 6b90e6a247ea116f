"""A person names the columns of carriers' statements: files that wait for it, and namings that are remembered."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "statement_draft",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("carrier", sa.VARCHAR(length=20), nullable=False),
        sa.Column("name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("digest", sa.VARCHAR(length=64), nullable=False),
        sa.Column("content", postgresql.BYTEA(), nullable=False),
        sa.Column("head", sa.INTEGER(), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("statement_id", sa.BIGINT(), nullable=True),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="statement_draft_pkey"),
    )
    op.create_index(
        "idx_statement_d_closed__6c075e", "statement_draft", ["closed_at", "sent_at"], unique=False
    )
    op.create_table(
        "statement_mapping",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("carrier", sa.VARCHAR(length=20), nullable=False),
        sa.Column("mark", sa.VARCHAR(length=64), nullable=False),
        sa.Column("heads", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("said_by", sa.BIGINT(), nullable=False),
        sa.Column("said_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_by", sa.BIGINT(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="statement_mapping_pkey"),
    )
    op.create_index("idx_statement_m_said_at_c9ea58", "statement_mapping", ["said_at"], unique=False)
    op.add_column("carrier_statement", sa.Column("mapping_id", sa.BIGINT(), nullable=True))
    op.add_column("carrier_statement_line", sa.Column("stated_on", sa.DATE(), nullable=True))
    op.execute(
        "CREATE UNIQUE INDEX statement_mapping_stands_once_by_hand ON statement_mapping (carrier, mark)"
        " WHERE ended_at IS NULL"
    )
    op.execute(
        "CREATE UNIQUE INDEX statement_draft_open_once_by_hand ON statement_draft (carrier, digest)"
        " WHERE closed_at IS NULL"
    )
    op.execute(
        "ALTER TABLE statement_mapping ADD CONSTRAINT statement_mapping_end_by_hand"
        " CHECK ((ended_at IS NULL) = (ended_by IS NULL) AND mark <> '')"
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("carrier_statement_line", "stated_on")
    op.drop_column("carrier_statement", "mapping_id")
    op.drop_index("idx_statement_m_said_at_c9ea58", table_name="statement_mapping")
    op.drop_table("statement_mapping")
    op.drop_index("idx_statement_d_closed__6c075e", table_name="statement_draft")
    op.drop_table("statement_draft")
