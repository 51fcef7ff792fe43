"""Which kinds of nodes there are."""

import inspect
from typing import Any

from fastapi import APIRouter, Request

from api.guard import GuardedRoute, with_key
from api.parts import parts_of
from dsl.kind import Kind
from dsl.model import Message
from wiring.packages import Custom, Package

router = APIRouter(prefix="/api/v1", tags=["kinds"], route_class=GuardedRoute)


class PackageView(Message):
    """An installed package that brings kinds."""

    name: str
    version: str


class KindView(Message):
    """A kind: what its module says."""

    name: str
    aliases: list[str]
    exits: list[str]
    """The default exit stands first."""
    docs: str
    config_schema: dict[str, Any]
    """JSON Schema of a node's `config`."""
    package: PackageView | None
    """Where a kind comes from that is not part of the product."""


class LeftOutKind(Message):
    """A kind of an installed package that cannot be used, and why."""

    name: str
    package: PackageView
    why: str


class Kinds(Message):
    """Every kind, by name."""

    items: list[KindView]
    left_out: list[LeftOutKind]


@router.get("/kinds")
@with_key()
async def list_kinds(request: Request) -> Kinds:
    """Names, exits, documentation and the JSON Schema of each kind's config; those of packages too."""
    parts = parts_of(request)
    kinds = sorted(parts.catalogue.items())
    left_out = [LeftOutKind(name=x.entry, package=_from(x.package), why=x.why) for x in parts.custom.left_out]
    return Kinds(items=[_view(name, kind, parts.custom) for name, kind in kinds], left_out=left_out)


def _from(package: Package) -> PackageView:
    return PackageView(name=package.name, version=package.version)


def _view(name: str, kind: type[Kind], custom: Custom) -> KindView:
    return KindView(
        name=name,
        aliases=list(kind.aliases),
        exits=list(kind.exits),
        docs=inspect.getdoc(kind) or "",
        config_schema=kind.model_json_schema(by_alias=True),
        package=_from(custom.added[name].package) if name in custom.added else None,
    )
