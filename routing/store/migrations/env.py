"""Alembic's environment: runs migrations on the connection that ``routing.store.migrations.upgrade`` hands over."""

from alembic import context

from intake.storage import metadata
from routing.store import tables

target_metadata = tables.metadata
assert target_metadata is metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=target_metadata)
context.run_migrations()
