"""Templates with what is the same each time worked out when they are compiled: sentences and addresses of files.

An environment belongs to one language, so a sentence without gaps is a plain word in its templates; half of the calls
that a page makes were for those.
"""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer

Fold = Callable[[str], object]


class FoldingEnvironment(Environment):
    """Jinja's environment; `folds` are functions of one text that always give the same for it."""

    folds: Mapping[str, Fold] = {}

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        folded = _Folding(self.folds).visit(source)
        return super()._generate(folded, name, filename, defer_init=defer_init)


class _Folding(NodeTransformer):
    def __init__(self, folds: Mapping[str, Fold]) -> None:
        self._folds = folds

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        """Left as it is: constants joined beforehand would forget which of them is markup."""
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  the visitor finds it by this name
        """A call with one plain text becomes what it gives, unless it cannot be told yet."""
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.node.name not in self._folds or not _is_plain(node):
            return node
        try:
            value = self._folds[node.node.name](_text_of(node))
        except (KeyError, ValueError, TypeError):
            return node
        return nodes.Const(value, lineno=node.lineno)


def _is_plain(node: nodes.Call) -> bool:
    """Whether there is one argument, a text that stands in the template."""
    alone = len(node.args) == 1 and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
    return alone and isinstance(node.args[0], nodes.Const) and isinstance(node.args[0].value, str)


def _text_of(node: nodes.Call) -> str:
    first: Any = node.args[0]
    return str(first.value)
