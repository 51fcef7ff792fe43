"""What goes wrong with the servers we bring along."""


class EmbeddedError(Exception):
    """PostgreSQL or Temporal cannot be had here; the message says what to do about it."""
