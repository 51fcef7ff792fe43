"""Reading an answer's body within bounds, whatever it claims to be."""

import zlib
from collections.abc import AsyncIterable, Mapping

STEP = 64 * 1024
GZIP_OR_ZLIB = 47  # wbits: 32 (detect the header) + the largest window


class FlawedBody(Exception):
    """The body cannot be had; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def read_body(chunks: AsyncIterable[bytes], headers: Mapping[str, str], limit: int) -> bytes:
    """The decoded body of at most `limit` bytes, sent in at most `limit` bytes; raises FlawedBody."""
    decoder = _decoder(headers.get("content-encoding", ""), limit)
    sent, body = 0, bytearray()
    async for chunk in chunks:
        sent += len(chunk)
        body += decoder.feed(chunk)
        if max(sent, len(body)) > limit:
            raise FlawedBody("RESPONSE_TOO_LARGE")
    decoder.finish()
    return bytes(body)


class _Identity:
    """The body as it came."""

    def feed(self, chunk: bytes) -> bytes:
        return chunk

    def finish(self) -> None:
        """Nothing can be missing."""


class _Inflate:
    """One layer of gzip or deflate, never inflated further than the limit by more than a step."""

    def __init__(self, limit: int) -> None:
        self._inflater = zlib.decompressobj(GZIP_OR_ZLIB)
        self._left = limit

    def feed(self, chunk: bytes) -> bytes:
        out = bytearray()
        while chunk and self._left >= 0:
            piece = self._step(chunk)
            self._left -= len(piece)
            out += piece
            chunk = self._inflater.unconsumed_tail
        return bytes(out)

    def _step(self, chunk: bytes) -> bytes:
        try:
            piece = self._inflater.decompress(chunk, STEP)
        except zlib.error:
            raise FlawedBody("RESPONSE_ENCODING") from None
        if self._inflater.unused_data:  # a second member, or rubbish behind the end
            raise FlawedBody("RESPONSE_ENCODING")
        return piece

    def finish(self) -> None:
        if not self._inflater.eof:
            raise FlawedBody("RESPONSE_ENCODING")


def _decoder(encoding: str, limit: int) -> _Identity | _Inflate:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return _Identity()
    if name in ("gzip", "x-gzip", "deflate"):
        return _Inflate(limit)
    raise FlawedBody("RESPONSE_ENCODING")  # two layers, or one we never asked for
