"""The postal staff have their day: rounds, hand-over lists, proofs from the door, the evening's count."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None

CHECKS = (
    (
        "debrief",
        "counts",
        "delivered >= 0 AND failed >= 0 AND still_out >= 0 AND cash_due_dong >= 0 AND cash_dong >= 0",
    ),
    ("hand_over", "closed", "(state = 'open') = (closed_at IS NULL)"),
    ("hand_over", "received", "(state = 'received') = (received_at IS NOT NULL AND taker_id IS NOT NULL)"),
    ("hand_over_line", "scanned", "num_nonnulls(given_at, taken_at) > 0"),
    ("doubtful_act", "settled", "(settled_at IS NULL) = (settled_by IS NULL)"),
    ("parcel", "weighed", "weighed_g > 0"),
)


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "debrief",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("day", sa.DATE(), nullable=False),
        sa.Column("clerk_id", sa.BIGINT(), nullable=False),
        sa.Column("delivered", sa.INTEGER(), nullable=False),
        sa.Column("failed", sa.INTEGER(), nullable=False),
        sa.Column("still_out", sa.INTEGER(), nullable=False),
        sa.Column("cash_due_dong", sa.BIGINT(), nullable=False),
        sa.Column("cash_dong", sa.BIGINT(), nullable=False),
        sa.Column("notes_counted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.VARCHAR(length=300), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("agreed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="debrief_pkey"),
        sa.UniqueConstraint("person_id", "day", name="uid_debrief_person__4e629b"),
    )
    op.create_index("idx_debrief_day_b32b6c", "debrief", ["day"], unique=False)
    op.create_table(
        "hand_over",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.VARCHAR(length=10), nullable=False),
        sa.Column("state", sa.VARCHAR(length=10), nullable=False),
        sa.Column("place", sa.VARCHAR(length=120), nullable=False),
        sa.Column("giver_id", sa.BIGINT(), nullable=False),
        sa.Column("taker_id", sa.BIGINT(), nullable=True),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("note", sa.VARCHAR(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name="hand_over_pkey"),
    )
    op.create_index("idx_hand_over_opened__9a2481", "hand_over", ["opened_at"], unique=False)
    op.create_index("idx_hand_over_state_20293d", "hand_over", ["state", "opened_at"], unique=False)
    op.create_table(
        "doubtful_act",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("event_key", sa.VARCHAR(length=80), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("act", sa.VARCHAR(length=30), nullable=False),
        sa.Column("reason", sa.VARCHAR(length=40), nullable=False),
        sa.Column("note", sa.VARCHAR(length=300), nullable=False),
        sa.Column("why", sa.VARCHAR(length=20), nullable=False),
        sa.Column("happened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("settled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("settled_by", sa.BIGINT(), nullable=True),
        sa.Column("outcome", sa.VARCHAR(length=300), nullable=False),
        sa.Column("parcel_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcel.id"], name="doubtful_act_parcel_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="doubtful_act_pkey"),
        sa.UniqueConstraint("parcel_id", "event_key", name="uid_doubtful_ac_parcel__062dbc"),
    )
    op.create_index(
        "idx_doubtful_ac_settled_edc353", "doubtful_act", ["settled_at", "received_at"], unique=False
    )
    op.create_table(
        "hand_over_line",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("given_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("taken_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("is_damaged", sa.BOOLEAN(), nullable=False),
        sa.Column("hand_over_id", sa.BIGINT(), nullable=False),
        sa.Column("parcel_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hand_over_id"], ["hand_over.id"], name="hand_over_line_hand_over_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcel.id"], name="hand_over_line_parcel_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="hand_over_line_pkey"),
        sa.UniqueConstraint("hand_over_id", "parcel_id", name="uid_hand_over_l_hand_ov_8ffc99"),
    )
    op.create_index("idx_hand_over_l_parcel__ed3a44", "hand_over_line", ["parcel_id"], unique=False)
    op.create_table(
        "parcel_proof",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("event_key", sa.VARCHAR(length=80), nullable=False),
        sa.Column("kind", sa.VARCHAR(length=10), nullable=False),
        sa.Column("key", sa.VARCHAR(length=80), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("delete_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("parcel_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcel.id"], name="parcel_proof_parcel_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="parcel_proof_pkey"),
    )
    op.create_index(
        "idx_parcel_proo_deleted_3531cf", "parcel_proof", ["deleted_at", "delete_at"], unique=False
    )
    op.create_index(
        "idx_parcel_proo_parcel__12b237", "parcel_proof", ["parcel_id", "event_key"], unique=False
    )
    op.add_column("parcel", sa.Column("market", sa.VARCHAR(length=120), nullable=False, server_default=""))
    op.add_column("parcel", sa.Column("weighed_g", sa.INTEGER(), nullable=True))
    op.add_column("parcel", sa.Column("holder_id", sa.BIGINT(), nullable=True))
    op.add_column("parcel", sa.Column("position", sa.INTEGER(), nullable=True))
    op.create_index("idx_parcel_booked__08c9ba", "parcel", ["booked_at"], unique=False)
    op.create_index("idx_parcel_holder__1f69d1", "parcel", ["holder_id", "state"], unique=False)
    op.add_column(
        "parcel_event", sa.Column("received_by", sa.VARCHAR(length=20), nullable=False, server_default="")
    )
    op.add_column("parcel_event", sa.Column("next_day", sa.DATE(), nullable=True))
    op.create_index("idx_parcel_even_happene_4f5fd7", "parcel_event", ["happened_at"], unique=False)
    op.add_column(
        "postal_point", sa.Column("hours", sa.VARCHAR(length=120), nullable=False, server_default="")
    )
    op.add_column(
        "postal_point", sa.Column("phone", sa.VARCHAR(length=16), nullable=False, server_default="")
    )
    op.add_column(
        "postal_point", sa.Column("keeps_parcels", sa.BOOLEAN(), nullable=False, server_default="true")
    )
    op.create_index("idx_postal_poin_commune_23a15f", "postal_point", ["commune_code"], unique=False)
    for table, name, rule in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_by_hand CHECK ({rule})")


def downgrade() -> None:
    """Back."""
    for table, name, _ in CHECKS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{name}_by_hand")
    op.drop_index("idx_postal_poin_commune_23a15f", table_name="postal_point")
    op.drop_column("postal_point", "keeps_parcels")
    op.drop_column("postal_point", "phone")
    op.drop_column("postal_point", "hours")
    op.drop_index("idx_parcel_even_happene_4f5fd7", table_name="parcel_event")
    op.drop_column("parcel_event", "next_day")
    op.drop_column("parcel_event", "received_by")
    op.drop_index("idx_parcel_holder__1f69d1", table_name="parcel")
    op.drop_index("idx_parcel_booked__08c9ba", table_name="parcel")
    op.drop_column("parcel", "position")
    op.drop_column("parcel", "holder_id")
    op.drop_column("parcel", "weighed_g")
    op.drop_column("parcel", "market")
    op.drop_index("idx_parcel_proo_parcel__12b237", table_name="parcel_proof")
    op.drop_index("idx_parcel_proo_deleted_3531cf", table_name="parcel_proof")
    op.drop_table("parcel_proof")
    op.drop_index("idx_hand_over_l_parcel__ed3a44", table_name="hand_over_line")
    op.drop_table("hand_over_line")
    op.drop_index("idx_doubtful_ac_settled_edc353", table_name="doubtful_act")
    op.drop_table("doubtful_act")
    op.drop_index("idx_hand_over_state_20293d", table_name="hand_over")
    op.drop_index("idx_hand_over_opened__9a2481", table_name="hand_over")
    op.drop_table("hand_over")
    op.drop_index("idx_debrief_day_b32b6c", table_name="debrief")
    op.drop_table("debrief")
