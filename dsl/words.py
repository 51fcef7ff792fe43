"""Words as they are compared: however they were typed."""


def folded(text: str) -> str:
    """Small letters, single spaces, none around."""
    return " ".join(text.casefold().split())
