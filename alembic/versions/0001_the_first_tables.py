"""The first tables, as the models make them."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "admin_unit",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("code", sa.VARCHAR(length=8), nullable=False),
        sa.Column("version", sa.VARCHAR(length=10), nullable=False),
        sa.Column("level", sa.VARCHAR(length=10), nullable=False),
        sa.Column("parent_code", sa.VARCHAR(length=8), nullable=True),
        sa.Column("name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("short_name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("type", sa.VARCHAR(length=40), nullable=False),
        sa.Column("folded", sa.VARCHAR(length=120), nullable=False),
        sa.Column("valid_from", sa.DATE(), nullable=True),
        sa.Column("valid_to", sa.DATE(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="admin_unit_pkey"),
        sa.UniqueConstraint("code", "version", name="uid_admin_unit_code_002129"),
    )
    op.create_index("idx_admin_unit_version_7ed256", "admin_unit", ["version", "parent_code"], unique=False)
    op.create_index(
        "idx_admin_unit_version_b957b2", "admin_unit", ["version", "level", "folded"], unique=False
    )
    op.create_table(
        "admin_unit_successor",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("old_code", sa.VARCHAR(length=8), nullable=False),
        sa.Column("old_version", sa.VARCHAR(length=10), nullable=False),
        sa.Column("new_code", sa.VARCHAR(length=8), nullable=False),
        sa.Column("new_version", sa.VARCHAR(length=10), nullable=False),
        sa.Column("share", sa.VARCHAR(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="admin_unit_successor_pkey"),
        sa.UniqueConstraint(
            "old_code", "old_version", "new_code", "new_version", name="uid_admin_unit__old_cod_13b2ba"
        ),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("action", sa.VARCHAR(length=60), nullable=False),
        sa.Column("subject_kind", sa.VARCHAR(length=40), nullable=False),
        sa.Column("subject_id", sa.VARCHAR(length=60), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_entry_pkey"),
    )
    op.create_index("idx_audit_entry_person__e06a58", "audit_entry", ["person_id", "at"], unique=False)
    op.create_index(
        "idx_audit_entry_subject_fa0c6d", "audit_entry", ["subject_kind", "subject_id"], unique=False
    )
    op.create_table(
        "bank",
        sa.Column("bin", sa.VARCHAR(length=6), nullable=False),
        sa.Column("code", sa.VARCHAR(length=30), nullable=False),
        sa.Column("name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("kind", sa.VARCHAR(length=20), nullable=False),
        sa.Column("is_shown", sa.BOOLEAN(), nullable=False),
        sa.PrimaryKeyConstraint("bin", name="bank_pkey"),
    )
    op.create_table(
        "basket_line",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.VARCHAR(length=60), nullable=False),
        sa.Column("listing_id", sa.BIGINT(), nullable=False),
        sa.Column("quantity", sa.INTEGER(), nullable=False),
        sa.Column("name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("price_dong", sa.BIGINT(), nullable=False),
        sa.Column("added_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="basket_line_pkey"),
        sa.UniqueConstraint("owner", "listing_id", name="uid_basket_line_owner_f928ac"),
    )
    op.create_table(
        "customer_order",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("code", sa.VARCHAR(length=16), nullable=False),
        sa.Column("group_code", sa.VARCHAR(length=16), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("device", sa.VARCHAR(length=40), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("vendor_name", sa.VARCHAR(length=160), nullable=False),
        sa.Column("state", sa.VARCHAR(length=12), nullable=False),
        sa.Column("goods_dong", sa.BIGINT(), nullable=False),
        sa.Column("delivery_dong", sa.BIGINT(), nullable=False),
        sa.Column("total_dong", sa.BIGINT(), nullable=False),
        sa.Column("recipient_name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("recipient_phone", sa.VARCHAR(length=16), nullable=False),
        sa.Column("recipient_line", sa.VARCHAR(length=200), nullable=False),
        sa.Column("commune_code", sa.VARCHAR(length=8), nullable=False),
        sa.Column("commune", sa.VARCHAR(length=120), nullable=False),
        sa.Column("province", sa.VARCHAR(length=120), nullable=False),
        sa.Column("note", sa.VARCHAR(length=300), nullable=False),
        sa.Column("is_adult_only", sa.BOOLEAN(), nullable=False),
        sa.Column("parcel_id", sa.BIGINT(), nullable=True),
        sa.Column("parcel_code", sa.VARCHAR(length=20), nullable=False),
        sa.Column("placed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("paid_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("packed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("delivered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="customer_order_pkey"),
        sa.UniqueConstraint("code", name="customer_order_code_key"),
        sa.UniqueConstraint("group_code", "vendor_id", name="uid_customer_or_group_c_cc0214"),
    )
    op.create_index("idx_customer_or_device_4277ab", "customer_order", ["device", "placed_at"], unique=False)
    op.create_index("idx_customer_or_parcel__3f6dc8", "customer_order", ["parcel_id"], unique=False)
    op.create_index(
        "idx_customer_or_person__b110d7", "customer_order", ["person_id", "placed_at"], unique=False
    )
    op.create_index("idx_customer_or_state_2ed210", "customer_order", ["state", "expires_at"], unique=False)
    op.create_index(
        "idx_customer_or_vendor__67a1fa", "customer_order", ["vendor_id", "placed_at"], unique=False
    )
    op.create_table(
        "dated_rule",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("name", sa.VARCHAR(length=60), nullable=False),
        sa.Column("valid_from", sa.DATE(), nullable=False),
        sa.Column("value", sa.VARCHAR(length=200), nullable=False),
        sa.Column("source", sa.VARCHAR(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name="dated_rule_pkey"),
        sa.UniqueConstraint("name", "valid_from", name="uid_dated_rule_name_d27884"),
    )
    op.create_table(
        "kept_answer",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("asker", sa.VARCHAR(length=80), nullable=False),
        sa.Column("key", sa.VARCHAR(length=80), nullable=False),
        sa.Column("request_hash", sa.VARCHAR(length=64), nullable=False),
        sa.Column("status", sa.INTEGER(), nullable=True),
        sa.Column("body", sa.TEXT(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="kept_answer_pkey"),
        sa.UniqueConstraint("asker", "key", name="uid_kept_answer_asker_772c36"),
    )
    op.create_table(
        "ledger_transaction",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.VARCHAR(length=30), nullable=False),
        sa.Column("reference", sa.VARCHAR(length=80), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="ledger_transaction_pkey"),
        sa.UniqueConstraint("kind", "reference", name="uid_ledger_tran_kind_68103b"),
    )
    op.create_table(
        "market",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("slug", sa.VARCHAR(length=80), nullable=False),
        sa.Column("name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("commune_code", sa.VARCHAR(length=8), nullable=False),
        sa.Column("commune", sa.VARCHAR(length=120), nullable=False),
        sa.Column("line", sa.VARCHAR(length=200), nullable=False),
        sa.Column("about", sa.TEXT(), nullable=False),
        sa.Column("schedule", sa.VARCHAR(length=120), nullable=False),
        sa.Column("kind", sa.VARCHAR(length=20), nullable=False),
        sa.Column("selling_points", sa.INTEGER(), nullable=True),
        sa.Column("declared_class", sa.INTEGER(), nullable=True),
        sa.Column("schedule_kind", sa.VARCHAR(length=10), nullable=False),
        sa.Column("schedule_days", sa.VARCHAR(length=120), nullable=False),
        sa.Column("operator", sa.VARCHAR(length=200), nullable=False),
        sa.Column("rules_text", sa.TEXT(), nullable=False),
        sa.Column("rules_url", sa.VARCHAR(length=300), nullable=False),
        sa.Column("latitude", sa.DOUBLE_PRECISION(precision=53), nullable=True),
        sa.Column("longitude", sa.DOUBLE_PRECISION(precision=53), nullable=True),
        sa.Column("has_no_signal", sa.BOOLEAN(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="market_pkey"),
        sa.UniqueConstraint("slug", name="market_slug_key"),
    )
    op.create_table(
        "outbox_job",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("name", sa.VARCHAR(length=80), nullable=False),
        sa.Column("subject_id", sa.BIGINT(), nullable=False),
        sa.Column("state", sa.VARCHAR(length=10), nullable=False),
        sa.Column("attempts", sa.INTEGER(), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("leased_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("last_error", sa.TEXT(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="outbox_job_pkey"),
    )
    op.create_table(
        "parcel",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("code", sa.VARCHAR(length=20), nullable=True),
        sa.Column("reference", sa.VARCHAR(length=40), nullable=False),
        sa.Column("order_code", sa.VARCHAR(length=20), nullable=False),
        sa.Column("carrier", sa.VARCHAR(length=20), nullable=False),
        sa.Column("tracking_code", sa.VARCHAR(length=40), nullable=False),
        sa.Column("state", sa.VARCHAR(length=24), nullable=False),
        sa.Column("sender_name", sa.VARCHAR(length=160), nullable=False),
        sa.Column("sender_phone", sa.VARCHAR(length=16), nullable=False),
        sa.Column("sender_line", sa.VARCHAR(length=200), nullable=False),
        sa.Column("sender_commune_code", sa.VARCHAR(length=8), nullable=False),
        sa.Column("sender_commune", sa.VARCHAR(length=120), nullable=False),
        sa.Column("sender_province", sa.VARCHAR(length=120), nullable=False),
        sa.Column("recipient_name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("recipient_phone", sa.VARCHAR(length=16), nullable=False),
        sa.Column("recipient_line", sa.VARCHAR(length=200), nullable=False),
        sa.Column("recipient_commune_code", sa.VARCHAR(length=8), nullable=False),
        sa.Column("recipient_commune", sa.VARCHAR(length=120), nullable=False),
        sa.Column("recipient_province", sa.VARCHAR(length=120), nullable=False),
        sa.Column("contents", sa.VARCHAR(length=300), nullable=False),
        sa.Column("weight_g", sa.INTEGER(), nullable=False),
        sa.Column("value_dong", sa.BIGINT(), nullable=False),
        sa.Column("attempts", sa.INTEGER(), nullable=False),
        sa.Column("flags", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("booked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="parcel_pkey"),
        sa.UniqueConstraint("code", name="parcel_code_key"),
        sa.UniqueConstraint("reference", name="parcel_reference_key"),
    )
    op.create_index("idx_parcel_state_4d8904", "parcel", ["state", "changed_at"], unique=False)
    op.create_table(
        "payment",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("code", sa.VARCHAR(length=16), nullable=False),
        sa.Column("reference", sa.VARCHAR(length=40), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("bin", sa.VARCHAR(length=6), nullable=False),
        sa.Column("account_number", sa.VARCHAR(length=19), nullable=False),
        sa.Column("account_holder", sa.VARCHAR(length=80), nullable=False),
        sa.Column("bank_name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("asked_dong", sa.BIGINT(), nullable=False),
        sa.Column("received_dong", sa.BIGINT(), nullable=False),
        sa.Column("state", sa.VARCHAR(length=12), nullable=False),
        sa.Column("needs_review", sa.BOOLEAN(), nullable=False),
        sa.Column("is_paid_late", sa.BOOLEAN(), nullable=False),
        sa.Column("qr_text", sa.VARCHAR(length=512), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("paid_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.VARCHAR(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="payment_pkey"),
        sa.UniqueConstraint("code", name="payment_code_key"),
        sa.UniqueConstraint("reference", name="payment_reference_key"),
    )
    op.create_index("idx_payment_needs_r_c91235", "payment", ["needs_review", "created_at"], unique=False)
    op.create_index("idx_payment_state_c70f06", "payment", ["state", "expires_at"], unique=False)
    op.create_index("idx_payment_vendor__833771", "payment", ["vendor_id", "created_at"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("phone", sa.VARCHAR(length=16), nullable=False),
        sa.Column("name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("language", sa.VARCHAR(length=2), nullable=False),
        sa.Column("is_blocked", sa.BOOLEAN(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="person_pkey"),
        sa.UniqueConstraint("phone", name="person_phone_key"),
    )
    op.create_table(
        "postal_point",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("commune_code", sa.VARCHAR(length=8), nullable=False),
        sa.Column("commune", sa.VARCHAR(length=120), nullable=False),
        sa.Column("line", sa.VARCHAR(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="postal_point_pkey"),
    )
    op.create_table(
        "sign_in_code",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("phone", sa.VARCHAR(length=16), nullable=False),
        sa.Column("purpose", sa.VARCHAR(length=20), nullable=False),
        sa.Column("code_hash", sa.VARCHAR(length=64), nullable=False),
        sa.Column("address", sa.VARCHAR(length=64), nullable=False),
        sa.Column("tries", sa.INTEGER(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("used_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="sign_in_code_pkey"),
    )
    op.create_index("idx_sign_in_cod_address_86c2ae", "sign_in_code", ["address", "created_at"], unique=False)
    op.create_index("idx_sign_in_cod_phone_f12bbf", "sign_in_code", ["phone", "created_at"], unique=False)
    op.create_table(
        "text_message",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("phone", sa.VARCHAR(length=16), nullable=False),
        sa.Column("words", sa.TEXT(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="text_message_pkey"),
    )
    op.create_table(
        "twin_transfer",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("bin", sa.VARCHAR(length=6), nullable=False),
        sa.Column("account_number", sa.VARCHAR(length=19), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("content", sa.VARCHAR(length=200), nullable=False),
        sa.Column("is_forged", sa.BOOLEAN(), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("sends_left", sa.INTEGER(), nullable=False),
        sa.Column("sends", sa.INTEGER(), nullable=False),
        sa.Column("last_answer", sa.VARCHAR(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="twin_transfer_pkey"),
    )
    op.create_table(
        "vendor",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("slug", sa.VARCHAR(length=120), nullable=False),
        sa.Column("kind", sa.VARCHAR(length=20), nullable=False),
        sa.Column("name", sa.VARCHAR(length=160), nullable=False),
        sa.Column("name_key", sa.VARCHAR(length=400), nullable=False),
        sa.Column("contact_name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("phone", sa.VARCHAR(length=16), nullable=False),
        sa.Column("commune_code", sa.VARCHAR(length=8), nullable=False),
        sa.Column("commune", sa.VARCHAR(length=120), nullable=False),
        sa.Column("province", sa.VARCHAR(length=120), nullable=False),
        sa.Column("line", sa.VARCHAR(length=200), nullable=False),
        sa.Column("about", sa.TEXT(), nullable=False),
        sa.Column("state", sa.VARCHAR(length=20), nullable=False),
        sa.Column("identity_state", sa.VARCHAR(length=20), nullable=False),
        sa.Column("is_demo", sa.BOOLEAN(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="vendor_pkey"),
        sa.UniqueConstraint("slug", name="vendor_slug_key"),
    )
    op.create_index("idx_vendor_identit_1c0211", "vendor", ["identity_state", "id"], unique=False)
    op.create_table(
        "account_change",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.VARCHAR(length=20), nullable=False),
        sa.Column("account_id", sa.BIGINT(), nullable=True),
        sa.Column("bin", sa.VARCHAR(length=6), nullable=False),
        sa.Column("number", sa.VARCHAR(length=19), nullable=False),
        sa.Column("holder", sa.VARCHAR(length=80), nullable=False),
        sa.Column("makes_default", sa.BOOLEAN(), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name="account_change_vendor_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="account_change_pkey"),
    )
    op.create_index(
        "idx_account_cha_vendor__f5f161", "account_change", ["vendor_id", "done_at"], unique=False
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.VARCHAR(length=64), nullable=False),
        sa.Column("label", sa.VARCHAR(length=80), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("revoked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="api_token_person_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="api_token_pkey"),
        sa.UniqueConstraint("token_hash", name="api_token_token_hash_key"),
    )
    op.create_index("idx_api_token_person__27272e", "api_token", ["person_id"], unique=False)
    op.create_table(
        "import_mapping",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("heads_hash", sa.VARCHAR(length=64), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("default_kind", sa.VARCHAR(length=30), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name="import_mapping_vendor_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="import_mapping_pkey"),
        sa.UniqueConstraint("vendor_id", "heads_hash", name="uid_import_mapp_vendor__7e60e2"),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("account", sa.VARCHAR(length=80), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("transaction_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transaction.id"],
            name="ledger_entry_transaction_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="ledger_entry_pkey"),
    )
    op.create_index("idx_ledger_entr_account_df3b88", "ledger_entry", ["account", "id"], unique=False)
    op.create_index("idx_ledger_entr_transac_bc70e9", "ledger_entry", ["transaction_id"], unique=False)
    op.create_table(
        "listing",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("code", sa.VARCHAR(length=16), nullable=False),
        sa.Column("slug", sa.VARCHAR(length=160), nullable=False),
        sa.Column("name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("kind", sa.VARCHAR(length=30), nullable=False),
        sa.Column("price_dong", sa.BIGINT(), nullable=False),
        sa.Column("unit", sa.VARCHAR(length=40), nullable=False),
        sa.Column("weight_g", sa.INTEGER(), nullable=False),
        sa.Column("stock", sa.INTEGER(), nullable=False),
        sa.Column("reserved", sa.INTEGER(), nullable=False),
        sa.Column("sold", sa.INTEGER(), nullable=False),
        sa.Column("commune_code", sa.VARCHAR(length=8), nullable=False),
        sa.Column("commune", sa.VARCHAR(length=120), nullable=False),
        sa.Column("province", sa.VARCHAR(length=120), nullable=False),
        sa.Column("about", sa.TEXT(), nullable=False),
        sa.Column("art", sa.VARCHAR(length=30), nullable=False),
        sa.Column("is_adult_only", sa.BOOLEAN(), nullable=False),
        sa.Column("own_code", sa.VARCHAR(length=40), nullable=False),
        sa.Column("approved_price_dong", sa.BIGINT(), nullable=True),
        sa.Column("state", sa.VARCHAR(length=20), nullable=False),
        sa.Column("returned_because", sa.VARCHAR(length=300), nullable=False),
        sa.Column("harvested_on", sa.DATE(), nullable=True),
        sa.Column("best_before", sa.DATE(), nullable=True),
        sa.Column("is_demo", sa.BOOLEAN(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name="listing_vendor_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="listing_pkey"),
        sa.UniqueConstraint("code", name="listing_code_key"),
    )
    op.create_index("idx_listing_state_24ff2c", "listing", ["state", "changed_at"], unique=False)
    op.create_index("idx_listing_vendor__e69572", "listing", ["vendor_id", "state"], unique=False)
    op.create_table(
        "listing_import",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("code", sa.VARCHAR(length=16), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("file_name", sa.VARCHAR(length=160), nullable=False),
        sa.Column("file_hash", sa.VARCHAR(length=64), nullable=False),
        sa.Column("file_key", sa.VARCHAR(length=120), nullable=False),
        sa.Column("state", sa.VARCHAR(length=20), nullable=False),
        sa.Column("heads", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("default_kind", sa.VARCHAR(length=30), nullable=False),
        sa.Column("fault", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rows", sa.INTEGER(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name="listing_import_vendor_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="listing_import_pkey"),
        sa.UniqueConstraint("code", name="listing_import_code_key"),
    )
    op.create_index("idx_listing_imp_vendor__387ac5", "listing_import", ["vendor_id", "id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("source", sa.VARCHAR(length=20), nullable=False),
        sa.Column("event_key", sa.VARCHAR(length=120), nullable=False),
        sa.Column("body", sa.TEXT(), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("handled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("is_incoming", sa.BOOLEAN(), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("account_number", sa.VARCHAR(length=40), nullable=False),
        sa.Column("content", sa.TEXT(), nullable=False),
        sa.Column("happened_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("verdict", sa.VARCHAR(length=20), nullable=False),
        sa.Column("payment_id", sa.BIGINT(), nullable=True),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name="notice_payment_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="notice_pkey"),
        sa.UniqueConstraint("source", "event_key", name="uid_notice_source_96bb28"),
    )
    op.create_index("idx_notice_handled_be3f95", "notice", ["handled_at", "received_at"], unique=False)
    op.create_index("idx_notice_payment_1ce5d8", "notice", ["payment_id"], unique=False)
    op.create_index("idx_notice_verdict_64a222", "notice", ["verdict", "received_at"], unique=False)
    op.create_table(
        "order_event",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("state", sa.VARCHAR(length=12), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("note", sa.VARCHAR(length=300), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("order_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name="order_event_order_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="order_event_pkey"),
    )
    op.create_index("idx_order_event_order_i_bd254e", "order_event", ["order_id"], unique=False)
    op.create_table(
        "order_line",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("listing_id", sa.BIGINT(), nullable=False),
        sa.Column("name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("unit", sa.VARCHAR(length=40), nullable=False),
        sa.Column("price_dong", sa.BIGINT(), nullable=False),
        sa.Column("quantity", sa.INTEGER(), nullable=False),
        sa.Column("sum_dong", sa.BIGINT(), nullable=False),
        sa.Column("weight_g", sa.INTEGER(), nullable=False),
        sa.Column("picture_url", sa.VARCHAR(length=200), nullable=False),
        sa.Column("order_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name="order_line_order_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="order_line_pkey"),
    )
    op.create_index("idx_order_line_order_i_b67cd5", "order_line", ["order_id"], unique=False)
    op.create_table(
        "parcel_event",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("event_key", sa.VARCHAR(length=80), nullable=False),
        sa.Column("act", sa.VARCHAR(length=30), nullable=False),
        sa.Column("state", sa.VARCHAR(length=24), nullable=True),
        sa.Column("reason", sa.VARCHAR(length=40), nullable=False),
        sa.Column("note", sa.VARCHAR(length=300), nullable=False),
        sa.Column("place", sa.VARCHAR(length=120), nullable=False),
        sa.Column("flags", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("happened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("parcel_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcel.id"], name="parcel_event_parcel_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="parcel_event_pkey"),
        sa.UniqueConstraint("parcel_id", "event_key", name="uid_parcel_even_parcel__88cf81"),
    )
    op.create_index(
        "idx_parcel_even_person__2b1b77", "parcel_event", ["person_id", "happened_at"], unique=False
    )
    op.create_table(
        "payment_event",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.VARCHAR(length=30), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("notice_id", sa.BIGINT(), nullable=True),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("payment_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name="payment_event_payment_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="payment_event_pkey"),
    )
    op.create_index("idx_payment_eve_payment_69f60c", "payment_event", ["payment_id"], unique=False)
    op.create_table(
        "receiving_account",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("bin", sa.VARCHAR(length=6), nullable=False),
        sa.Column("number", sa.VARCHAR(length=19), nullable=False),
        sa.Column("holder", sa.VARCHAR(length=80), nullable=False),
        sa.Column("is_default", sa.BOOLEAN(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name="receiving_account_vendor_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="receiving_account_pkey"),
        sa.UniqueConstraint("vendor_id", "bin", "number", name="uid_receiving_a_vendor__dfa610"),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("role", sa.VARCHAR(length=20), nullable=False),
        sa.Column("scope", sa.VARCHAR(length=40), nullable=False),
        sa.Column("granted_by", sa.BIGINT(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="role_grant_person_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="role_grant_pkey"),
        sa.UniqueConstraint("person_id", "role", "scope", name="uid_role_grant_person__dac839"),
    )
    op.create_index("idx_role_grant_role_5f93e2", "role_grant", ["role", "scope"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.VARCHAR(length=64), nullable=False),
        sa.Column("address", sa.VARCHAR(length=64), nullable=False),
        sa.Column("browser", sa.VARCHAR(length=200), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("revoked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="session_person_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="session_pkey"),
        sa.UniqueConstraint("token_hash", name="session_token_hash_key"),
    )
    op.create_index("idx_session_person__9420e7", "session", ["person_id"], unique=False)
    op.create_table(
        "stall",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("number", sa.VARCHAR(length=20), nullable=False),
        sa.Column("photo_key", sa.VARCHAR(length=64), nullable=False),
        sa.Column("market_id", sa.BIGINT(), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_id"], ["market.id"], name="stall_market_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name="stall_vendor_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="stall_pkey"),
        sa.UniqueConstraint("market_id", "number", name="uid_stall_market__eed898"),
    )
    op.create_index("idx_stall_vendor__f9966e", "stall", ["vendor_id"], unique=False)
    op.create_table(
        "trader_invitation",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("phone", sa.VARCHAR(length=16), nullable=False),
        sa.Column("name", sa.VARCHAR(length=160), nullable=False),
        sa.Column("stall_number", sa.VARCHAR(length=20), nullable=False),
        sa.Column("invited_by", sa.BIGINT(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("texted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("market_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_id"], ["market.id"], name="trader_invitation_market_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="trader_invitation_pkey"),
        sa.UniqueConstraint("market_id", "phone", name="uid_trader_invi_market__60f15d"),
        sa.UniqueConstraint("market_id", "stall_number", name="uid_trader_invi_market__813df4"),
    )
    op.create_table(
        "vendor_identity",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("full_name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("birth_date", sa.DATE(), nullable=True),
        sa.Column("number_sealed", sa.VARCHAR(length=200), nullable=False),
        sa.Column("number_key_id", sa.VARCHAR(length=16), nullable=False),
        sa.Column("number_mark", sa.VARCHAR(length=64), nullable=False),
        sa.Column("number_masked", sa.VARCHAR(length=20), nullable=False),
        sa.Column("registered_name", sa.VARCHAR(length=160), nullable=False),
        sa.Column("tax_code", sa.VARCHAR(length=13), nullable=False),
        sa.Column("registration_no", sa.VARCHAR(length=40), nullable=False),
        sa.Column("address", sa.VARCHAR(length=300), nullable=False),
        sa.Column("doubts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("submitted_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BIGINT(), nullable=True),
        sa.Column("verified_by", sa.VARCHAR(length=20), nullable=False),
        sa.Column("reference", sa.VARCHAR(length=80), nullable=False),
        sa.Column("because", sa.VARCHAR(length=300), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name="vendor_identity_vendor_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="vendor_identity_pkey"),
        sa.UniqueConstraint("vendor_id", name="vendor_identity_vendor_id_key"),
    )
    op.create_index("idx_vendor_iden_number__150a43", "vendor_identity", ["number_key_id"], unique=False)
    op.create_index("idx_vendor_iden_number__91a1bf", "vendor_identity", ["number_mark"], unique=False)
    op.create_index("idx_vendor_iden_tax_cod_47412d", "vendor_identity", ["tax_code"], unique=False)
    op.create_table(
        "certificate",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("code", sa.VARCHAR(length=16), nullable=False),
        sa.Column("product", sa.VARCHAR(length=160), nullable=False),
        sa.Column("stars", sa.INTEGER(), nullable=False),
        sa.Column("points", sa.NUMERIC(precision=5, scale=2), nullable=True),
        sa.Column("decision_no", sa.VARCHAR(length=60), nullable=False),
        sa.Column("decided_on", sa.DATE(), nullable=True),
        sa.Column("valid_to", sa.DATE(), nullable=True),
        sa.Column("valid_because", sa.VARCHAR(length=300), nullable=False),
        sa.Column("issuer_level", sa.VARCHAR(length=20), nullable=False),
        sa.Column("criteria", sa.VARCHAR(length=40), nullable=False),
        sa.Column("state", sa.VARCHAR(length=20), nullable=False),
        sa.Column("returned_because", sa.VARCHAR(length=300), nullable=False),
        sa.Column("ended_on", sa.DATE(), nullable=True),
        sa.Column("document_key", sa.VARCHAR(length=80), nullable=False),
        sa.Column("lapse_shown", sa.BOOLEAN(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("listing_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name="certificate_listing_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="certificate_pkey"),
        sa.UniqueConstraint("code", name="certificate_code_key"),
    )
    op.create_index("idx_certificate_listing_365eec", "certificate", ["listing_id", "valid_to"], unique=False)
    op.create_index("idx_certificate_state_82aa35", "certificate", ["state", "valid_to"], unique=False)
    op.create_table(
        "identity_document",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("key", sa.VARCHAR(length=80), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("delete_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("identity_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["vendor_identity.id"],
            name="identity_document_identity_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="identity_document_pkey"),
        sa.UniqueConstraint("key", name="identity_document_key_key"),
    )
    op.create_index("idx_identity_do_delete__3820ab", "identity_document", ["delete_at"], unique=False)
    op.create_index("idx_identity_do_identit_c5104b", "identity_document", ["identity_id"], unique=False)
    op.create_table(
        "import_row",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("number", sa.INTEGER(), nullable=False),
        sa.Column("cells", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("faults", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.VARCHAR(length=20), nullable=False),
        sa.Column("listing_id", sa.BIGINT(), nullable=True),
        sa.Column("sheet_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["listing_import.id"], name="import_row_sheet_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="import_row_pkey"),
        sa.UniqueConstraint("sheet_id", "number", name="uid_import_row_sheet_i_68d0bd"),
    )
    op.create_index(
        "idx_import_row_sheet_i_a429d5", "import_row", ["sheet_id", "state", "number"], unique=False
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("position", sa.INTEGER(), nullable=False),
        sa.Column("key", sa.VARCHAR(length=120), nullable=False),
        sa.Column("width_px", sa.INTEGER(), nullable=False),
        sa.Column("height_px", sa.INTEGER(), nullable=False),
        sa.Column("blur_url", sa.VARCHAR(length=800), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("listing_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name="photo_listing_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="photo_pkey"),
        sa.UniqueConstraint("listing_id", "key", name="uid_photo_listing_641d79"),
    )
    op.create_table(
        "plate_report",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("note", sa.VARCHAR(length=500), nullable=False),
        sa.Column("seen_bin", sa.VARCHAR(length=6), nullable=False),
        sa.Column("seen_tail", sa.VARCHAR(length=8), nullable=False),
        sa.Column("verdict", sa.VARCHAR(length=20), nullable=False),
        sa.Column("photo_key", sa.VARCHAR(length=64), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BIGINT(), nullable=True),
        sa.Column("closing_note", sa.VARCHAR(length=300), nullable=False),
        sa.Column("stall_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stall_id"], ["stall.id"], name="plate_report_stall_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="plate_report_pkey"),
    )
    op.create_index("idx_plate_repor_stall_i_6a840b", "plate_report", ["stall_id", "closed_at"], unique=False)
    op.create_table(
        "plate_scan",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("verdict", sa.VARCHAR(length=20), nullable=False),
        sa.Column("seen_bin", sa.VARCHAR(length=6), nullable=False),
        sa.Column("seen_tail", sa.VARCHAR(length=8), nullable=False),
        sa.Column("seen_hash", sa.VARCHAR(length=64), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("stall_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stall_id"], ["stall.id"], name="plate_scan_stall_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="plate_scan_pkey"),
    )
    op.create_index("idx_plate_scan_stall_i_1ed0b1", "plate_scan", ["stall_id", "at"], unique=False)
    op.create_table(
        "stock_move",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.VARCHAR(length=20), nullable=False),
        sa.Column("quantity", sa.INTEGER(), nullable=False),
        sa.Column("reference", sa.VARCHAR(length=60), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("listing_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name="stock_move_listing_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="stock_move_pkey"),
        sa.UniqueConstraint("listing_id", "kind", "reference", name="uid_stock_move_listing_a55dd4"),
    )
    op.create_index("idx_stock_move_referen_c4824c", "stock_move", ["reference"], unique=False)
    op.create_table(
        "certificate_warning",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("months", sa.INTEGER(), nullable=False),
        sa.Column("valid_to", sa.DATE(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("certificate_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name="certificate_warning_certificate_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="certificate_warning_pkey"),
        sa.UniqueConstraint("certificate_id", "months", "valid_to", name="uid_certificate_certifi_f6748b"),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("certificate_warning")
    op.drop_index("idx_stock_move_referen_c4824c", table_name="stock_move")
    op.drop_table("stock_move")
    op.drop_index("idx_plate_scan_stall_i_1ed0b1", table_name="plate_scan")
    op.drop_table("plate_scan")
    op.drop_index("idx_plate_repor_stall_i_6a840b", table_name="plate_report")
    op.drop_table("plate_report")
    op.drop_table("photo")
    op.drop_index("idx_import_row_sheet_i_a429d5", table_name="import_row")
    op.drop_table("import_row")
    op.drop_index("idx_identity_do_identit_c5104b", table_name="identity_document")
    op.drop_index("idx_identity_do_delete__3820ab", table_name="identity_document")
    op.drop_table("identity_document")
    op.drop_index("idx_certificate_state_82aa35", table_name="certificate")
    op.drop_index("idx_certificate_listing_365eec", table_name="certificate")
    op.drop_table("certificate")
    op.drop_index("idx_vendor_iden_tax_cod_47412d", table_name="vendor_identity")
    op.drop_index("idx_vendor_iden_number__91a1bf", table_name="vendor_identity")
    op.drop_index("idx_vendor_iden_number__150a43", table_name="vendor_identity")
    op.drop_table("vendor_identity")
    op.drop_table("trader_invitation")
    op.drop_index("idx_stall_vendor__f9966e", table_name="stall")
    op.drop_table("stall")
    op.drop_index("idx_session_person__9420e7", table_name="session")
    op.drop_table("session")
    op.drop_index("idx_role_grant_role_5f93e2", table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_table("receiving_account")
    op.drop_index("idx_payment_eve_payment_69f60c", table_name="payment_event")
    op.drop_table("payment_event")
    op.drop_index("idx_parcel_even_person__2b1b77", table_name="parcel_event")
    op.drop_table("parcel_event")
    op.drop_index("idx_order_line_order_i_b67cd5", table_name="order_line")
    op.drop_table("order_line")
    op.drop_index("idx_order_event_order_i_bd254e", table_name="order_event")
    op.drop_table("order_event")
    op.drop_index("idx_notice_verdict_64a222", table_name="notice")
    op.drop_index("idx_notice_payment_1ce5d8", table_name="notice")
    op.drop_index("idx_notice_handled_be3f95", table_name="notice")
    op.drop_table("notice")
    op.drop_index("idx_listing_imp_vendor__387ac5", table_name="listing_import")
    op.drop_table("listing_import")
    op.drop_index("idx_listing_vendor__e69572", table_name="listing")
    op.drop_index("idx_listing_state_24ff2c", table_name="listing")
    op.drop_table("listing")
    op.drop_index("idx_ledger_entr_transac_bc70e9", table_name="ledger_entry")
    op.drop_index("idx_ledger_entr_account_df3b88", table_name="ledger_entry")
    op.drop_table("ledger_entry")
    op.drop_table("import_mapping")
    op.drop_index("idx_api_token_person__27272e", table_name="api_token")
    op.drop_table("api_token")
    op.drop_index("idx_account_cha_vendor__f5f161", table_name="account_change")
    op.drop_table("account_change")
    op.drop_index("idx_vendor_identit_1c0211", table_name="vendor")
    op.drop_table("vendor")
    op.drop_table("twin_transfer")
    op.drop_table("text_message")
    op.drop_index("idx_sign_in_cod_phone_f12bbf", table_name="sign_in_code")
    op.drop_index("idx_sign_in_cod_address_86c2ae", table_name="sign_in_code")
    op.drop_table("sign_in_code")
    op.drop_table("postal_point")
    op.drop_table("person")
    op.drop_index("idx_payment_vendor__833771", table_name="payment")
    op.drop_index("idx_payment_state_c70f06", table_name="payment")
    op.drop_index("idx_payment_needs_r_c91235", table_name="payment")
    op.drop_table("payment")
    op.drop_index("idx_parcel_state_4d8904", table_name="parcel")
    op.drop_table("parcel")
    op.drop_table("outbox_job")
    op.drop_table("market")
    op.drop_table("ledger_transaction")
    op.drop_table("kept_answer")
    op.drop_table("dated_rule")
    op.drop_index("idx_customer_or_vendor__67a1fa", table_name="customer_order")
    op.drop_index("idx_customer_or_state_2ed210", table_name="customer_order")
    op.drop_index("idx_customer_or_person__b110d7", table_name="customer_order")
    op.drop_index("idx_customer_or_parcel__3f6dc8", table_name="customer_order")
    op.drop_index("idx_customer_or_device_4277ab", table_name="customer_order")
    op.drop_table("customer_order")
    op.drop_table("basket_line")
    op.drop_table("bank")
    op.drop_index("idx_audit_entry_subject_fa0c6d", table_name="audit_entry")
    op.drop_index("idx_audit_entry_person__e06a58", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("admin_unit_successor")
    op.drop_index("idx_admin_unit_version_b957b2", table_name="admin_unit")
    op.drop_index("idx_admin_unit_version_7ed256", table_name="admin_unit")
    op.drop_table("admin_unit")
