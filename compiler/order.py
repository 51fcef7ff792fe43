"""The order in which a walk comes to nodes, and the loops it can go round: what makes an analysis quick."""

from collections.abc import Iterable

import networkx as nx

from compiler.drawing import Drawing

ROOT = ""
"""No node's id."""


class Order:
    """`rank`: every node after those that lead to it, as far as loops allow; `loops`: nodes of each loop."""

    def __init__(self, drawing: Drawing, roots: Iterable[str]) -> None:
        walked: nx.DiGraph[str] = nx.DiGraph()
        walked.add_node(ROOT)
        walked.add_edges_from((ROOT, root) for root in roots)
        for node in drawing.nodes:
            walked.add_edges_from((node, to) for to in drawing.followers(node))
            walked.add_edges_from((node, to) for to in drawing.asides.get(node, ()))
        late = list(nx.dfs_postorder_nodes(walked, ROOT))
        self.rank = {node: rank for rank, node in enumerate(reversed(late))}
        self.loops = [loop for loop in nx.strongly_connected_components(walked) if len(loop) > 1]
