"""What a drawing demands of the sizes that the data leaves open, in words. No torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from studio.build.sizes import Dim, Requirement, TensorType
from studio.project import edits
from studio.project.project import Project

Requirements = Mapping[str, Requirement]


def sentences(requirements: Requirements) -> list[str]:
    """One sentence for all sizes of which the same is demanded: "H and W must be multiples of 16"."""
    groups: dict[Requirement, list[str]] = {}
    for name, requirement in requirements.items():
        groups.setdefault(requirement, []).append(name)
    return [
        f"{' and '.join(names)} {_demand(one, len(names) > 1)}{_exact(one)}" for one, names in groups.items()
    ]


def _exact(one: Requirement) -> str:
    between = one.exact % one.multiple == 0 and one.exact > one.multiple and one.least != one.most
    return f"; the sizes shown are those of multiples of {one.exact}" if between else ""


def _demand(one: Requirement, several: bool) -> str:
    if not one:
        return "may have any size"
    if one.least == one.most:
        return f"must be {one.least}"
    parts = [f"{'multiples' if several else 'a multiple'} of {one.multiple}"] if one.multiple > 1 else []
    if one.least > one.multiple and one.most is not None:
        parts.append(f"from {one.least} to {one.most}")
    elif one.least > one.multiple:
        parts.append(f"at least {one.least}")
    elif one.most is not None:
        parts.append(f"at most {one.most}")
    return "must be " + ", ".join(parts)


def of_input(type: TensorType, requirements: Requirements) -> dict[str, Requirement]:
    """The requirements of the open sizes of an Input, in the order of its dimensions."""
    names = [name for size in type.shape if isinstance(size, Dim) for name in sorted(size.open)]
    return {name: requirements[name] for name in names if name in requirements}


def unmet(
    field: str, type: TensorType, shape: Sequence[int], requirements: Requirements
) -> tuple[str, str] | None:
    """What is wrong with the size of a real tensor (batch left out), and what to do; None if nothing is."""
    for at, (size, got) in enumerate(zip(type.shape[1:], shape, strict=True), 1):
        for name in size.open if isinstance(size, Dim) else ():
            one = requirements.get(name)
            if one is None or one.met(got):
                continue
            axis = type.axis(at)
            sizes = "×".join(map(str, shape))
            nearest = " or ".join(map(str, one.nearest(got)))
            (demanded,) = sentences({axis: replace(one, exact=one.multiple)})
            return (
                f"{field} is {sizes}, and {axis} is {got}: here {demanded}",
                f"Resize, crop or pad {field} so that {axis} is {nearest}.",
            )
    return None


def settled(project: Project, fields: Iterable[str]) -> Project:
    """The project with the sizes that these fields of the data have in place of open ones."""
    known = frozenset(fields)
    for node in project.graph.nodes.values():
        if node.type == "Input" and "shape" in node.params and node.params.get("field") in known:
            project = edits.unset_params(project, node.name, ("shape",))
    return project
