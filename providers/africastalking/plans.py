"""What the in-memory parts have in common: failures as planned, and ids as the provider makes them."""

from providers import planned


class Plans(planned.Plans):
    """Failures in the order they were planned, and ids that count up."""

    def __init__(self) -> None:
        super().__init__()
        self._last = 0

    def new_id(self, prefix: str) -> str:
        """An id of the provider's shape."""
        self._last += 1
        return f"{prefix}_{self._last:032x}"
