"""Values as payloads: JSON by alias, tolerant readers, plans beside their digests."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.common import RawValue
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError

from dsl.inputs import Inbound, Input
from dsl.messages import Outcome, Report, Scene
from dsl.plan import End, Plan, PlanNode
from dsl.state import Loaded, RunInput
from wiring.codec import codec_of
from wiring.converter import PLAN, data_converter
from wiring.keys import new_keys
from wiring.plans import PlanCache, PlanNotLoadedError

HELLO = Plan(
    flow="hello",
    name="Hello",
    start="end",
    nodes={"end": PlanNode(kind="end", label="End", entry="end")},
    steps={"end": End(id="end", node="end")},
)
GIVEN = RunInput(
    scene=Scene(workspace="w", execution_id="e", flow_id="f", flow_version=1, lane="l", contact_id=3),
    plan=Loaded("hello", None),
    started_at=datetime(2026, 1, 1, tzinfo=UTC),
    variables={"name": "Jane", "tags": ["a", 1, None, True]},
)
INPUT = Input(
    id="1",
    seq=1,
    accepted_at=datetime(2026, 1, 1, tzinfo=UTC),
    event=Inbound(key="k", address="1", event="message_created", kind="message", text="Jane", message_id=5),
)
CODEC = codec_of(new_keys(), "default")


BYE = HELLO.but(flow="bye", name="Bye")
SHELF = {"hello": HELLO, "bye": BYE}


async def shelf(digest: str) -> Mapping[str, Any] | None:
    return SHELF[digest].model_dump(mode="json", by_alias=True) if digest in SHELF else None


@pytest.fixture
def converter() -> DataConverter:
    return data_converter(CODEC, PlanCache(shelf))


async def through(converter: DataConverter, value: object, hint: Any) -> Any:
    """What another process reads of a value, once it was encoded and stored."""
    stored = [Payload.FromString(p.SerializeToString()) for p in await converter.encode([value])]
    return (await converter.decode(stored, [hint]))[0]


async def test_a_run_input_comes_back_with_the_plan_it_names(converter: DataConverter) -> None:
    read = await through(converter, GIVEN, RunInput)
    assert read == GIVEN.model_copy(update={"plan": Loaded("hello", HELLO)})


async def test_two_readers_get_the_same_plan_object(converter: DataConverter) -> None:
    one, other = [await through(converter, GIVEN, RunInput) for _ in range(2)]
    assert one.plan.plan is other.plan.plan
    assert one.plan.plan is not None


async def test_what_was_read_can_be_written_again_as_continue_as_new_does(converter: DataConverter) -> None:
    read = await through(converter, GIVEN, RunInput)
    again = converter.payload_converter.to_payload(read.model_copy(update={"first_run": "r"}))
    assert json.loads(again.data)["plan"] == "hello"
    assert again.metadata[PLAN] == b"hello"
    assert "nodes" not in json.loads(again.data)


async def test_a_run_input_comes_back_with_the_plans_that_its_subflows_walk(converter: DataConverter) -> None:
    """One that is absent is told by its digest, beside those that are there."""
    given = GIVEN.but(plans=[Loaded("bye", None), Loaded("nothing", None), Loaded("hello", None)])
    read = await through(converter, given, RunInput)
    assert read.plan == Loaded("hello", HELLO)
    assert read.plans == [Loaded("bye", BYE), Loaded("nothing", None), Loaded("hello", HELLO)]
    again = await through(converter, read.but(first_run="r"), RunInput)
    assert again.plans == read.plans


async def test_the_plans_below_travel_by_digest_alone(converter: DataConverter) -> None:
    payload = converter.payload_converter.to_payload(GIVEN.but(plans=[Loaded("bye", BYE)]))
    assert payload.metadata[PLAN] == b"hello,bye"
    assert json.loads(payload.data)["plans"] == ["bye"]


async def test_a_plan_that_is_not_there_is_read_as_none(converter: DataConverter) -> None:
    absent = GIVEN.model_copy(update={"plan": Loaded("nothing", None)})
    read = await through(converter, absent, RunInput)
    assert read.plan == Loaded("nothing", None)


async def test_a_run_input_whose_plan_nobody_made_sure_of_is_refused(converter: DataConverter) -> None:
    payload = converter.payload_converter.to_payload(GIVEN)
    with pytest.raises(PlanNotLoadedError):
        converter.payload_converter.from_payload(payload, RunInput)


def test_names_outside_are_in_camel_case(converter: DataConverter) -> None:
    payload = converter.payload_converter.to_payload([INPUT])
    [written] = json.loads(payload.data)
    assert payload.metadata["encoding"] == b"json/plain"
    assert written["acceptedAt"] == "2026-01-01T00:00:00Z"
    assert written["event"]["messageId"] == 5
    assert PLAN not in payload.metadata


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (INPUT, Input),
        ([INPUT, INPUT], list[Input]),
        (Report(state="done", outcome=Outcome(value={"a": [1, 2.5, None]}), attempt=1), Report),
        ({"a": 1}, dict[str, int]),
        ("text", str),
        (None, type(None)),
        (b"bytes", bytes),
    ],
)
async def test_a_value_comes_back_as_it_was(converter: DataConverter, value: object, hint: Any) -> None:
    assert await through(converter, value, hint) == value


async def test_a_reader_skips_fields_of_a_newer_sender(converter: DataConverter) -> None:
    newer = {**INPUT.model_dump(mode="json", by_alias=True), "inventedLater": 1}
    assert await through(converter, newer, Input) == INPUT


async def test_a_value_of_another_shape_is_refused(converter: DataConverter) -> None:
    with pytest.raises(ValidationError):
        await through(converter, {"id": 1}, Input)


async def test_a_raw_value_passes_both_ways(converter: DataConverter) -> None:
    raw = await through(converter, [INPUT], RawValue)
    assert isinstance(raw, RawValue)
    assert converter.payload_converter.from_payload(raw.payload, list[Input]) == [INPUT]
    assert await through(converter, raw, list[Input]) == [INPUT]


async def test_the_text_the_stack_and_the_details_of_a_failure_are_encrypted(
    converter: DataConverter,
) -> None:
    failure = Failure()
    try:
        try:
            raise ValueError("inner Jane")
        except ValueError as inner:
            raise ApplicationError("outer Jane", {"name": "Jane"}, type="Told") from inner
    except ApplicationError as error:
        await converter.encode_failure(error, failure)
    stored = failure.SerializeToString()
    assert b"Told" in stored
    assert b"Jane" not in stored
    assert b"test_converter" not in stored
    read = await converter.decode_failure(failure)
    assert isinstance(read, ApplicationError)
    assert (read.message, read.details) == ("outer Jane", ({"name": "Jane"},))
    assert isinstance(read.cause, ApplicationError)
    assert read.cause.message == "inner Jane"


async def test_the_codec_alone_decodes_without_loading_plans() -> None:
    asked: list[str] = []

    async def load(digest: str) -> bytes | None:
        asked.append(digest)
        return None

    encoded = await data_converter(CODEC, PlanCache(load)).encode([GIVEN])
    [plain] = await CODEC.decode(encoded)
    assert plain.metadata[PLAN] == b"hello"
    assert asked == []
