"""Which kinds of nodes there are."""

import inspect
from typing import Any

from fastapi import APIRouter, Request

from api.guard import GuardedRoute, with_key
from api.parts import parts_of
from dsl.kind import Kind
from dsl.model import Message

router = APIRouter(prefix="/api/v1", tags=["kinds"], route_class=GuardedRoute)


class KindView(Message):
    """A kind: what its module says."""

    name: str
    aliases: list[str]
    exits: list[str]
    """The default exit stands first."""
    docs: str
    config_schema: dict[str, Any]
    """JSON Schema of a node's `config`."""


class Kinds(Message):
    """Every kind, by name."""

    items: list[KindView]


@router.get("/kinds")
@with_key()
async def list_kinds(request: Request) -> Kinds:
    """Names, exits, documentation and the JSON Schema of each kind's config."""
    catalogue = parts_of(request).catalogue
    return Kinds(items=[_view(name, kind) for name, kind in sorted(catalogue.items())])


def _view(name: str, kind: type[Kind]) -> KindView:
    return KindView(
        name=name,
        aliases=list(kind.aliases),
        exits=list(kind.exits),
        docs=inspect.getdoc(kind) or "",
        config_schema=kind.model_json_schema(by_alias=True),
    )
