"""OpenAPI as it is committed: a change of it is seen, and reviewed as code."""

import json
import re
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest

from api.app import create_app
from tests.api.conftest import Api
from tests.goldens import Golden
from wiring.versions import own_version

pytestmark = pytest.mark.real

FILE = "docs/openapi.json"


def document_of(api: Api) -> dict[str, Any]:
    """OpenAPI of this release."""
    document: dict[str, Any] = create_app(replace(api.parts, version=own_version())).openapi()
    return document


def test_the_committed_document_is_what_the_api_does(api: Api, golden: Golden) -> None:
    golden.compare_text(FILE, json.dumps(document_of(api), indent=2, ensure_ascii=False) + "\n")


def test_operation_ids_are_names_that_clients_can_be_made_of(api: Api) -> None:
    ids = [one["operationId"] for item in document_of(api)["paths"].values() for one in item.values()]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][A-Za-z0-9]+", id) for id in ids)


def test_every_request_body_has_an_example_that_fits_it(api: Api) -> None:
    document = document_of(api)
    for path, item in document["paths"].items():
        for operation in item.values():
            if "requestBody" in operation and path.startswith("/api/"):
                schema = operation["requestBody"]["content"]["application/json"]["schema"]
                examples = list(examples_of(schema, document))
                assert examples, path
                assert [misfits(example, schema, document) for example in examples] == [[]] * len(examples)


def test_the_examples_of_answers_fit_them(api: Api) -> None:
    document = document_of(api)
    schemas = document["components"]["schemas"]
    shown = {name: schema["examples"] for name, schema in schemas.items() if "examples" in schema}
    assert {"FlowSaved", "ExecutionStarted", "ExecutionView", "ErrorBody", "Validation"} <= set(shown)
    for name, examples in shown.items():
        assert [misfits(example, schemas[name], document) for example in examples] == [[]] * len(examples)


def misfits(example: Any, schema: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """What in an example does not fit its schema."""
    validator = jsonschema_rs.validator_for({**schema, "components": document["components"]})
    return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(example)]


def examples_of(schema: dict[str, Any], document: dict[str, Any]) -> list[Any]:
    """The examples of a schema, or of those that it is one of."""
    if name := schema.get("$ref"):
        schema = document["components"]["schemas"][name.rpartition("/")[2]]
    inner = [example for one in schema.get("anyOf", []) for example in examples_of(one, document)]
    return [*schema.get("examples", []), *inner]
