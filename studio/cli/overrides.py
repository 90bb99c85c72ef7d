"""`--set key=value`: changes of a project, every value checked by the declaration it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from studio.catalog.registry import Component, registry
from studio.catalog.settings import DATA, TRAINING
from studio.cli.say import UsageError
from studio.project import edits
from studio.project.params import Bool, Choices, Float, Int, Ints, Param, Sizes, Value
from studio.project.project import Project, Setting

ON, OFF = ("on", "true", "yes", "1"), ("off", "false", "no", "0")
NOTHING = ("", "none", "nothing", "null")


def with_overrides(project: Project, assignments: Iterable[str]) -> Project:
    """The project with every `key=value` applied in order. Raises UsageError."""
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"{assignment}: expected key=value", "For example --set optimizer.lr=0.01")
        project = _assigned(project, key.strip(), text.strip())
    return project


def _assigned(project: Project, key: str, text: str) -> Project:
    head, dot, name = key.partition(".")
    if head == "training" and dot:
        return edits.set_training(project, **{name: _value(TRAINING, key, name, text)})
    if head == "data" and dot:
        return _with_data(project, key, name, text)
    if head == "optimizer":
        setting = _setting("optimizer", project.training.optimizer, key, name, text)
        return edits.set_optimizer(project, setting)
    if head == "schedule":
        return edits.set_schedule(project, _setting("schedule", project.training.schedule, key, name, text))
    return _with_node(project, key, text)


def _with_data(project: Project, key: str, name: str, text: str) -> Project:
    if any(param.name == name for param in DATA):
        return edits.set_data(project, **{name: _value(DATA, key, name, text)})
    source = project.data.source
    if name == "source":
        return edits.set_source(project, _setting("source", source, key, "", text))
    component = registry().component("source", source.type)
    params = component.params if component else ()
    value = _value((*DATA, *params), key, name, text)
    return edits.set_source(project, Setting(source.type, {**source.params, name: value}, source.extra))


def _setting(
    kind: Literal["optimizer", "schedule", "source"], setting: Setting, key: str, name: str, text: str
) -> Setting:
    """Another component of the kind where no parameter is named; else the same one with the parameter set."""
    if not name:
        return Setting(_component(kind, text, key).type)
    params = _component(kind, setting.type, key).params
    return Setting(setting.type, {**setting.params, name: _value(params, key, name, text)}, setting.extra)


def _component(kind: Literal["optimizer", "schedule", "source"], type: str, key: str) -> Component:
    found = registry().component(kind, type)
    if found is None:
        known = ", ".join(one.type for one in registry().components(kind))
        raise UsageError(f"{key}: there is no {kind} {type}", f"There are: {known}")
    return found


def _with_node(project: Project, key: str, text: str) -> Project:
    node_name, _, name = key.rpartition(".")
    node = project.graph.nodes.get(node_name)
    if node is None:
        known = ", ".join(("training", "data", "optimizer", "schedule", *sorted(project.graph.nodes)))
        raise UsageError(f"{key}: the project has no node {node_name or key}", f"There are: {known}")
    layer = registry().layer(node.type)
    if layer is None:
        raise UsageError(f"{key}: the layer {node.type} is unknown here, and so are its parameters")
    return edits.set_params(project, node_name, {name: _value(layer.all_params, key, name, text)})


def _value(params: Iterable[Param], key: str, name: str, text: str) -> Value:
    found = {param.name: param for param in params}
    if name not in found:
        known = f"There are: {', '.join(found)}" if found else "There are none to set."
        raise UsageError(f"{key}: there is no setting {name}", known)
    try:
        return found[name].check(_read(found[name], text))
    except ValueError as error:
        raise UsageError(f"{key}={text}: {error}") from error


def _read(param: Param, text: str) -> Value:
    """What a text says for a parameter; a text that says nothing sensible is left for the check to refuse."""
    if isinstance(param, Bool):
        return True if text.lower() in ON else False if text.lower() in OFF else text
    if isinstance(param, Choices):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if isinstance(param, Int | Float | Ints) and text.lower() in NOTHING:
        return None
    if isinstance(param, Ints) and not isinstance(param, Sizes) and text not in param.words:
        parts = tuple(_number(part.strip()) for part in text.strip("()[]").replace("x", ",").split(","))
        return parts[0] if len(parts) == 1 else parts
    return _number(text) if isinstance(param, Int | Float) else text


def _number(text: str) -> Value:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
