"""An ONNX file as operators and known numbers. Nothing of it runs; what is wrong is one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.interchange.extras import needed
from studio.interchange.imported import ModulePath
from studio.interchange.onnx.operators import FLOW
from studio.interchange.onnx.origins import origins_of
from studio.interchange.onnx.values import Array, Held, Op
from studio.interchange.quiet import quiet

LARGEST = 2**31 - 1
"""Bytes of the file itself; weights beside it may be more."""
LARGEST_WEIGHTS = 16 * 2**30
MOST_OPERATORS = 20_000
STANDARD = ("", "ai.onnx")
NO_MODEL = "Choose an .onnx file that was written whole, such as by torch.onnx.export."
FREE = -1


@dataclass(frozen=True, slots=True)
class Asked:
    """An input of the graph: its sizes, each a number or a name, and ONNX's kind of number."""

    name: str
    shape: tuple[int | str, ...]
    kind: int


@dataclass(slots=True)
class Model:
    """What a file holds: `proto` is onnx's own value, `nodes` its operators in the order of `ops`."""

    proto: Any
    path: Path
    inputs: list[Asked]
    outputs: list[str]
    ops: list[Op]
    nodes: list[Any]
    held: dict[str, Held]
    classes: Mapping[ModulePath, str] = field(default_factory=dict)


def read_model(path: Path) -> Model:
    """Read a file. Raises StudioError that says what is wrong with it."""
    needed("onnx", "onnx")
    proto = _inlined(_loaded(path), path)
    graph = proto.graph
    _check_names(graph, path)
    if not graph.node:
        raise StudioError(f"{path}: expected a network, got a file without operators.", NO_MODEL)
    if len(graph.node) > MOST_OPERATORS:
        message = f"{path}: expected at most {MOST_OPERATORS:,} operators, got {len(graph.node):,}."
        raise StudioError(message, "Export a part of the network.")
    _refuse_flow(graph, path)
    held = dict(_initializers(graph, path))
    opsets = {one.domain or "": one.version for one in proto.opset_import}
    nodes = [node for node in graph.node if not _is_alias(node, held)]
    paths, classes = origins_of(nodes)
    ops = [_op(node, opsets, at, path) for at, (node, path) in enumerate(zip(nodes, paths, strict=True))]
    inputs = [_asked(one, path) for one in graph.input if one.name not in held]
    outputs = [one.name for one in graph.output]
    return Model(proto, path, inputs, outputs, ops, nodes, held, classes)


def _is_alias(node: Any, held: dict[str, Held]) -> bool:  # noqa: ANN401
    """Whether an operator but gives weights another name, under which they are held then too."""
    alias = node.op_type == "Identity" and node.domain in STANDARD and list(node.input)[:1]
    if not alias or alias[0] not in held or not node.output:
        return False
    held[node.output[0]] = Held(held[alias[0]].array, node.output[0])
    return True


def _loaded(path: Path) -> Any:  # noqa: ANN401
    import onnx
    from google.protobuf.message import DecodeError

    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise StudioError(f"{path}: expected at most 2 GB, got {size:,} bytes.", NO_MODEL)
        data = path.read_bytes()
    except OSError as error:
        hint = "Check the path." if isinstance(error, FileNotFoundError) else "Check the file and its rights."
        raise StudioError(f"{path}: cannot be read: {error.strerror or error}", hint) from error
    try:
        proto = onnx.load_model_from_string(data)
    except (DecodeError, ValueError, RuntimeError) as error:
        message = f"{path}: expected an ONNX network, got something else or a file that was cut off."
        raise StudioError(message, NO_MODEL) from error
    if not proto.ir_version or not proto.HasField("graph"):
        raise StudioError(f"{path}: expected an ONNX network, got something else.", NO_MODEL)
    return proto


def _inlined(proto: Any, path: Path) -> Any:  # noqa: ANN401
    """The model with its own functions written out."""
    if not proto.functions:
        return proto
    from onnx.inliner import inline_local_functions

    try:
        with quiet():
            return inline_local_functions(proto, convert_version=True)
    except Exception as error:
        message = f"{path}: its functions cannot be written out: {error}"
        raise StudioError(message, "Export the network without functions of its own.") from error


