"""Trying a flow without running it."""

from fastapi import APIRouter, Request

from api.bodies import MIB
from api.compiling import compiled, refusal
from api.errors import Problem, documented, not_found
from api.guard import CallerOf, GuardedRoute, with_key
from api.lookup import Ref
from api.parts import Parts, parts_of
from api.simulation_shapes import SimulateInput
from dsl.plan import Plan
from simulator.mocks import strangers
from simulator.played import Played
from store import flows, plans

router = APIRouter(prefix="/api/v1", tags=["flows"], route_class=GuardedRoute)


@router.post("/flows/{id}/simulate", responses=documented(404))
@with_key(body=2 * MIB)
async def simulate_flow(request: Request, caller: CallerOf, id: Ref, body: SimulateInput) -> Played:
    """Plays a conversation with the flow in the body (then `id` may be any word), or the stored draft.

    Nothing is sent, stored or started; mocks answer for the world, and time is virtual."""
    parts = parts_of(request)
    document = body.flow
    if document is None:
        flow = await flows.find(parts.db, caller.workspace, id)
        version = flow and await flows.version(parts.db, caller.workspace, flow.id, flow.version)
        if version is None:
            raise not_found("flow")
        document = version.document
    result = await compiled(parts, caller.workspace, document)
    if result.plan is None or result.errors:
        raise refusal(result.errors)
    below = await _below(parts, result.plan)
    if unknown := strangers(body.mock, [result.plan, *below.values()]):
        raise Problem(422, "UNKNOWN_NODE", f"The flow has no node '{unknown[0]}' to be mocked.")
    setting = body.setting().of(result.spec)
    return await parts.simulations.played(result.plan, below, parts.catalogue, setting, body.lines())


async def _below(parts: Parts, plan: Plan) -> dict[str, Plan]:
    """The plans that its subflows walk; what was published is there."""
    found = await plans.load_all(parts.db, plan.plans)
    return {digest: Plan.model_validate(found[digest]) for digest in plan.plans}
