"""Making an argument of the block out of a parameter inside: asks under which name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QPoint

from studio.catalog.registry import Layer
from studio.project.arguments import argument_name_error, linked, promote
from studio.project.block import OWN_PARAMS
from studio.ui.ask_name import AskName
from studio.ui.named_rows import unused
from studio.ui.session import Session

_translate = QCoreApplication.translate


def ask_promotion(
    asking: AskName, at: QPoint, session: Session, nodes: Sequence[str], param: str, layer: Layer
) -> None:
    """Ask for the argument's name near a point of what `asking` lies in; `layer` is the nodes'.

    The first node's value becomes the default; all of them read the argument.
    """
    block = session.block
    if block is None:
        return
    there = session.project.blocks[block]
    proposed = unused(param, [*OWN_PARAMS, *(one.name for one in there.arguments)])
    title = _translate("Inspector", "Name of the argument of {block}").format(block=block)

    def make(argument: str) -> None:
        there_now = session.project.blocks.get(block)
        if there_now is None or any(name not in there_now.graph.nodes for name in nodes):
            raise ValueError(_translate("Inspector", "{node} is gone").format(node=called(nodes)))
        default = layer.values({})[param]
        project = promote(session.project, block, nodes[0], param, argument, default)
        text = _translate("Inspector", "Make {param} of {node} an argument")
        session.commit(
            linked(project, block, nodes, param, argument), text.format(param=param, node=called(nodes))
        )

    asking.ask(at, title, proposed, lambda name: argument_name_error(there, name), make)


def link(session: Session, nodes: Sequence[str], param: str, argument: str) -> None:
    """Let a parameter of nodes read an argument that there is."""
    if session.block is not None and nodes:
        text = _translate("Inspector", "Let {param} of {node} read {argument}")
        project = linked(session.project, session.block, nodes, param, argument)
        session.commit(project, text.format(param=param, node=called(nodes), argument=argument))


def called(nodes: Sequence[str]) -> str:
    """One node by its name, several by their count."""
    many = _translate("Inspector", "{count} nodes").format(count=len(nodes))
    return nodes[0] if len(nodes) == 1 else many
