"""Activations: non-linear functions, applied to every value alone or along one dimension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from studio.catalog import initial, shape_rules
from studio.catalog.adapting import adaptable
from studio.catalog.registry import Example, Layer, always, first
from studio.project.params import Bool, Choice, Float, Int, Param

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
DIM = Int("dim", -1, "The dimension along which the values belong together (-1 is the last)", essential=True)
ARXIV = "https://arxiv.org/abs/"


def activation(
    type: str,
    doc: str,
    *params: Param,
    formula: str,
    use: str,
    paper: str = "",
    keywords: tuple[str, ...] = (),
    follows: tuple[str, ...] = ("Linear", "Conv2d"),
    varies: Literal["never", "training"] = "never",
) -> Layer:
    """An activation of torch.nn: the shape stays."""
    return Layer(
        type=type,
        category="Activation",
        doc=doc,
        target=f"torch.nn.{type}",
        params=params,
        shape=shape_rules.along if DIM in params else shape_rules.same,
        example=Example({"input": ((2, 6),)}, low=-2.0),
        url=f"{DOCS}{type}.html",
        keywords=("nonlinearity", *keywords),
        varies=varies,
        formula=formula,
        use=use,
        follows=follows,
        paper=ARXIV + paper if paper else "",
    )


def slopes(layer: Layer, values: Mapping[str, Any]) -> Layer:
    """PReLU with one slope, or one for each channel."""
    derived = {"num_parameters": first("input", 1) if values["per_channel"] else always(1)}
    return replace(layer, derived=derived)


PRELU = replace(
    activation(
        "PReLU",
        "Like LeakyReLU, but the slope of the negative side is learned.",
        Float("init", 0.25, "The slope to start with"),
        formula="y = max(x, 0) + a·min(x, 0), a learned",
        use="Where ReLU loses too much and there are enough samples to learn the slope; in super-resolution.",
        paper="1502.01852",
        keywords=("rectifier", "parametric"),
    ),
    options=(
        Bool("per_channel", False, "Whether every channel (dimension 1) has a slope of its own"),
        *initial.learning(),
    ),
    shape=shape_rules.slopes,
)

ACTIVATION: tuple[Layer, ...] = (
    activation(
        "ReLU",
        "Keeps what is positive and zeroes the rest.",
        formula="y = max(x, 0)",
        use="The first choice behind convolutions and Linear layers: fast, and gradients pass unchanged.",
        keywords=("rectifier",),
        follows=("Conv2d", "Linear", "MaxPool2d"),
    ),
    activation(
        "GELU",
        "x·Φ(x) with the normal distribution Φ: a smooth ReLU.",
        Choice("approximate", "none", "Exact, or by tanh", options=("none", "tanh"), advanced=True),
        formula="y = x·Φ(x) ≈ x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))",
        use="Usual in Transformers and in networks built like them.",
        paper="1606.08415",
        keywords=("gaussian", "transformer"),
        follows=("Linear", "Dropout"),
    ),
    activation(
        "SiLU",
        "x·sigmoid(x): smooth, and slightly negative before zero.",
        formula="y = x / (1 + e⁻ˣ)",
        use="In newer image networks such as EfficientNet and in diffusion models.",
        paper="1702.03118",
        keywords=("swish",),
    ),
    activation(
        "LeakyReLU",
        "Like ReLU, but negative values keep a small slope.",
        Float("negative_slope", 0.01, "Slope of the negative side"),
        formula="y = max(x, 0) + negative_slope·min(x, 0)",
        use="Where ReLU leaves units that never answer again; usual in discriminators, with 0.2.",
        keywords=("rectifier",),
    ),
    activation(
        "Sigmoid",
        "Squeezes every value into 0 to 1.",
        formula="y = 1 / (1 + e⁻ˣ)",
        use="For gates, and for chances of yes or no as a result. Not before BCEWithLogits, which has it "
        "inside, nor between layers, where gradients fade.",
        keywords=("logistic", "gate", "probability"),
        follows=("Multiply", "Output"),
    ),
    activation(
        "Tanh",
        "Squeezes every value into −1 to 1.",
        formula="y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",
        use="For results that lie between −1 and 1, such as generated images, and in recurrent networks.",
        keywords=("hyperbolic",),
        follows=("Linear", "Output"),
    ),
    activation(
        "Softmax",
        "Turns scores into shares that add up to 1.",
        DIM,
        formula="y[i] = e^x[i] / Σ_j e^x[j]",
        use="For chances of classes as a result, and for weights of attention. Not before CrossEntropy, "
        "which has it inside.",
        keywords=("probability", "classes"),
        follows=("Output", "MatMul"),
    ),
    activation(
        "LogSoftmax",
        "The logarithm of Softmax.",
        DIM,
        formula="y[i] = x[i] − log Σ_j e^x[j]",
        use="Before the NLL loss; more exact than Softmax and a logarithm.",
        keywords=("probability", "classes"),
        follows=("NLL",),
    ),
    activation(
        "ELU",
        "Like ReLU, but negative values bend smoothly towards −alpha.",
        Float("alpha", 1.0, "What large negative values become, but for the sign"),
        formula="y = x for x > 0, alpha·(eˣ − 1) otherwise",
        use="Keeps the mean near zero, so that networks without normalization train faster.",
        paper="1511.07289",
        keywords=("exponential",),
    ),
    activation(
        "SELU",
        "ELU with two constants that keep mean 0 and variance 1 through many layers.",
        formula="y = 1.0507·(x for x > 0, 1.6733·(eˣ − 1) otherwise)",
        use="In deep plain networks of Linear layers without normalization; with AlphaDropout, and weights "
        "that start by kaiming_normal.",
        paper="1706.02515",
        keywords=("self-normalizing",),
        follows=("AlphaDropout", "Linear"),
    ),
    activation(
        "Mish",
        "x·tanh(softplus(x)): smooth, much like SiLU.",
        formula="y = x·tanh(log(1 + eˣ))",
        use="In place of SiLU in image networks, as YOLO does.",
        paper="1908.08681",
    ),
    activation(
        "Hardswish",
        "SiLU made of straight lines: as good, and cheaper.",
        formula="y = x·min(max(x + 3, 0), 6) / 6",
        use="In networks for phones, such as MobileNetV3.",
        paper="1905.02244",
        keywords=("mobile", "silu"),
    ),
    activation(
        "ReLU6",
        "ReLU that stops at 6.",
        formula="y = min(max(x, 0), 6)",
        use="In networks that later compute with few bits, such as MobileNetV2.",
        paper="1801.04381",
        keywords=("rectifier", "mobile"),
    ),
    adaptable(PRELU, slopes),
    replace(
        activation(
            "GLU",
            "Splits a dimension into halves and lets the second decide how much of the first passes.",
            DIM,
            formula="y = a·sigmoid(b), with a and b the halves of x",
            use="In convolutional and Transformer networks for sequences; the layer before it gives twice "
            "the channels.",
            paper="1612.08083",
            keywords=("gate", "gated linear unit", "halves"),
        ),
        shape=shape_rules.halved,
    ),
    activation(
        "Softplus",
        "A smooth ReLU whose result is always positive.",
        Float("beta", 1.0, "How sharp the bend is", low=1e-6),
        Float("threshold", 20.0, "Above this, beta·x counts as straight", advanced=True),
        formula="y = log(1 + e^(beta·x)) / beta",
        use="For results that must be positive, such as a variance or a rate.",
        keywords=("positive",),
        follows=("Output", "Multiply"),
    ),
    activation(
        "Hardsigmoid",
        "Sigmoid made of straight lines.",
        formula="y = min(max(x/6 + 1/2, 0), 1)",
        use="For gates in networks for phones, such as the squeeze-and-excitation of MobileNetV3.",
        paper="1905.02244",
        keywords=("gate", "mobile"),
        follows=("Multiply",),
    ),
    replace(
        activation(
            "Hardtanh",
            "Cuts off below and above.",
            Float("min_val", -1.0, "The least value", essential=True),
            Float("max_val", 1.0, "The largest value", essential=True),
            formula="y = min(max(x, min_val), max_val)",
            use="Keeps values within bounds that are known.",
            keywords=("clamp", "clip"),
        ),
        shape=shape_rules.bounded,
    ),
    activation(
        "CELU",
        "ELU whose slope is continuous for every alpha.",
        Float("alpha", 1.0, "What large negative values become, but for the sign", low=1e-6),
        formula="y = max(x, 0) + min(alpha·(e^(x/alpha) − 1), 0)",
        use="In place of ELU where alpha is not 1.",
        paper="1704.07483",
        keywords=("exponential",),
    ),
    activation(
        "RReLU",
        "LeakyReLU whose slope is drawn at random in training, and their mean afterwards.",
        Float("lower", 0.125, "The least slope"),
        Float("upper", 1 / 3, "The largest slope"),
        formula="y = max(x, 0) + a·min(x, 0), with a between lower and upper",
        use="Where a network learns small data sets by heart.",
        paper="1505.00853",
        keywords=("rectifier", "random"),
        varies="training",
    ),
    activation(
        "LogSigmoid",
        "The logarithm of Sigmoid.",
        formula="y = −log(1 + e⁻ˣ)",
        use="In losses written by hand; more exact than Sigmoid and a logarithm.",
    ),
    activation(
        "Softsign",
        "Squeezes every value into −1 to 1, more gently than Tanh.",
        formula="y = x / (1 + |x|)",
        use="In place of Tanh where values are often large.",
    ),
    activation(
        "Softmin",
        "Softmax of the negative scores: the smallest gets the largest share.",
        DIM,
        formula="y[i] = e^−x[i] / Σ_j e^−x[j]",
        use="To turn distances into shares.",
        keywords=("probability", "distance"),
        follows=("MatMul", "Output"),
    ),
    activation(
        "Tanhshrink",
        "What Tanh takes away.",
        formula="y = x − tanh(x)",
        use="In sparse coding; small values become smaller still.",
        keywords=("shrinkage",),
    ),
    activation(
        "Softshrink",
        "Zeroes small values and moves the others towards zero.",
        Float("lambd", 0.5, "Up to which size values become zero", low=0.0),
        formula="y = sign(x)·max(|x| − lambd, 0)",
        use="In sparse coding and for removing noise.",
        keywords=("shrinkage", "sparse"),
    ),
    activation(
        "Hardshrink",
        "Zeroes small values and keeps the others.",
        Float("lambd", 0.5, "Up to which size values become zero", low=0.0),
        formula="y = x where |x| > lambd, 0 elsewhere",
        use="In sparse coding, where the values that stay should not shrink.",
        keywords=("shrinkage", "sparse"),
    ),
    activation(
        "Threshold",
        "Keeps what lies above a threshold and puts one value in place of the rest.",
        Float("threshold", 0.0, "Above which values stay", essential=True),
        Float("value", 0.0, "What the others become", essential=True),
        formula="y = x where x > threshold, value elsewhere",
        use="To cut off what is too weak to count.",
    ),
)
