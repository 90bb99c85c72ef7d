"""What modules repeat is drawn once: blocks as the modules are nested, with the same results and weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from studio.build.check import Checker
from studio.interchange.folding.folding import folded, measured
from studio.interchange.imported import Imported
from studio.interchange.modules.importing import import_module
from studio.interchange.pytorch.source import to_pytorch
from studio.project.graph import Node


class Residual(nn.Module):
    def __init__(self, inputs: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.act = nn.ReLU()
        self.skip = nn.Conv2d(inputs, width, 1, stride) if inputs != width else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.conv(x))
        return self.act(y + (x if self.skip is None else self.skip(x)))


def stage(inputs: int, width: int, depth: int) -> nn.Sequential:
    rest = (Residual(width, width) for _ in range(depth - 1))
    return nn.Sequential(Residual(inputs, width, 2), *rest)


class Staged(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.stage1, self.stage2 = stage(4, 8, 3), stage(8, 16, 4)
        self.stage3 = stage(16, 32, 2)
        self.head = nn.Linear(32, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stage3(self.stage2(self.stage1(self.stem(x))))
        return self.head(x.mean((2, 3)))


class Layer(nn.Module):
    def __init__(self, width: int, share: float = 0.1) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.value, self.gate = nn.Linear(width, width), nn.Linear(width, width)
        self.drop = nn.Dropout(share)

    def forward(self, mask: Tensor, x: Tensor) -> Tensor:
        y = self.norm(x)
        return x + self.drop(self.value(y) * torch.sigmoid(self.gate(y)) * mask)


class Masked(nn.Module):
    """What repeats takes a second tensor that stays, and before the one that goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Layer(8) for _ in range(4)])

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(mask, x)
        return x


class Tapped(nn.Module):
    """The second of four equal layers is also a result."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Layer(8) for _ in range(4)])

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        seen: list[Tensor] = []
        for layer in self.layers:
            x = layer(mask, x)
            seen.append(x)
        return seen[1], x


class Alike(nn.Module):
    """The same layers with another share of dropout in each."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Layer(8, at / 10) for at in range(1, 4)])

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(mask, x)
        return x


class Twice(nn.Module):
    """The same layer, with the same weights, two times."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = Layer(8)
        self.token = nn.Parameter(torch.randn(8))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return self.layer(mask, self.layer(mask, x + self.token))


def brought(module: nn.Module, *shapes: tuple[int, ...]) -> Imported:
    torch.manual_seed(3)
    for one in module.modules():
        if isinstance(one, nn.BatchNorm2d):
            nn.init.normal_(one.bias)
    flat = import_module(module, [torch.randn(2, *shape) for shape in shapes])
    whole = folded(flat)
    assert whole.largest_difference == 0.0 == measured(whole)
    assert len(whole.weights) == len(flat.weights)
    return whole


def nodes(imported: Imported, block: str | None = None) -> dict[str, Node]:
    project = imported.project
    found = project.graph.nodes if block is None else project.blocks[block].graph.nodes
    return {name: node for name, node in found.items() if node.type not in ("Input", "Output")}


def test_stages_of_residuals_are_blocks_within_blocks() -> None:
    whole = brought(Staged(), (3, 16, 16))
    main = nodes(whole)
    assert list(main) == ["stem", "stage1", "stage2", "stage3", "mean", "head"]
    assert {main[f"stage{at}"].type for at in (1, 2, 3)} == {"block:Stage"}
    assert [dict(main[f"stage{at}"].params) for at in (1, 2, 3)] == [
        {"out_channels": 8, "depth": 2},
        {"out_channels": 16, "depth": 3},
        {"out_channels": 32, "depth": 1},
    ]
    inside = nodes(whole, "Stage")
    assert [node.params.get("repeat") for node in inside.values()] == [None, "= depth"]
    residual = nodes(whole, "Residual")
    assert list(residual) == ["conv", "norm", "add", "act"]
    assert residual["conv"].params["out_channels"] == "= out_channels"
    keys = {key for key in whole.weights if key.endswith("conv.weight")}
    assert {"stage1.residual.0.conv.weight", "stage3.residual.conv.weight"} <= keys


def test_the_weights_lie_under_the_keys_of_the_exported_source_and_give_the_same() -> None:
    module = Staged().eval()
    whole = brought(module, (3, 16, 16))
    space: dict[str, Any] = {}
    plan = Checker().check(whole.project, {}).plan
    exec(compile(to_pytorch(whole.project, plan), "model.py", "exec"), space)
    made = [one for one in space.values() if isinstance(one, type) and issubclass(one, nn.Module)][-1]()
    made.load_state_dict(dict(whole.weights), strict=True)
    for batch in (1, 5):
        inputs = torch.randn(batch, 3, 16, 16)
        with torch.no_grad():
            assert torch.equal(made.eval()(inputs), module(inputs))


def test_what_stays_the_same_in_a_chain_comes_behind_what_goes_on() -> None:
    whole = brought(Masked(), (6, 8), (6, 8))
    (layer,) = nodes(whole).values()
    assert (layer.name, layer.type, dict(layer.params)) == ("layers", "block:Layer", {"repeat": 4})
    wires = {edge.target.port: edge.source.node for edge in whole.project.graph.incoming("layers")}
    assert wires == {"x": "x", "x1": "mask"}


def test_a_chain_ends_where_its_result_goes_elsewhere_too() -> None:
    whole = brought(Tapped(), (6, 8), (6, 8))
    assert [node.params.get("repeat") for node in nodes(whole).values()] == [2, 2]


def test_what_differs_is_an_argument_and_ends_a_chain() -> None:
    whole = brought(Alike(), (6, 8), (6, 8))
    assert [dict(node.params) for node in nodes(whole).values()] == [{"p": 0.1}, {"p": 0.2}, {"p": 0.3}]
    assert [one.name for one in whole.project.blocks["Layer"].arguments] == ["p"]


def test_weights_that_are_read_twice_stay_one() -> None:
    whole = brought(Twice(), (6, 8), (6, 8))
    assert whole.project.graph.nodes["token"].type == "Parameter"
    assert sum(key.startswith("value") or "value_weight" in key for key in whole.weights) <= 2


@pytest.mark.parametrize("wide", [2, 40])
def test_a_module_like_no_other_is_a_block_only_where_the_drawing_would_be_too_large(wide: int) -> None:
    body = nn.Sequential(*[nn.Linear(4, 4) if at % 2 else nn.Tanh() for at in range(wide)])
    whole = brought(nn.Sequential(body, nn.Linear(4, 2)), (4,))
    assert len(whole.project.blocks) == (wide > 24)
    assert len(nodes(whole)) == (wide + 1 if wide <= 24 else 2)
