"""Large drawings to measure on: residual networks and Transformers of any depth, as projects."""

from __future__ import annotations

from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.params import Value
from studio.project.project import Project

FIELDS = {
    "image": Field("image", (1, 8, 8)),
    "photo": Field("photo", (3, 64, 64)),
    "words": Field("words", (32,), "int64", low=0.0, high=99.0),
    "label": Field("label", (), "int64", tuple("0123456789"), "target"),
}


class Sheet:
    """A drawing in the making: `add` places a node behind others and returns its name."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []

    def add(self, name: str, type: str, *sources: str, **params: Value) -> str:
        """Place a node; several sources go to a port that takes several."""
        position = (len(self.nodes) % 40 * 220.0, len(self.nodes) // 40 * 160.0)
        self.nodes[name] = Node(name, type, params, position)
        port = {"Add": "inputs", "MultiheadAttention": "query", "CrossEntropy": "prediction"}.get(
            type, "input"
        )
        for index, source in enumerate(sources):
            self.edges.append(Edge(Endpoint(source, "output"), Endpoint(name, port, index)))
        return name

    def ended(self, last: str, title: str) -> Project:
        """Ten classes and their loss behind the last node."""
        self.add("loss", "CrossEntropy", self.add("scores", "Linear", last, out_features=10))
        return Project(title, Graph(self.nodes, tuple(self.edges)))


def tower(count: int) -> Project:
    """Residual blocks of convolution, norm and activation: about `count` nodes and 8/7 as many wires."""
    sheet = Sheet()
    stem = sheet.add("stem", "Conv2d", sheet.add("image", "Input", field="image"), out_channels=16, padding=1)
    last = sheet.add("stem_relu", "ReLU", stem)
    for k in range((count - 6) // 7):
        x = sheet.add(f"conv{k}a", "Conv2d", last, out_channels=16 + k % 7, padding=1, bias=False)
        x = sheet.add(f"relu{k}a", "ReLU", sheet.add(f"norm{k}a", "BatchNorm2d", x))
        x = sheet.add(f"conv{k}b", "Conv2d", x, out_channels=16, padding=1, bias=False)
        x = sheet.add(f"norm{k}b", "BatchNorm2d", x)
        last = sheet.add(f"relu{k}b", "ReLU", sheet.add(f"add{k}", "Add", x, last))
    return sheet.ended(sheet.add("flat", "Flatten", last), f"tower of {count}")


def resnet50() -> Project:
    """He et al. 2015: bottlenecks of 1×1, 3×3 and 1×1 convolutions in four stages of 3, 4, 6 and 3."""
    sheet = Sheet()
    image = sheet.add("image", "Input", field="photo")
    last = sheet.add("stem", "Conv2d", image, out_channels=64, kernel_size=7, stride=2, padding=3, bias=False)
    last = sheet.add("stem_relu", "ReLU", sheet.add("stem_norm", "BatchNorm2d", last))
    last = sheet.add("pool", "MaxPool2d", last, kernel_size=3, stride=2, padding=1)
    for stage, (blocks, width) in enumerate(zip((3, 4, 6, 3), (64, 128, 256, 512), strict=True)):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            last = _bottleneck(sheet, f"s{stage}b{block}", last, width, stride, first=not block)
    mean = sheet.add("mean", "AdaptiveAvgPool2d", last)
    return sheet.ended(sheet.add("flat", "Flatten", mean), "ResNet-50")


def _bottleneck(sheet: Sheet, name: str, last: str, width: int, stride: int, first: bool) -> str:
    x = last
    for part, (size, kernel, step) in enumerate(((width, 1, 1), (width, 3, stride), (4 * width, 1, 1))):
        x = sheet.add(f"{name}conv{part}", "Conv2d", x, out_channels=size, kernel_size=kernel, stride=step,
                      padding=kernel // 2, bias=False)  # fmt: skip
        x = sheet.add(f"{name}norm{part}", "BatchNorm2d", x)
        x = sheet.add(f"{name}relu{part}", "ReLU", x) if part < 2 else x
    skip = last
    if first:
        skip = sheet.add(
            f"{name}skip", "Conv2d", last, out_channels=4 * width, kernel_size=1, stride=stride, bias=False
        )
        skip = sheet.add(f"{name}skipnorm", "BatchNorm2d", skip)
    return sheet.add(f"{name}relu", "ReLU", sheet.add(f"{name}add", "Add", x, skip))


def transformer(depth: int = 12) -> Project:
    """Vaswani et al. 2017: self-attention and a small network, each with a norm and a skip, `depth` times."""
    sheet = Sheet()
    last = sheet.add("embed", "Embedding", sheet.add("words", "Input", field="words"), num_embeddings=100)
    for k in range(depth):
        x = sheet.add(f"norm{k}a", "LayerNorm", last)
        x = sheet.add(f"attention{k}", "MultiheadAttention", x, num_heads=4)
        last = sheet.add(f"add{k}a", "Add", x, last)
        x = sheet.add(f"wide{k}", "Linear", sheet.add(f"norm{k}b", "LayerNorm", last), out_features=256)
        x = sheet.add(f"narrow{k}", "Linear", sheet.add(f"gelu{k}", "GELU", x), out_features=64)
        last = sheet.add(f"add{k}b", "Add", x, last)
    return sheet.ended(sheet.add("mean", "Mean", last, dim=1), "Transformer of 12 layers")