def _check_names(graph: Any, path: Path) -> None:  # noqa: ANN401
    """Names of a file that was changed by chance need not be text."""
    names = [one.name for one in (*graph.initializer, *graph.input, *graph.output)]
    for node in graph.node:
        names += [node.name, node.op_type, node.domain, *node.input, *node.output]
        names += [one.name for one in node.attribute]
    if not all(isinstance(name, str) for name in names):
        raise StudioError(f"{path}: expected names of text, got something else: it is damaged.", NO_MODEL)


def _refuse_flow(graph: Any, path: Path) -> None:  # noqa: ANN401
    for node in graph.node:
        if node.op_type in FLOW and node.domain in STANDARD:
            name = node.name or node.op_type
            message = f"{path}: {name} ({node.op_type}) decides or repeats by values, which no drawing can."
            raise StudioError(message, "Export the network without control flow, such as by tracing it.")


def _op(node: Any, opsets: Mapping[str, int], at: int, path: ModulePath) -> Op:  # noqa: ANN401
    from onnx import helper

    attributes: dict[str, Any] = {}
    for one in node.attribute:
        value = helper.get_attribute_value(one)
        attributes[one.name] = _plain(value)
    domain = "" if node.domain in STANDARD else node.domain
    return Op(
        type=node.op_type,
        name=node.name or f"{node.op_type.lower()}_{at}",
        inputs=list(node.input),
        outputs=list(node.output),
        attributes=attributes,
        domain=domain,
        opset=opsets.get(domain, 1),
        path=path,
    )


def _plain(value: Any) -> Any:  # noqa: ANN401
    from onnx import TensorProto, numpy_helper

    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, TensorProto):
        return None if value.data_location == TensorProto.EXTERNAL else numpy_helper.to_array(value)
    if isinstance(value, list | tuple) and value and isinstance(value[0], bytes):
        return [one.decode("utf-8", "replace") for one in value]
    return value


def _asked(value: Any, path: Path) -> Asked:  # noqa: ANN401
    kind = value.type.tensor_type
    if not value.type.HasField("tensor_type") or not kind.HasField("shape"):
        message = f"{path}: expected tensors of a known rank, got the input {value.name}, which has none."
        raise StudioError(message, "Export the network with the shapes of its inputs.")
    shape = tuple(
        dim.dim_value if dim.HasField("dim_value") else dim.dim_param or f"{value.name}_{at}"
        for at, dim in enumerate(kind.shape.dim)
    )
    return Asked(value.name, shape, kind.elem_type)


def _initializers(graph: Any, path: Path) -> Iterator[tuple[str, Held]]:  # noqa: ANN401
    total = 0
    if graph.sparse_initializer:
        message = f"{path}: expected plain weights, got sparse ones."
        raise StudioError(message, "Export the network with dense weights.")
    for one in graph.initializer:
        array = _array(one, path)
        total += array.nbytes
        if total > LARGEST_WEIGHTS:
            raise StudioError(f"{path}: its weights take more than 16 GB.", "Export a smaller network.")
        yield one.name, Held(array, one.name)


def _array(tensor: Any, path: Path) -> Array:  # noqa: ANN401
    """Numbers of the file, or of one beside it, which must lie in its own folder."""
    from onnx import TensorProto, numpy_helper

    try:
        if tensor.data_location == TensorProto.EXTERNAL:
            _check_beside(tensor, path)
        return numpy_helper.to_array(tensor, str(path.absolute().parent))
    except StudioError:
        raise
    except Exception as error:  # of many kinds, as the library pleases
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        message = f"{path}: the weights {tensor.name} cannot be read: {first}"
        raise StudioError(message, NO_MODEL) from error


def _check_beside(tensor: Any, path: Path) -> None:  # noqa: ANN401
    told = {one.key: one.value for one in tensor.external_data}
    folder, location = path.absolute().parent.resolve(), told.get("location", "")
    file = (folder / location).resolve()
    if not location or not file.is_relative_to(folder):
        message = f"{path}: the weights {tensor.name} are said to lie outside its folder ({location})."
        raise StudioError(
            message, "A file may only name weights beside it. Take it from where it was written."
        )
    if not file.is_file():
        message = f"{path}: the weights {tensor.name} should lie in {location} beside it, which is not there."
        raise StudioError(message, f"Copy {location} into the same folder.")
    end = int(told.get("offset", 0)) + int(told.get("length", 0))
    if end > file.stat().st_size:
        message = f"{path}: {location} was cut off: the weights {tensor.name} end behind it."
        raise StudioError(message, f"Copy {location} again.")
