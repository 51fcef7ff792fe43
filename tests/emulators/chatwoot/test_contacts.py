"""Contacts: uniqueness, merging, searching, and the filter's plus sign."""

from typing import Any

import httpx
import pytest

from tests.emulators.chatwoot.desk import Desk, Json

PHONE = "+254700000111"


async def _create(desk: Desk, **body: Any) -> httpx.Response:
    return await desk.call("agent", "POST", "/contacts", body)


async def _created(desk: Desk, **body: Any) -> int:
    answer = await _create(desk, **body)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["payload"]["contact"]["id"])


async def _filter(desk: Desk, *conditions: Json) -> list[int]:
    answer = await desk.call("agent", "POST", "/contacts/filter", {"payload": list(conditions)})
    assert answer.status_code == 200, answer.text
    return [contact["id"] for contact in answer.json()["payload"]]


def _where(key: str, operator: str, *values: Any, **more: Any) -> Json:
    return {"attribute_key": key, "filter_operator": operator, "values": list(values), **more}


@pytest.mark.parametrize(
    ("attribute", "value", "label"),
    [
        ("phone_number", PHONE, "Phone number"),
        ("email", "asha@example.org", "Email"),
        ("identifier", "crm-1", "Identifier"),
    ],
)
async def test_what_is_unique_per_account_is_refused_twice(
    desk: Desk, attribute: str, value: str, label: str
) -> None:
    first = await _created(desk, name="A", **{attribute: value})
    answer = await _create(
        desk, name="B", **{attribute: value.upper()} if attribute == "email" else {attribute: value}
    )
    assert answer.status_code == 422
    assert answer.json() == {"message": f"{label} has already been taken", "attributes": [attribute]}
    other = await _created(desk, name="C")
    taken = await desk.call("agent", "PUT", f"/contacts/{other}", {attribute: value})
    assert taken.status_code == 422
    same = await desk.call("agent", "PUT", f"/contacts/{first}", {attribute: value})
    assert same.status_code == 200


@pytest.mark.parametrize(
    ("phone", "status"),
    [(PHONE, 200), ("+1234567890123456", 422), ("254700000111", 422), ("+0700", 422), ("", 200)],
)
async def test_phone_numbers_are_e164_or_absent(desk: Desk, phone: str, status: int) -> None:
    answer = await _create(desk, phone_number=phone)
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["message"] == "Phone number should be in e164 format"


async def test_several_problems_come_in_one_answer(desk: Desk) -> None:
    answer = await _create(desk, phone_number="1", email="no")
    assert answer.json()["attributes"] == ["email", "phone_number"]


async def test_a_contact_can_be_created_with_its_address_in_an_inbox(desk: Desk) -> None:
    payload = (await _create(desk, name="A", inbox_id=12, source_id="s1")).json()["payload"]
    assert payload["contact_inbox"]["source_id"] == "s1"
    assert payload["contact_inbox"]["inbox"]["channel_type"] == "Channel::Api"
    assert payload["contact"]["contact_inboxes"][0]["source_id"] == "s1"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_attributes_of_contacts_are_merged_one_level_deep(desk: Desk, method: str) -> None:
    contact = await _created(desk, custom_attributes={"a": {"x": 1}, "b": 2}, additional_attributes={"c": 3})
    body = {"custom_attributes": {"a": {"y": 2}}, "additional_attributes": {"d": 4}, "name": "Asha"}
    answer = await desk.call("agent", method, f"/contacts/{contact}", body)
    shown = answer.json()["payload"]
    assert shown["custom_attributes"] == {"a": {"y": 2}, "b": 2}
    assert shown["additional_attributes"] == {"c": 3, "d": 4}
    await desk.call(
        "agent", "POST", f"/contacts/{contact}/destroy_custom_attributes", {"custom_attributes": ["a"]}
    )
    left = (await desk.call("agent", "GET", f"/contacts/{contact}")).json()["payload"]
    assert left["custom_attributes"] == {"b": 2}


async def test_fields_that_are_not_named_stay(desk: Desk) -> None:
    contact = await _created(desk, name="Asha", phone_number=PHONE)
    await desk.call("agent", "PUT", f"/contacts/{contact}", {"email": "Asha@Example.org"})
    shown = (await desk.call("agent", "GET", f"/contacts/{contact}")).json()["payload"]
    assert (shown["name"], shown["phone_number"], shown["email"]) == ("Asha", PHONE, "asha@example.org")


async def test_the_filter_puts_a_plus_before_phone_numbers(desk: Desk) -> None:
    contact = await _created(desk, phone_number=PHONE)
    assert await _filter(desk, _where("phone_number", "equal_to", PHONE.removeprefix("+"))) == [contact]
    assert await _filter(desk, _where("phone_number", "equal_to", PHONE)) == []


