"""A page of this machine, for those who cannot await it."""

from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

PAGE_BYTES = 4 * 1024 * 1024


def page(url: str, seconds: float) -> str | None:
    """The text at a fixed address of ours; None while nothing answers there with 200, or with too much."""
    place = urlsplit(url)
    connection = HTTPConnection(place.netloc, timeout=seconds)
    try:
        connection.request("GET", place.path)
        answer = connection.getresponse()
        text = answer.read(PAGE_BYTES + 1)
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
    return text.decode() if answer.status == 200 and len(text) <= PAGE_BYTES else None
