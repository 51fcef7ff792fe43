"""What can be wrong with the ways through a flow: start, edges, exits, loops, branches, subflows."""

from dsl.meanings.meaning import Meaning, error, warning

WAYS: dict[str, Meaning] = {
    "NO_START_NODE": error("The flow has no start node.", "Add one node of type `start`."),
    "MANY_START_NODES": error("The flow has more than one start node.", "Keep one node of type `start`."),
    "MISSING_NODE": error("An edge points to a node that does not exist.", "Correct `to`, or add the node."),
    "UNKNOWN_EXIT": error(
        "An edge leaves by an exit that the node does not have.", "Use an exit of the kind."
    ),
    "AMBIGUOUS_EXIT": error(
        "Two edges without a condition leave by one exit.",
        "Keep one, or give the others a `condition` (the first true one by `priority` wins).",
    ),
    "DANGLING_EXIT": error(
        "The node's default exit leads nowhere.", "Connect it, or end the path with an `end`."
    ),
    "END_HAS_EDGES": error("An edge leaves an `end` node.", "Remove the edge, or use another kind of node."),
    "ENDLESS_LOOP": error(
        "Nodes form a loop in which nothing ever waits.",
        "Put a question or a delay into the loop.",
    ),
    "UNUSED_NODE": warning("The node cannot be reached from the start.", "Connect it or remove it."),
    "UNKNOWN_ERROR_TARGET": error(
        "`settings.onError` names no node.", "Use `fail`, `handoff` or the id of a node."
    ),
    "SUBFLOW_NOT_PUBLISHED": error(
        "A `subflow` names no published flow.",
        "Publish that flow first, or correct the reference: its `id`, or `id@version`.",
    ),
    "SUBFLOW_CYCLE": error(
        "A `subflow` comes back to the flow it is in.",
        "Let no flow walk itself, through others either: draw an edge back instead.",
    ),
    "SUBFLOW_TOO_DEEP": error(
        "Too many flows are inside one another.",
        "Put what the innermost flows do into those that use them; 16 may be inside one another.",
    ),
    "UNKNOWN_INPUT": error(
        "A subflow is given an input that it does not take.",
        "Correct the name, or declare it in the other flow's `settings.params` and publish that.",
    ),
    "MISSING_INPUT": error(
        "A subflow is not given an input that it requires.", "Add it to the node's `inputs`."
    ),
    "INPUT_TYPE": error(
        "A subflow is given an input of another type than it takes.",
        "Correct the value; a text that is exactly one placeholder keeps the value's type.",
    ),
    "UNKNOWN_OUTPUT": error(
        "An output is kept that the subflow does not give.",
        "Use a name of its `settings.outputs`, or of the `outputs` of its `end` nodes.",
    ),
    "DEAD_EXIT": warning(
        "An exit is connected that the node never leaves by.",
        "Remove the edge, or set up what leads there (a `timeout`, `returnAfter`).",
    ),
    "UNUSED_SETTING": warning(
        "A node's `onError` or `retry` is never used.",
        "Remove it; a connected `error` exit goes before `onError`.",
    ),
    "UNREACHABLE_CASE": warning(
        "A case is never reached, for one before it always wins.", "Remove it, or correct the conditions."
    ),
    "BRANCH_LEADS_OUT": error(
        "A branch of a `parallel` leads to a node that other ways lead to as well.",
        "Lead the branch back to its `parallel` node, and go on from there by `joined`.",
    ),
    "BRANCH_NEVER_RETURNS": warning(
        "A branch never leads back to its `parallel`: it only ends, and the whole execution with it.",
        "Lead it back to the `parallel` node if the others are to go on.",
    ),
    "BRANCH_NEVER_ENDS": error(
        "A branch that is waited for neither leads back nor comes to an end.",
        "Lead it back to the `parallel` node, or wait for fewer branches with `join`.",
    ),
    "TWO_BRANCHES_WAIT": error(
        "Two branches of one `parallel` wait for people, who could not know which of them they answer.",
        "Ask in one branch only, or ask before the `parallel` or after it.",
    ),
    "BRANCHES_SET_ONE_VARIABLE": warning(
        "Two branches of one `parallel` set the same variable.", "Give each branch a variable of its own."
    ),
    "BODY_NEVER_RETURNS": warning(
        "The body of a `loop` never leads back to it.",
        "End the body with an edge to the `loop` node; nodes that other ways lead to are not inside of it.",
    ),
    "UNJOINED_FORK": error(
        "Edges of a WorkflowSpec fork, and their branches cross or meet in part only.",
        "Let all branches of a node meet in one node or none, or give edges conditions so that one is taken.",
    ),
}
