"""Find the requests among the roots, and the spans that their answers wait for.

A consumer works after the answer, in the request's trace or in a linked trace of its own. Its duration and
its failures neither slow nor fail a request.
"""

from __future__ import annotations

import numpy as np

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.spans.parent_rows import NO_PARENT, topmost
from incident_kit.measure.spans.span_tree import SpanTree


def is_request(tree: SpanTree) -> Bools:
    """Return whether each span is a request: its trace's root, or another span without a parent id.

    A span that lost its parent, in a trace that has a root, is part of the root's request. If the client is
    traced too (a load generator, a browser), the requests are the server spans right below its span. Consumer
    spans count as requests only if there are no others.
    """
    has_parent = tree.parent != NO_PARENT
    whole = tree.spans["parent_span_id"].is_null().to_numpy() & ~has_parent
    client = whole & tree.of_kind("client")
    whole[tree.roots] = True
    served = has_parent & tree.of_kind("server") & client[tree.parent]
    asked: Bools = (whole & ~tree.of_kind("consumer") & ~tree.has_child(served)) | served
    return asked if asked.any() else whole


def awaited(tree: SpanTree) -> SpanTree:
    """Return the tree of the spans that requests wait for."""
    asked = is_request(tree)
    left_out = np.isin(tree.trace, tree.trace[asked], invert=True)
    top = topmost(tree.parent, tree.awaited)
    return tree.filter((tree.parent[top] == NO_PARENT) & ~left_out)
