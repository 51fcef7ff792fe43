"""Alembic's entry: runs the revisions on the connection it is given, in that connection's transaction."""

from alembic import context

from store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
