"""Payloads at rest: compressed, encrypted, bound to their namespace and key."""

import zlib

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload

from wiring import codec as codec_module
from wiring.codec import ENCODING, KEY_ID, Codec, CodecError, codec_of
from wiring.keys import new_keys

OLD, NEW = b"o" * 32, b"n" * 32
SAID = b"Jane Wanjiku"
PAYLOAD = Payload(metadata={"encoding": b"json/plain", "tembea-plan": b"digest"}, data=SAID * 100)


def a_codec(namespace: str = "default") -> Codec:
    return Codec(namespace, {"old": OLD, "new": NEW}, "new")


async def sealed(codec: Codec) -> Payload:
    [payload] = await codec.encode([PAYLOAD])
    return payload


async def test_a_payload_comes_back_whole_with_its_metadata() -> None:
    codec = a_codec()
    assert await codec.decode(await codec.encode([PAYLOAD, Payload()])) == [PAYLOAD, Payload()]


async def test_what_is_stored_is_small_and_shows_the_key_id_only() -> None:
    payload = await sealed(a_codec())
    assert dict(payload.metadata) == {"encoding": ENCODING, KEY_ID: b"new"}
    assert len(payload.data) < len(PAYLOAD.data) / 2
    stored = payload.SerializeToString()
    assert SAID not in stored
    assert b"digest" not in stored


async def test_one_payload_is_never_stored_twice_alike() -> None:
    codec = a_codec()
    assert (await sealed(codec)).data != (await sealed(codec)).data


async def test_a_key_that_was_replaced_still_decodes() -> None:
    before = Codec("default", {"old": OLD}, "old")
    assert await a_codec().decode([await sealed(before)]) == [PAYLOAD]


async def test_a_key_that_is_gone_is_named() -> None:
    gone = Codec("default", {"old": OLD}, "old")
    with pytest.raises(CodecError, match="'new' is not in the ring"):
        await gone.decode([await sealed(a_codec())])


async def test_another_namespace_cannot_read_it() -> None:
    with pytest.raises(CodecError, match="another namespace"):
        await a_codec("other").decode([await sealed(a_codec())])


async def test_the_key_id_is_authenticated() -> None:
    twins = Codec("default", {"one": OLD, "two": OLD}, "one")
    payload = await sealed(twins)
    payload.metadata[KEY_ID] = b"two"
    with pytest.raises(CodecError, match="damaged"):
        await twins.decode([payload])


@pytest.mark.parametrize("length", [0, 5, 12, 20, -1])
async def test_a_payload_cut_short_is_an_error_of_ours(length: int) -> None:
    payload = await sealed(a_codec())
    cut = Payload(metadata=payload.metadata, data=payload.data[:length])
    with pytest.raises(CodecError):
        await a_codec().decode([cut])


async def test_a_changed_byte_is_found() -> None:
    payload = await sealed(a_codec())
    changed = bytearray(payload.data)
    changed[20] ^= 1
    with pytest.raises(CodecError, match="damaged"):
        await a_codec().decode([Payload(metadata=payload.metadata, data=bytes(changed))])


async def test_what_is_not_ours_passes_through() -> None:
    others = [PAYLOAD, Payload(metadata={"encoding": b"binary/encrypted"}, data=b"x"), Payload()]
    assert await a_codec().decode(others) == others


async def test_a_payload_that_swells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec_module, "MAX_BYTES", 1_000)
    with pytest.raises(CodecError, match="larger than 1000"):
        await a_codec().decode([await sealed(a_codec())])


@pytest.mark.parametrize("packed", [b"not compressed", zlib.compress(b"\xff\xff no payload")])
async def test_what_decrypts_but_is_no_payload_is_an_error_of_ours(packed: bytes) -> None:
    nonce, bound_to = b"n" * 12, b"default\0new"
    data = nonce + AESGCM(NEW).encrypt(nonce, packed, bound_to)
    with pytest.raises(CodecError, match="damaged"):
        await a_codec().decode([Payload(metadata={"encoding": ENCODING, KEY_ID: b"new"}, data=data)])


async def test_an_installations_keys_make_its_codec() -> None:
    keys = new_keys()
    codec = codec_of(keys, "default")
    payload = await sealed(codec)
    assert payload.metadata[KEY_ID] == keys.current_data_key.encode()
    assert await codec_of(keys, "default").decode([payload]) == [PAYLOAD]
