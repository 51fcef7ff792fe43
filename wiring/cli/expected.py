"""What is expected to go wrong and explains itself in a line."""

EXPECTED = frozenset(
    {
        "simulator.talks.TalkError",
        "store.access.BadKeyError",
        "wiring.cli.graph.NothingToDrawError",
        "wiring.cli.service.ServiceError",
        "wiring.embedded.errors.EmbeddedError",
        "wiring.keys.KeysError",
        "wiring.settings.SettingsError",
        "wiring.supervise.part.PartError",
        "wiring.supervise.ports.PortTakenError",
        "wiring.supervise.record.StateDirTakenError",
    }
)
"""By name: nobody waits for a second of imports to be told that a file is missing."""


def is_expected(error: Exception) -> bool:
    """Whether the error is one of these, or one of their kind."""
    return any(f"{kind.__module__}.{kind.__qualname__}" in EXPECTED for kind in type(error).__mro__)
