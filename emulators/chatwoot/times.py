"""The ways Chatwoot writes a moment."""

from datetime import UTC, datetime


def iso(moment: float | None) -> str | None:
    """`2026-01-05T09:15:22.417Z`, or None."""
    if moment is None:
        return None
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def unix(moment: float | None) -> int:
    """Whole seconds, 0 when there is no moment."""
    return int(moment or 0)


def moment(text: str) -> float | None:
    """Read ISO text or unix seconds; None when it is neither."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
