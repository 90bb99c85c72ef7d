"""Linear (dense, fully connected) layers."""

from __future__ import annotations

from studio.catalog import initial, shape_rules
from studio.catalog.registry import Example, Layer, Port, first
from studio.project.params import Bool, Float, Int

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
FEATURES = Int("out_features", 64, "Size of the last dimension that comes out", low=1, essential=True)
BIAS = Bool("bias", True, "Whether to add a learned bias", advanced=True)

LINEAR: tuple[Layer, ...] = (
    Layer(
        type="Linear",
        category="Linear",
        doc="Multiplies the last dimension by a learned matrix and adds a bias.",
        target="torch.nn.Linear",
        params=(FEATURES, BIAS),
        options=initial.weights(norm=True),
        derived={"in_features": first("input", -1)},
        shape=shape_rules.linear,
        example=Example({"input": ((2, 5),)}, {"out_features": 3}),
        url=f"{DOCS}Linear.html",
        keywords=("dense", "fully connected", "perceptron", "projection"),
        formula="y = x·Wᵀ + b",
        use="Connects every input with every output: in tables, at the end of image networks, inside "
        "Transformers. As the last layer it gives one number per class or per value to predict.",
        follows=("ReLU", "Dropout", "CrossEntropy"),
    ),
    Layer(
        type="Bilinear",
        category="Linear",
        doc="Joins two tensors: every output is a learned weighting of all products of their features.",
        target="torch.nn.Bilinear",
        params=(FEATURES, BIAS),
        options=initial.weights(norm=True),
        inputs=(
            Port("input1", "The first tensor, …×features"),
            Port("input2", "The second tensor, the same but for the last dimension"),
        ),
        derived={"in1_features": first("input1", -1), "in2_features": first("input2", -1)},
        example=Example({"input1": ((2, 5),), "input2": ((2, 4),)}, {"out_features": 3}),
        url=f"{DOCS}Bilinear.html",
        keywords=("pair", "interaction", "product"),
        formula="y[k] = x₁ᵀ·A[k]·x₂ + b[k]",
        use="Where two things are compared or combined, such as a question and an answer. It has "
        "in1·in2·out weights: keep the features few.",
        follows=("ReLU", "Linear"),
    ),
    Layer(
        type="LoRALinear",
        category="Linear",
        doc="A Linear layer whose matrix stays as it is; two small matrices learn what to change about it.",
        target="studio.build.blocks.LoRALinear",
        params=(
            FEATURES,
            Int("rank", 8, "Inner size of the two small matrices", low=1, essential=True),
            Float("alpha", 16.0, "The change counts alpha / rank times", low=0.0),
            Float("dropout", 0.0, "Share of the change's input dropped in training", low=0.0, high=1.0,
                  advanced=True),
            BIAS,
        ),
        derived={"in_features": first("input", -1)},
        shape=shape_rules.linear,
        example=Example({"input": ((2, 5),)}, {"out_features": 3, "rank": 2, "dropout": 0.5}),
        url="https://arxiv.org/abs/2106.09685",
        keywords=("low rank", "adapter", "fine-tuning", "peft"),
        varies="training",
        formula="y = x·Wᵀ + b + (alpha / rank)·(x·Aᵀ)·Bᵀ",
        use="For fine-tuning: load trained weights into it, and only rank·(in + out) numbers learn. It "
        "starts out as the plain layer, since B starts at zero.",
        follows=("ReLU", "GELU", "Dropout"),
        paper="https://arxiv.org/abs/2106.09685",
    ),
)  # fmt: skip

IDENTITY: tuple[Layer, ...] = (
    Layer(
        type="Identity",
        category="Shape",
        doc="Passes its input on unchanged.",
        target="torch.nn.Identity",
        shape=shape_rules.same,
        example=Example({"input": ((2, 5),)}),
        url=f"{DOCS}Identity.html",
        keywords=("nothing", "pass", "skip", "placeholder"),
        formula="y = x",
        use="Gives a wire a name, or holds the place of a layer that may come later.",
    ),
)
