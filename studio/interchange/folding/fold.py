"""Folding: calls of one form become one block, placed several times, from the innermost modules outwards."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.catalog.registry import Registry, values_of
from studio.interchange.folding.arguments import MOST, Given, given_of
from studio.interchange.folding.drawn import graph_of_form, held, names_of, ports_of
from studio.interchange.folding.forms import Form, fed_back, form_of, with_first
from studio.interchange.folding.items import Group, Item
from studio.interchange.folding.repeats import Ports, with_repeats
from studio.interchange.imported import ModulePath
from studio.project.block import PREFIX, Block
from studio.project.edits import name_for
from studio.project.graph import Endpoint, free_name
from studio.project.params import Value

MOST_ITEMS = 24
"""A drawing of up to so many nodes says more than one in which single modules are boxes."""
FEWEST = 2
"""A block has at least so many nodes."""
CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict", "Module"})


@dataclass(slots=True)
class _Kind:
    """Calls of one form, in the order in which they ran."""

    groups: list[Group]
    forms: list[Form]


class Folder:
    """Folds the tree of a model's calls; `blocks` are those that it made."""

    def __init__(
        self, readers: Mapping[Endpoint, Sequence[str]], classes: Mapping[ModulePath, str], known: Registry
    ) -> None:
        self._readers, self._classes, self._known = readers, classes, known
        self.blocks: dict[str, Block] = {}
        self._ports: dict[str, Ports] = {}

    def folded(self, tree: Group) -> list[Item]:
        """The items of the main drawing."""
        groups = [one for one in tree.groups() if one is not tree]
        for height in range(1, tree.height):
            kinds: dict[object, _Kind] = {}
            for group in (one for one in groups if one.height == height):
                form = self._form(group)
                kind = kinds.setdefault(form.key, _Kind([], []))
                kind.groups.append(group)
                kind.forms.append(form)
            for kind in sorted(kinds.values(), key=lambda one: len(one.forms[0].items)):
                self._fold_kind(kind)  # the plainest of a class has its bare name
        return self._items(tree)

    # ---- the items of one call

    def _form(self, group: Group) -> Form:
        group.items = self._items(group)
        return form_of(self._class(group), group.items, self._readers, self._settled)

    def _items(self, group: Group) -> list[Item]:
        """What a call did, what is within in its place: as blocks, or as it is where it is small."""
        opened = self._opened(group)
        found: list[Item] = []
        for child in group.children:
            if isinstance(child, Item):
                found.append(child)
            elif child.made is not None:
                found.append(child.made)
            elif id(child) in opened:
                found += [_named(one, child) for one in child.items]
            else:
                found.append(self._alone(child))
        joined = with_repeats(found, self._readers, self._ports)
        if len(joined) == 1 and group.title and not group.path[-1].isdigit():
            joined[0].name = group.title  # what is alone in its module has the module's name
        return joined

    def _opened(self, group: Group) -> set[int]:
        """The calls within whose items lie beside the others, smallest first, as long as there is room."""
        waiting = [one for one in group.children if isinstance(one, Group) and one.made is None]
        size = len(group.children) - len(waiting)
        opened: set[int] = set()
        for at, child in enumerate(sorted(waiting, key=lambda one: len(one.items))):
            rest = len(waiting) - at - 1
            if len(child.items) > FEWEST and size + len(child.items) + rest > MOST_ITEMS:
                break
            opened.add(id(child))
            size += len(child.items)
        return opened

    def _settled(self, item: Item) -> bool:
        """Whether no parameter of an item may differ within one block, since its ports follow from them."""
        layer = self._known.layer(item.type)
        return layer is not None and (layer.adapt is not None or item.type == "Constant")

    # ---- blocks

    def _fold_kind(self, kind: _Kind) -> None:
        few = len(kind.forms[0].items) < FEWEST or not kind.forms[0].outputs
        if len(kind.groups) < 2 or few or self._bare(kind):
            return
        for part in self._parts(kind):
            if len(part.groups) > 1:
                self._make(part)

    def _bare(self, kind: _Kind) -> bool:
        """Whether it is but a pair of layers in a container."""
        form = kind.forms[0]
        inner = sum(len(item.holds) for item in form.items)
        return inner <= FEWEST and self._classes.get(kind.groups[0].path, "Module") in CONTAINERS

    def _parts(self, kind: _Kind) -> list[_Kind]:
        """Calls with too much that differs apart, those that are alike together."""
        if len(self._given(kind).arguments) <= MOST:
            return [kind]
        parts: dict[str, _Kind] = {}
        for group, form in zip(kind.groups, kind.forms, strict=True):
            key = repr([sorted(item.params.items()) for item in form.items])
            part = parts.setdefault(key, _Kind([], []))
            part.groups.append(group)
            part.forms.append(form)
        return list(parts.values())

    def _alone(self, group: Group) -> Item:
        """A call like no other as a block."""
        form = form_of(self._class(group), group.items, self._readers, self._settled)
        self._make(_Kind([group], [form]))
        assert group.made is not None
        return group.made

    def _given(self, kind: _Kind) -> Given:
        first = kind.forms[0]
        params = [[one.params for one in form.items] for form in kind.forms]
        return given_of(names_of(first), params, lambda at, key: self._default(first.items[at], key))

    def _make(self, kind: _Kind) -> None:
        """A block of a form, and an item that places it for each call."""
        order = fed_back(kind.forms)
        forms = [with_first(form, order) for form in kind.forms]
        given, names = self._given(kind), names_of(forms[0])
        block = free_name(self._class(kind.groups[0]), {*self.blocks, *self._known.layers})
        ports = ports_of(forms[0], names)
        doc = f"{self._class(kind.groups[0])}, as {'.'.join(kind.groups[0].path)} is one."
        self.blocks[block] = Block(graph_of_form(forms[0], names, given, ports), given.arguments, doc)
        self._ports[PREFIX + block] = ports
        for group, form, params in zip(kind.groups, forms, given.uses, strict=True):
            group.made = Item(
                group.title if not group.path[-1].isdigit() else "",
                PREFIX + block,
                params,
                tuple((port, 0, end) for port, end in zip(ports.inputs, form.inputs, strict=True)),
                dict(zip(form.outputs, ports.outputs, strict=True)),
                held(names, form.items),
            )

    def _default(self, item: Item, key: str) -> Value:
        """What a parameter is where it is not set."""
        if item.type in self._ports:
            block = self.blocks[item.type.removeprefix(PREFIX)]
            own: dict[str, Value] = {"repeat": 1}
            return {**own, **{one.name: one.default for one in block.arguments}}.get(key)
        layer = self._known.layer(item.type)
        return values_of(layer.all_params, {}).get(key) if layer else None

    def _class(self, group: Group) -> str:
        """What a call is called: its class, or where that is a mere container its attribute."""
        name = self._classes.get(group.path, "").strip("_")
        words = re.split(r"[_\W]+", group.title.rstrip("0123456789"))
        title = "".join(word[:1].upper() + word[1:] for word in words)
        wanted = (title or name or "Part") if not name or name in CONTAINERS else name
        return wanted[:1].upper() + wanted[1:]


def _named(item: Item, group: Group) -> Item:
    """An item of a call that is no box of its own: what has but a number there is called by the module."""
    plain = not item.name.strip("0123456789_") and not item.type.startswith(PREFIX)
    if plain and not group.path[-1].isdigit() and len(group.items) > 1:
        item.name = f"{group.path[-1]}_{name_for(item.type)}"
    return item
