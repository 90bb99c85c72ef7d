"""A piece of PyTorch code as nodes: nn.Sequential(…), and lines such as self.conv1 = nn.Conv2d(…)."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator

from studio.catalog.plugging import first_output, plugged
from studio.catalog.registry import Registry
from studio.errors import StudioError
from studio.interchange.pasted.calls import Catalog, made
from studio.interchange.pasted.flow import STEP, Flow
from studio.interchange.pasted.piece import Piece
from studio.interchange.pasted.text import NOT_READ, dotted, parsed, refused, said
from studio.interchange.pasted.values import Values
from studio.project.edits import name_for
from studio.project.graph import Graph, Node, free_name
from studio.project.project import Project

ROWS = frozenset({"Sequential", "ModuleList", "ModuleDict"})
TABLES = frozenset({"OrderedDict", "dict"})


def read_code(text: str, known: Registry, names: Collection[str] = ()) -> Graph:
    """The layers that a piece of code makes: wired as forward calls them where the text has that, else in a
    row, each after the one before.

    `names` are those that formulas can read where the nodes will be. The text is never run. Raises
    StudioError that says which line cannot be read, and why; then nothing of the text is drawn.
    """
    reader = Reader(known, names)
    reader.read(parsed(text).body)
    if reader.flow.project.graph.nodes:
        return reader.flow.project.graph
    if not reader.pieces:
        raise StudioError("The text makes no layer.", NOT_READ)
    return _in_a_row(reader.pieces, known)


def _in_a_row(pieces: Iterable[Piece], known: Registry) -> Graph:
    project, row = Project(), list[str]()
    for place, piece in enumerate(pieces):
        name = free_name(piece.name or name_for(piece.type), project.graph.nodes)
        node = Node(name, piece.type, piece.params, (place * STEP, 0.0))
        project = project.with_graph(project.graph.with_nodes(node))
        source = first_output(project, known, row[-1]) if row else None
        project = (plugged(project, known, source, name) if source else None) or project
        row.append(name)
    return project.graph


class Reader:
    """Collects the layers of a text, statement by statement."""

    def __init__(self, known: Registry, names: Collection[str] = ()) -> None:
        self.catalog = Catalog(known)
        self.values = Values(names)
        self.pieces: list[Piece] = []
        self._modules: dict[str, list[Piece]] = {}
        self.flow = Flow(known, self.catalog, self.values, self._modules)

    def read(self, body: Iterable[ast.stmt]) -> None:
        """Read statements in their order."""
        for statement in body:
            inner = isinstance(statement, ast.ClassDef | ast.FunctionDef)
            if not inner and self.flow.follows(statement):
                self.flow.read([statement])
            else:
                self._statement(statement)

    def _function(self, function: ast.FunctionDef) -> None:
        given = function.args.args
        if function.name == "forward":
            self.flow.tensors.update(dict.fromkeys(one.arg for one in given[1:]))
            self.flow.read(function.body)
            return
        defaults = function.args.defaults
        for argument, default in zip(given[len(given) - len(defaults) :], defaults, strict=True):
            self.values.take(argument.arg, default)
        self.read(function.body)

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Import() | ast.ImportFrom():
                self._import(statement)
            case ast.ClassDef(body=body):
                self.read(body)
            case ast.FunctionDef(name="__init__" | "forward"):
                self._function(statement)
            case ast.Assign(targets=[target], value=value):
                self._assign(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, value)
            case ast.Expr(value=value):
                self._expression(value)
            case ast.Pass() | ast.AnnAssign():
                pass
            case _:
                raise _unread(statement)

    def _import(self, statement: ast.Import | ast.ImportFrom) -> None:
        home = f"{statement.module}." if isinstance(statement, ast.ImportFrom) else ""
        for one in statement.names:
            if one.asname or home:
                self.catalog.aliases[one.asname or one.name] = home + one.name

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        name = dotted(target)
        if not name:
            raise refused(target, f"{said(target)} is not read")
        if not self.values.take(name, value):
            own = name.removeprefix("self.")
            found = list(self._layers(value, "" if "." in own else own))
            self.pieces.extend(found)
            self._modules[name] = found

    def _expression(self, value: ast.expr) -> None:
        prints = isinstance(value, ast.Constant) and isinstance(value.value, str)  # what a class is for
        if not prints and not _calls_parent(value):
            self.pieces.extend(self._layers(value))

    def _layers(self, node: ast.expr, name: str = "") -> Iterator[Piece]:
        """The layers that an expression makes, from first to last."""
        match node:
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                yield from self._several(parts)
            case ast.Dict(keys=keys, values=parts):
                yield from self._table(zip(keys, parts, strict=True))
            case ast.Call(args=[], keywords=[_, *_] as parts) if _is_printed(parts):
                yield from self._table((ast.Constant(one.arg or ""), one.value) for one in parts)
            case ast.Call(func=func, args=args) if _last(func) in ROWS:
                yield from self._several(args)
            case ast.Call(func=func, args=args) if _last(func) in TABLES:
                yield from self._pairs(node, args)
            case ast.ListComp() | ast.GeneratorExp() | ast.Starred():
                raise refused(node, f"{said(node)} is not read", "Write the layers out one after another.")
            case _:
                yield Piece(name, *made(node, self.catalog, self.values))

    def _several(self, parts: Iterable[ast.expr]) -> Iterator[Piece]:
        for part in parts:
            yield from self._layers(part.value if isinstance(part, ast.Starred) else part)

    def _table(self, pairs: Iterable[tuple[ast.expr | None, ast.expr]]) -> Iterator[Piece]:
        for key, part in pairs:
            named = isinstance(key, ast.Constant) and isinstance(key.value, str)
            name = str(key.value) if named and isinstance(key, ast.Constant) else ""
            yield from self._layers(part, "" if name.startswith("_") else name)

    def _pairs(self, node: ast.Call, args: list[ast.expr]) -> Iterator[Piece]:
        """OrderedDict([("conv", nn.Conv2d(…)), …]), or keywords in place of the list."""
        given = [(ast.Constant(one.arg or ""), one.value) for one in node.keywords]
        for argument in args:
            if isinstance(argument, ast.Dict):
                given += [(ast.Constant(""), argument)]
                continue
            for pair in argument.elts if isinstance(argument, ast.List | ast.Tuple) else [argument]:
                if not isinstance(pair, ast.Tuple | ast.List) or len(pair.elts) != 2:
                    raise refused(pair, f"{said(pair)} is no pair of a name and a layer")
                given.append((pair.elts[0], pair.elts[1]))  # pyright: ignore[reportArgumentType]
        yield from self._table(given)


def _unread(statement: ast.stmt) -> StudioError:
    match statement:
        case ast.FunctionDef(name=name):
            hint = "Leave it out: the layers are wired one after another, and you can rewire them."
            return refused(statement, f"what {name} does is not read", hint)
        case ast.For() | ast.While():
            return refused(statement, "a loop is not read", "Write the layers out one after another.")
        case _:
            return refused(statement, f"{ast.unparse(statement)[:40]} is not read")


def _is_printed(parts: list[ast.keyword]) -> bool:
    """Whether a call's keywords are layers, as in a network that was printed."""
    return all(isinstance(one.value, ast.Call) and one.arg for one in parts)


def _last(node: ast.expr) -> str:
    return dotted(node).rpartition(".")[2]


def _calls_parent(node: ast.expr) -> bool:
    """super().__init__()"""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__")):
            return True
        case _:
            return False
