"""What somebody waits for: the requests among the roots, and the spans on which their answers hang.

A consumer works after the answer, in the request's trace or, linked to it, in one of its own: it may take as
long as it likes, and what becomes of it neither slows nor fails a request.
"""

from __future__ import annotations

import numpy as np

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.spans.parent_rows import NO_PARENT, highest
from incident_kit.measure.spans.span_tree import SpanTree


def is_request(tree: SpanTree) -> Bools:
    """Whether each span is a request: its trace's root, or another span that has no parent at all.

    What lost its parent in a trace that has a root is a part of that request. Of a client that is traced
    itself (a load generator, a browser) requests are what was served to it. Consumers are requests only where
    there are no others.
    """
    has_parent = tree.parent != NO_PARENT
    whole = tree.spans["parent_span_id"].is_null().to_numpy() & ~has_parent
    client = whole & tree.of_kind("client")
    whole[tree.roots] = True
    served = has_parent & tree.of_kind("server") & client[tree.parent]
    answered = np.zeros(len(served), dtype=bool)
    answered[tree.parent[served]] = True
    asked: Bools = (whole & ~tree.of_kind("consumer") & ~answered) | served
    return asked if asked.any() else whole


def awaited(tree: SpanTree) -> SpanTree:
    """Return the tree of the spans that requests wait for."""
    asked = is_request(tree)
    left_out = np.isin(tree.trace, tree.trace[asked], invert=True)
    top = highest(tree.parent, tree.waits)
    return tree.where((tree.parent[top] == NO_PARENT) & ~left_out)