async def test_the_filter_knows_its_operators_and_joins(desk: Desk) -> None:
    first = await _created(desk, name="Asha Mwangi", custom_attributes={"tier": "gold"})
    second = await _created(desk, name="Baraka", email="b@example.org")
    assert await _filter(desk, _where("name", "contains", "mwangi")) == [first]
    assert await _filter(desk, _where("tier", "is_not_present")) == [second]
    assert await _filter(desk, _where("tier", "equal_to", "gold")) == [first]
    either = [_where("name", "equal_to", "baraka", query_operator="or"), _where("tier", "equal_to", "gold")]
    assert await _filter(desk, *either) == [first, second]
    both = [_where("name", "equal_to", "baraka", query_operator="and"), _where("tier", "equal_to", "gold")]
    assert await _filter(desk, *both) == []


@pytest.mark.parametrize(
    ("condition", "error"),
    [
        (_where("shoe_size", "equal_to", 1), "Invalid attribute key - [shoe_size]"),
        (_where("email", "is_greater_than", 1), "Invalid operator"),
        (_where("email", "equal_to"), "Invalid value"),
    ],
)
async def test_the_filter_refuses_what_it_does_not_know(desk: Desk, condition: Json, error: str) -> None:
    answer = await desk.call("agent", "POST", "/contacts/filter", {"payload": [condition]})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(error)


async def test_search_is_a_substring_and_needs_one(desk: Desk) -> None:
    contact = await _created(desk, name="Asha", phone_number=PHONE)
    for query in ("ash", "%2B254700", "0111"):
        found = (await desk.call("agent", "GET", f"/contacts/search?q={query}")).json()["payload"]
        assert [row["id"] for row in found] == [contact]
    unencoded = (await desk.call("agent", "GET", "/contacts/search?q=+254700")).json()
    assert [row["id"] for row in unencoded["payload"]] == [contact]
    assert (await desk.call("agent", "GET", "/contacts/search?q=")).status_code == 422


async def test_the_list_shows_only_contacts_that_can_be_told_apart_15_a_page(desk: Desk) -> None:
    for number in range(17):
        await _created(desk, name=f"N{number:02}", identifier=f"i{number}")
    await _created(desk, name="Nobody")
    first = (await desk.call("agent", "GET", "/contacts?sort=-name")).json()
    assert first["meta"] == {"count": 17, "current_page": 1}
    assert [row["name"] for row in first["payload"]][:2] == ["N16", "N15"]
    assert len(first["payload"]) == 15
    second = (await desk.call("agent", "GET", "/contacts?sort=-name&page=2")).json()
    assert [row["name"] for row in second["payload"]] == ["N01", "N00"]


async def test_contact_labels_are_replaced_and_filter_the_list(desk: Desk) -> None:
    contact = await _created(desk, identifier="i")
    path = f"/contacts/{contact}/labels"
    await desk.call("agent", "POST", path, {"labels": ["vip", "old"]})
    await desk.call("agent", "POST", path, {"labels": ["vip"]})
    assert (await desk.call("agent", "GET", path)).json() == {"payload": ["vip"]}
    listed = (await desk.call("agent", "GET", "/contacts?labels[]=vip")).json()["payload"]
    assert [row["id"] for row in listed] == [contact]


async def test_an_address_a_contact_has_already_is_reused(desk: Desk) -> None:
    contact = await _created(desk, name="A", phone_number=PHONE)
    path = f"/contacts/{contact}/contact_inboxes"
    sources = [
        (await desk.call("agent", "POST", path, {"inbox_id": inbox})).json()["source_id"]
        for inbox in (12, 12, 15)
    ]
    assert sources[0] == sources[1]
    assert sources[2] == PHONE


async def test_the_conversations_of_a_contact_are_the_newest_twenty(desk: Desk) -> None:
    contact = await _created(desk, name="A")
    for _ in range(21):
        await desk.call("agent", "POST", "/conversations", {"inbox_id": 14, "contact_id": contact})
    shown = (await desk.call("agent", "GET", f"/contacts/{contact}/conversations")).json()["payload"]
    assert [row["id"] for row in shown] == list(range(21, 1, -1))


async def test_deleting_a_contact_takes_its_conversations_along(desk: Desk) -> None:
    conversation = await desk.start(message="hi")
    contact = (await desk.look(conversation))["contact_id"]
    assert (await desk.call("agent", "DELETE", f"/contacts/{contact}")).status_code == 401
    assert (await desk.call("admin", "DELETE", f"/contacts/{contact}")).status_code == 200
    assert (await desk.call("agent", "GET", f"/conversations/{conversation}")).status_code == 404
