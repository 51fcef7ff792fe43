"""The keys of an installation."""

import json
import re
from pathlib import Path

import pytest

from wiring.keys import FILE, KEY_BYTES, KeysError, load_or_create, new_keys


def text_of(**change: object) -> str:
    return json.dumps(json.loads(new_keys().model_dump_json(by_alias=True)) | change)


def test_the_first_start_makes_keys_for_the_owner_alone_and_the_next_finds_them(tmp_path: Path) -> None:
    first = load_or_create(tmp_path)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert load_or_create(tmp_path) == first
    assert load_or_create(tmp_path) != new_keys()


def test_every_key_is_its_own_and_long_enough() -> None:
    keys = new_keys()
    secrets = [key.get_secret_value() for key in (*keys.data_keys.values(), keys.id_hash_key, keys.jwt_key)]
    assert {len(secret) for secret in secrets} == {KEY_BYTES}
    assert len(set(secrets)) == 3


def test_the_file_is_camel_case(tmp_path: Path) -> None:
    load_or_create(tmp_path)
    stored = json.loads((tmp_path / FILE).read_text())
    assert set(stored) == {"currentDataKey", "dataKeys", "idHashKey", "jwtKey"}
    assert stored["currentDataKey"] in stored["dataKeys"]


def test_production_gives_them_as_json_or_as_a_file(tmp_path: Path) -> None:
    given = text_of()
    file = tmp_path / "mounted.json"
    file.write_text(given)
    file.chmod(0o400)
    assert load_or_create(tmp_path, given) == load_or_create(tmp_path, str(file))
    assert not (tmp_path / FILE).exists()


def test_a_file_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path) -> None:
    load_or_create(tmp_path)
    (tmp_path / FILE).chmod(0o640)
    with pytest.raises(KeysError, match="chmod 600"):
        load_or_create(tmp_path)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"jwtKey": "c2hvcnQ="}, "jwtKey.*32 bytes"),
        ({"jwtKey": "not base64 at all!"}, "jwtKey"),
        ({"dataKeys": {}}, "dataKeys"),
        ({"currentDataKey": "another"}, "not one of dataKeys"),
        ({"surplus": "s3cr3t"}, "surplus"),
    ],
)
def test_malformed_keys_are_named_and_never_repeated(
    tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    with pytest.raises(KeysError, match=complaint) as raised:
        load_or_create(tmp_path, text_of(**change))
    for secret in ("c2hvcnQ", "not base64 at all", "s3cr3t"):
        assert secret not in str(raised.value)


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match="nowhere"):
        load_or_create(tmp_path, str(tmp_path / "nowhere"))


def test_no_repr_shows_a_key() -> None:
    keys = new_keys()
    shown = repr(keys) + str(keys)
    for key in (keys.jwt_key, keys.id_hash_key, *keys.data_keys.values()):
        assert repr(key.get_secret_value()) not in shown


def test_a_hash_tells_nothing_without_its_key_and_is_the_same_with_it() -> None:
    keys, others = new_keys(), new_keys()
    assert keys.hashed("+254700000111") == keys.hashed("+254700000111")
    assert (
        len({keys.hashed("+254700000111"), keys.hashed("+254700000112"), others.hashed("+254700000111")}) == 3
    )
    assert re.fullmatch("[0-9a-f]{32}", keys.hashed("+254700000111"))
