"""Assisted onboarding: households, visits, difficulties, consents and acts; identities may be drafts.

By hand: what was done for somebody is never changed, and a consent that was given names who gave it.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CHECKS = (
    ("help_consent", "given", "given_at IS NULL OR for_person_id IS NOT NULL"),
    ("help_consent", "ended", "ended_at IS NULL OR given_at IS NOT NULL"),
    ("help_consent", "time", "ends_at > asked_at"),
    ("help_visit", "minutes", "minutes > 0"),
)


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "helped_household",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("phone", sa.VARCHAR(length=16), nullable=False),
        sa.Column("name", sa.VARCHAR(length=160), nullable=False),
        sa.Column("line", sa.VARCHAR(length=200), nullable=False),
        sa.Column("commune_code", sa.VARCHAR(length=8), nullable=False),
        sa.Column("commune", sa.VARCHAR(length=120), nullable=False),
        sa.Column("province", sa.VARCHAR(length=120), nullable=False),
        sa.Column("source", sa.VARCHAR(length=10), nullable=False),
        sa.Column("state", sa.VARCHAR(length=10), nullable=False),
        sa.Column("next_visit_on", sa.DATE(), nullable=True),
        sa.Column("note", sa.VARCHAR(length=500), nullable=False),
        sa.Column("difficulty_words", sa.VARCHAR(length=500), nullable=False),
        sa.Column("added_by", sa.BIGINT(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("vendor_id", sa.BIGINT(), nullable=True),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name="helped_household_vendor_id_fkey", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="helped_household_pkey"),
        sa.UniqueConstraint("phone", name="helped_household_phone_key"),
    )
    op.create_index(
        "idx_helped_hous_commune_7b945b",
        "helped_household",
        ["commune_code", "state", "next_visit_on"],
        unique=False,
    )
    op.create_index(
        "idx_helped_hous_state_b043e8", "helped_household", ["state", "next_visit_on"], unique=False
    )
    op.create_index("idx_helped_hous_vendor__e70eaa", "helped_household", ["vendor_id"], unique=False)
    op.create_table(
        "help_consent",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("member_name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("member_phone", sa.VARCHAR(length=16), nullable=False),
        sa.Column("for_person_id", sa.BIGINT(), nullable=True),
        sa.Column("phone", sa.VARCHAR(length=16), nullable=False),
        sa.Column("purpose", sa.VARCHAR(length=30), nullable=False),
        sa.Column("text_version", sa.VARCHAR(length=20), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("way", sa.VARCHAR(length=10), nullable=False),
        sa.Column("address", sa.VARCHAR(length=64), nullable=False),
        sa.Column("witness_name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("witness_phone", sa.VARCHAR(length=16), nullable=False),
        sa.Column("picture_key", sa.VARCHAR(length=80), nullable=False),
        sa.Column("delete_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("given_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ends_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_how", sa.VARCHAR(length=10), nullable=False),
        sa.Column("household_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["helped_household.id"],
            name="help_consent_household_id_fkey",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name="help_consent_pkey"),
    )
    op.create_index("idx_help_consen_for_per_e4018a", "help_consent", ["for_person_id", "id"], unique=False)
    op.create_index(
        "idx_help_consen_househo_31aaec", "help_consent", ["household_id", "person_id"], unique=False
    )
    op.create_table(
        "help_visit",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("visited_on", sa.DATE(), nullable=False),
        sa.Column("minutes", sa.INTEGER(), nullable=False),
        sa.Column("done", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.VARCHAR(length=500), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("household_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"], ["helped_household.id"], name="help_visit_household_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="help_visit_pkey"),
    )
    op.create_index(
        "idx_help_visit_househo_4a081b", "help_visit", ["household_id", "visited_on"], unique=False
    )
    op.create_table(
        "household_difficulty",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.VARCHAR(length=20), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("noted_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("household_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["helped_household.id"],
            name="household_difficulty_household_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="household_difficulty_pkey"),
        sa.UniqueConstraint("household_id", "kind", name="uid_household_d_househo_08e7f1"),
    )
    op.create_table(
        "help_act",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("for_person_id", sa.BIGINT(), nullable=False),
        sa.Column("kind", sa.VARCHAR(length=20), nullable=False),
        sa.Column("subject", sa.VARCHAR(length=160), nullable=False),
        sa.Column("subject_code", sa.VARCHAR(length=20), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("consent_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["help_consent.id"], name="help_act_consent_id_fkey", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="help_act_pkey"),
    )
    op.create_index("idx_help_act_consent_c8ab56", "help_act", ["consent_id"], unique=False)
    op.create_index("idx_help_act_for_per_3db4f2", "help_act", ["for_person_id", "id"], unique=False)
    op.create_index("idx_vendor_phone_01b16a", "vendor", ["phone"], unique=False)
    op.alter_column(
        "vendor_identity",
        "submitted_at",
        existing_type=postgresql.TIMESTAMP(timezone=True),
        nullable=True,
    )
    for table, name, rule in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_by_hand CHECK ({rule})")
    op.execute(
        "CREATE INDEX help_consent_due_by_hand ON help_consent (delete_at) WHERE delete_at IS NOT NULL"
    )
    op.execute("""
        CREATE TRIGGER help_act_append_only BEFORE UPDATE OR DELETE ON help_act
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """)


def downgrade() -> None:
    """Back."""
    op.execute("DELETE FROM vendor_identity WHERE submitted_at IS NULL")
    op.alter_column(
        "vendor_identity",
        "submitted_at",
        existing_type=postgresql.TIMESTAMP(timezone=True),
        nullable=False,
    )
    op.drop_index("idx_vendor_phone_01b16a", table_name="vendor")
    op.drop_index("idx_help_act_for_per_3db4f2", table_name="help_act")
    op.drop_index("idx_help_act_consent_c8ab56", table_name="help_act")
    op.drop_table("help_act")
    op.drop_table("household_difficulty")
    op.drop_index("idx_help_visit_househo_4a081b", table_name="help_visit")
    op.drop_table("help_visit")
    op.drop_index("idx_help_consen_househo_31aaec", table_name="help_consent")
    op.drop_index("idx_help_consen_for_per_e4018a", table_name="help_consent")
    op.drop_table("help_consent")
    op.drop_index("idx_helped_hous_vendor__e70eaa", table_name="helped_household")
    op.drop_index("idx_helped_hous_state_b043e8", table_name="helped_household")
    op.drop_index("idx_helped_hous_commune_7b945b", table_name="helped_household")
    op.drop_table("helped_household")
