"""Edits, reactions, replies, mentions, and how far people have read."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MESSAGE_COLUMNS = ("deleted_by_staff", "renderer", "mentions", "reply_to", "replied")
MEMBERSHIP_COLUMNS = ("last_mention", "mark", "notify")


def upgrade() -> None:
    # By itself, not in a batch: SQLite then adds a column without copying the table.
    op.add_column("messages", sa.Column("deleted_by_staff", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("messages", sa.Column("renderer", sa.Integer(), server_default="0", nullable=False))
    op.add_column("messages", sa.Column("mentions", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("messages", sa.Column("reply_to", sa.Integer()))
    op.add_column("messages", sa.Column("replied", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_messages_room_id_created_at", "messages", ["room_id", "created_at"])
    op.add_column("memberships", sa.Column("last_mention", sa.Integer(), server_default="0", nullable=False))
    op.add_column("memberships", sa.Column("mark", sa.Integer(), server_default="0", nullable=False))
    notify = sa.Enum("everything", "mentions", "nothing", name="notify", native_enum=False, length=16)
    op.add_column("memberships", sa.Column("notify", notify, server_default="everything", nullable=False))
    op.create_table(
        "reactions",
        sa.Column("id", sa.Integer(), nullable=False),
        _reference("reactions", "message_id", "messages"),
        _reference("reactions", "user_id", "users"),
        sa.Column("emoji", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reactions"),
        sa.UniqueConstraint("message_id", "user_id", "emoji", name="uq_reactions_message_id_user_id_emoji"),
    )
    op.create_index("ix_reactions_user_id", "reactions", ["user_id"])
    reason = sa.Enum("mention", "reply", "here", "room", name="reason", native_enum=False, length=16)
    op.create_table(
        "activities",
        sa.Column("id", sa.Integer(), nullable=False),
        _reference("activities", "message_id", "messages"),
        _reference("activities", "user_id", "users"),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("reason", reason, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_activities"),
        sa.UniqueConstraint("message_id", "user_id", name="uq_activities_message_id_user_id"),
    )
    op.create_index("ix_activities_user_id_id", "activities", ["user_id", "id"])
    op.create_index("ix_activities_user_id_room_id_ordinal", "activities", ["user_id", "room_id", "ordinal"])


def downgrade() -> None:
    op.drop_table("activities")
    op.drop_table("reactions")
    op.drop_index("ix_messages_room_id_created_at", "messages")
    for table, columns in (("memberships", MEMBERSHIP_COLUMNS), ("messages", MESSAGE_COLUMNS)):
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column)


def _reference(table: str, column: str, other: str) -> sa.Column[int]:
    key = sa.ForeignKey(f"{other}.id", name=f"fk_{table}_{column}_{other}", ondelete="CASCADE")
    return sa.Column(column, sa.Integer(), key, nullable=False)
