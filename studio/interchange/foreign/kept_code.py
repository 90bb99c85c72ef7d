"""Nodes that stay the code of a file carry its text, since the file is in no package to import it from."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

from studio.catalog.python_source import SourceError, read_layer
from studio.catalog.trust import trust
from studio.interchange.imported import Imported
from studio.project.graph import Node


def with_code(imported: Imported, file: Path) -> Imported:
    """The import with Python layers in place of the nodes that name a class of this file."""
    graph = imported.project.graph
    text = file.read_text(encoding="utf-8-sig")
    kept = {"Module": _kept, "PythonLayer": _whole}
    nodes = [kept[node.type](node, file.stem, text) for node in graph.nodes.values() if node.type in kept]
    if not nodes:
        return imported
    return replace(imported, project=imported.project.with_graph(graph.with_nodes(*nodes)))


def _kept(node: Node, module: str, text: str) -> Node:
    """A node by the text of the class that it names, where that is of this file; else as it is."""
    path = str(node.params.get("path", ""))
    head, _, name = path.rpartition(".")
    if head != module:
        return node
    source = _until(name, text)
    try:
        found = read_layer(source).name
    except SourceError:
        return node
    if found != name:
        return node
    trust().add(source, keep=False)
    params = {key: one for key, one in node.params.items() if key != "path"}
    return replace(node, type="PythonLayer", params={**params, "source": source})


def _whole(node: Node, module: str, text: str) -> Node:
    """A node whose text imports of this file, with the file's text in place of that."""
    found = re.findall(
        rf"^from {re.escape(module)} import (\w+)(?: as (\w+))?\n", str(node.params["source"]), re.M
    )
    if not found:
        return node
    own = re.sub(rf"^from {re.escape(module)} import .*\n", "", str(node.params["source"]), flags=re.M)
    before = max((_until(name, text) for name, _ in found), key=len)
    renamed = "".join(f"\n{alias} = {name}\n" for name, alias in found if alias)
    source = f"{before}\n{renamed}\n{own}"
    trust().add(source, keep=False)
    return replace(node, params={**node.params, "source": source})


def _until(name: str, text: str) -> str:
    """A file up to the end of a class or function: what it needs stands before it."""
    named = (one for one in ast.parse(text).body if isinstance(one, ast.ClassDef | ast.FunctionDef))
    ends = [one.end_lineno for one in named if one.name == name]
    lines = text.splitlines()[: ends[0]] if ends else []
    return "\n".join(lines) + "\n"
