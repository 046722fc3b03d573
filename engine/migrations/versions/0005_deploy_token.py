"""Tokens with which a desktop modeler deploys drafts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "deploy_token",
        sa.Column("id", BIG, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.Column("last_ip", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_deploy_token_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deploy_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_deploy_token_token_hash")),
    )
    op.create_index(op.f("ix_deploy_token_person_id"), "deploy_token", ["person_id"])
