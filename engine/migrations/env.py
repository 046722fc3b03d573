"""Alembic's environment: always online, on the connection and in the transaction that `migrate` gives."""

from alembic import context

from engine.model import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
