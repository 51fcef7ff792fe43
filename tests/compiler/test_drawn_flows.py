"""Random drawings against simple references: loops that never wait, and variables on every way."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.compile import CompilationResult
from compiler.lower import targets
from dsl.plan import Plan, Sleep, Wait
from tests.compiler.documents import START, compiled, edge, flow, message, question
from tests.compiler.test_any_json import sound

few = settings(max_examples=60)
NAMES = ("a", "b")
ASKED = {"text": "Well?", "timeout": "1h"}
ASKS = {"left": "{{a}}", "operator": "is_set"}


def node(id: str, form: int) -> dict[str, Any]:
    """One of ten nodes; two of them read the variables, five set one."""
    forms: list[dict[str, Any]] = [
        message(id, "{{a}}"),
        message(id, "{{b}}"),
        question(id, "a"),
        {"id": id, "type": "set_variables", "config": {"set": {"b": 1}}},
        {"id": id, "type": "if", "config": {"condition": ASKS}},
        {"id": id, "type": "delay", "config": {"for": "1m"}},
        {"id": id, "type": "api", "config": {"url": "https://a.example", "saveTo": "a"}},
        {"id": id, "type": "switch", "config": {"on": "{{contact.x}}", "cases": {"1": "one"}}},
        {"id": id, "type": "menu", "config": {**ASKED, "choices": [{"value": "red"}], "saveTo": "b"}},
        {"id": id, "type": "form", "config": {**ASKED, "fields": [{"name": "b"}]}},
    ]
    return forms[form]


EXITS = {
    "question": ["answer", "timeout"],
    "if": ["true", "false"],
    "api": ["success", "failure", "error"],
    "switch": ["one", "default"],
    "menu": ["red", "timeout"],
    "form": ["answer", "timeout"],
}


@st.composite
def drawn(draw: st.DrawFn) -> dict[str, Any]:
    """Up to seven nodes, every exit connected somewhere, and an end."""
    forms = draw(st.lists(st.integers(0, 9), min_size=1, max_size=7))
    nodes = [node(f"n{index}", form) for index, form in enumerate(forms)]
    ids = st.sampled_from([*(n["id"] for n in nodes), "end"])
    edges = [edge("start", draw(ids))]
    for n in nodes:
        edges += [edge(n["id"], draw(ids), exit) for exit in EXITS.get(n["type"], ["next"])]
        if n["type"] == "message" and draw(st.booleans()):
            edges.append(edge(n["id"], draw(ids), "next", condition=ASKS))
    return flow([START, *nodes, {"id": "end", "type": "end"}], edges)


def spins(plan: Plan) -> bool:
    """Reference: whether, with waits taken out, some steps only lead to one another (Kahn's algorithm)."""
    rest = {id: set[str]() for id, step in plan.steps.items() if not isinstance(step, Wait | Sleep)}
    for id in rest:
        exits = plan.nodes[plan.steps[id].node].exits
        leads = {exits[to[1:]] if to[:1] == "!" else to for to in targets(plan.steps[id])}
        if plan.steps[id].op == "call" and plan.nodes[plan.steps[id].node].kind == "api":
            leads |= set(exits.values())
        rest[id] = leads & rest.keys()
    while done := [id for id, leads in rest.items() if not leads]:
        rest = {id: leads - set(done) for id, leads in rest.items() if id not in done}
    return bool(rest)


@few
@given(drawn())
def test_a_plan_never_runs_in_a_circle_without_waiting(document: dict[str, Any]) -> None:
    result = compiled(document)
    sound(result)
    assert result.plan is None or not spins(result.plan)


@few
@given(drawn())
def test_only_circles_without_waiting_are_called_endless(document: dict[str, Any]) -> None:
    edges = [e for e in document["edges"] if e.get("exit") != "error"]
    waiting = {**document, "nodes": [waits(n) for n in document["nodes"]], "edges": edges}
    assert "ENDLESS_LOOP" not in {found.code for found in compiled(waiting).errors}


def waits(n: dict[str, Any]) -> dict[str, Any]:
    """The node, or a delay in its place where it would not wait; branches become questions."""
    if n["type"] in ("if", "api", "switch"):
        return question(n["id"], "a", expects="choice", choices=[{"value": v} for v in EXITS[n["type"]][:2]])
    return (
        {"id": n["id"], "type": "delay", "config": {"for": "1m"}}
        if n["type"] in ("message", "set_variables")
        else n
    )


def ways(document: dict[str, Any], choices: list[int]) -> list[tuple[str, set[str]]]:
    """Reference: one way through the drawing; each node on it with the variables set when it is entered."""
    nodes = {n["id"]: n for n in document["nodes"]}
    here, known, found = "start", set[str](), list[tuple[str, set[str]]]()
    for choice in choices:
        found.append((here, set(known)))
        leaving = [e for e in document["edges"] if e["from"] == here]
        if not leaving:
            break
        taken = leaving[choice % len(leaving)]
        if taken.get("exit") not in ("timeout", "error"):
            known |= assigned(nodes[here])
        if taken.get("exit") == "true" or "condition" in taken:
            known |= {"a"}  # that is what was asked
        here = taken["to"]
    return found


def assigned(n: dict[str, Any]) -> set[str]:
    """Variables a node sets when all goes well."""
    config = n.get("config", {})
    fields = {field["name"] for field in config.get("fields", [])}
    return {*config.get("set", {}), *fields} | ({config["saveTo"]} if "saveTo" in config else set())


def doubted(result: CompilationResult) -> set[str]:
    """Nodes with a finding about a variable."""
    codes = ("UNKNOWN_VARIABLE", "MAYBE_UNSET")
    return {i.node or "" for i in (*result.errors, *result.warnings) if i.code in codes}


@few
@given(drawn(), st.lists(st.integers(0, 5), min_size=3, max_size=12))
def test_a_variable_nobody_doubts_is_set_on_every_way(document: dict[str, Any], choices: list[int]) -> None:
    doubts = doubted(compiled(document))
    nodes = {n["id"]: n for n in document["nodes"]}
    for id, known in ways(document, choices):
        reads = {name for name in NAMES if nodes[id].get("config", {}).get("text") == f"{{{{{name}}}}}"}
        assert id in doubts or reads <= known
