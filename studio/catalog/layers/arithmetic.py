"""Arithmetic on tensors, value by value or as matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.catalog import initial, name_rules, shape_rules, tensor_rules
from studio.catalog.adapting import adaptable
from studio.catalog.registry import Example, Layer, Port, always, first
from studio.project.params import Bool, Choice, Float, Int, Text

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch."
COMPARISONS = {
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
    "equal": "==",
    "not_equal": "!=",
}
OTHER = Port("other", "A tensor to meet value by value; sizes of 1 are stretched")
INSTEAD = Port("other", "A tensor in place of the number", optional=True)


def each(name: str, doc: str, formula: str, use: str, *follows: str, keywords: tuple[str, ...] = ()) -> Layer:
    """A function of torch on every value by itself."""
    return Layer(
        type=name,
        category="Arithmetic",
        doc=doc,
        target=f"torch.{name.lower()}",
        source="{input}." + name.lower() + "()",
        shape=shape_rules.same,
        example=Example({"input": ((2, 3),)}),
        url=f"{DOCS}{name.lower()}.html",
        keywords=keywords,
        formula=formula,
        use=use,
        follows=follows,
    )


def _scale(layer: Layer, values: Mapping[str, Any]) -> Layer:
    if not values["learned"]:
        return layer
    size = always(1) if values["dim"] is None else first("input", values["dim"])
    return replace(
        layer,
        target="studio.build.blocks.LearnedScale",
        params=(*layer.params, layer.options[0]),
        options=layer.options[1:],
        derived={"size": size},
        source="",
    )


def _compare(layer: Layer, values: Mapping[str, Any]) -> Layer:
    return replace(layer, source=f"{{input}} {COMPARISONS[values['operator']]} {{other|value}}")


ARITHMETIC: tuple[Layer, ...] = (
    Layer(
        type="Subtract",
        category="Arithmetic",
        doc="Takes one tensor from another, value by value.",
        target="torch.sub",
        inputs=(Port("input", "The tensor to take from"), OTHER),
        joined="-",
        example=Example({"input": ((2, 3),), "other": ((2, 3),)}),
        url=f"{DOCS}sub.html",
        keywords=("minus", "difference", "sub"),
        formula="y = a − b",
        use="For the difference of two branches, as in comparing two codes.",
        follows=("Abs", "Norm", "Linear"),
    ),
    Layer(
        type="Divide",
        category="Arithmetic",
        doc="Divides one tensor by another, value by value.",
        target="torch.div",
        inputs=(Port("input", "The tensor to divide"), OTHER),
        joined="/",
        example=Example({"input": ((2, 3),), "other": ((2, 3),)}),
        url=f"{DOCS}div.html",
        keywords=("quotient", "ratio", "div"),
        formula="y = a / b",
        use="To normalize by a sum or norm; Clamp keeps the divisor away from 0.",
        follows=("MatMul", "Linear"),
    ),
    Layer(
        type="MatMul",
        category="Arithmetic",
        doc="The matrix product of two tensors' last two dimensions.",
        target="torch.matmul",
        inputs=(Port("input", "The left matrix, …×n×k"), Port("other", "The right matrix, …×k×m")),
        source="{input} @ {other}",
        shape=tensor_rules.matmul,
        names=name_rules.mixed,
        example=Example({"input": ((2, 3, 4),), "other": ((2, 4, 5),)}),
        url=f"{DOCS}matmul.html",
        keywords=("dot", "product", "attention", "bmm"),
        formula="yᵢⱼ = Σₖ aᵢₖ·bₖⱼ",
        use="Where both matrices come from the data; Linear where one is learned.",
        follows=("Softmax", "Scale", "Add"),
    ),
    Layer(
        type="Einsum",
        category="Arithmetic",
        doc="Sums products of values over the dimensions whose letters are missing in the result.",
        target="studio.build.blocks.einsum",
        params=(
            Text("equation", "bij,bjk->bik", "A letter for each dimension of each tensor, and of the result",
                 essential=True),
        ),
        inputs=(
            Port("input", "The first tensor"),
            Port("other", "The second tensor", optional=True),
            Port("third", "A third tensor", optional=True),
        ),
        source="torch.einsum({equation}, {inputs})",
        names=name_rules.forgotten,
        example=Example({"input": ((2, 3, 4),), "other": ((2, 4, 5),)}),
        url=f"{DOCS}einsum.html",
        keywords=("product", "contraction", "trace", "outer"),
        formula="yᵢₖ = Σⱼ aᵢⱼ·bⱼₖ for ij,jk->ik",
        use="For products that MatMul and Permute would need several steps for. Let the batch's letter come "
        "first everywhere.",
        follows=("Softmax", "Add"),
    ),
    adaptable(
        Layer(
            type="Scale",
            category="Arithmetic",
            doc="Multiplies by a number that is fixed or learned, for all values or for each channel.",
            target="studio.build.blocks.scale",
            params=(Float("factor", 1.0, "The number, where learned the first one", essential=True),),
            options=(
                Int("dim", None, "The dimension with a number for each place (1 is the channels); nothing "
                    "for one number in all", optional=True, when=("learned", (True,))),
                Bool("learned", False, "Whether the number is learned", essential=True),
                *initial.learning(("learned", (True,))),
            ),
            source="{input} * {factor}",
            shape=shape_rules.same,
            example=Example({"input": ((2, 3, 4, 4),)}, {"learned": True, "dim": 1}),
            url=f"{DOCS}mul.html",
            keywords=("multiply", "layer scale", "gamma", "temperature", "constant"),
            formula="y = γ·x",
            use="Fixed for 1/√d before Softmax. Learned with a small first factor at the end of a residual "
            "branch, which trains deep networks better.",
            follows=("Add", "Softmax"),
            paper="https://arxiv.org/abs/2103.17239",
        ),
        _scale,
    ),
    Layer(
        type="Power",
        category="Arithmetic",
        doc="Raises every value to a power: a number, or another tensor's value.",
        target="studio.build.blocks.power",
        params=(Float("exponent", 2.0, "The power, where no tensor brings it", essential=True),),
        inputs=(Port("input", "The base"), INSTEAD),
        source="{input} ** {other|exponent}",
        example=Example({"input": ((2, 3),)}),
        url=f"{DOCS}pow.html",
        keywords=("square", "exponent", "pow", "root"),
        formula="y = xᵖ",
        use="For squares and roots; fractions of powers need values of at least 0.",
        follows=("Mean", "Sum"),
    ),
    each("Sqrt", "The square root of every value.", "y = √x",
         "For standard deviations and norms; the gradient at 0 is infinite, so add a little first.",
         "Divide", keywords=("root",)),
    each("Rsqrt", "One over the square root of every value.", "y = 1/√x",
         "For a normalization by hand.", "Multiply", keywords=("root", "reciprocal")),
    each("Exp", "e to the power of every value.", "y = eˣ",
         "To turn logarithms back, or to keep values above 0, such as a variance.",
         "Multiply", keywords=("exponential",)),
    each("Log", "The natural logarithm of every value, which must be above 0.", "y = ln x",
         "For shares and counts over many orders of size; Clamp keeps 0 away.",
         "NLL", "Linear", keywords=("logarithm", "ln")),
    each("Sin", "The sine of every value.", "y = sin x",
         "For waves: positions, and networks that draw signals.", "Linear", keywords=("wave", "siren")),
    each("Cos", "The cosine of every value.", "y = cos x",
         "For waves, beside Sin.", "Linear", keywords=("wave",)),
    each("Abs", "Every value without its sign.", "y = |x|",
         "For distances: behind Subtract, before Linear.", "Linear", keywords=("absolute", "magnitude")),
    replace(
        each("Negate", "Every value with its sign turned.", "y = −x",
             "To turn distances into likeness before Softmax, or to reverse an order.", "Softmax",
             keywords=("minus", "sign", "neg")),
        target="torch.neg",
        source="-{input}",
        url=f"{DOCS}neg.html",
    ),
    Layer(
        type="Clamp",
        category="Arithmetic",
        doc="Keeps every value between two bounds.",
        target="torch.clamp",
        params=(
            Float("min", 0.0, "The lower bound; nothing for none", optional=True, essential=True),
            Float("max", 1.0, "The upper bound; nothing for none", optional=True, essential=True),
        ),
        shape=shape_rules.same,
        example=Example({"input": ((2, 3),)}, {"min": 0.2, "max": 0.7}),
        url=f"{DOCS}clamp.html",
        keywords=("clip", "limit", "bounds"),
        formula="y = min(max(x, low), high)",
        use="To keep values where a logarithm or division is defined. Outside the bounds nothing is learned.",
        follows=("Log", "Divide"),
    ),
    adaptable(
        Layer(
            type="Compare",
            category="Arithmetic",
            doc="Where a comparison holds, with a number or with another tensor's value; bool comes out.",
            target="studio.build.blocks.compare",
            params=(
                Choice("operator", "greater", "What must hold", options=tuple(COMPARISONS), essential=True),
                Float("value", 0.0, "The number to compare with, where no tensor brings it", essential=True),
            ),
            inputs=(Port("input", "The left side"), INSTEAD),
            example=Example({"input": ((2, 3),), "other": ((2, 3),)}),
            url=f"{DOCS}gt.html",
            keywords=("greater", "less", "equal", "mask", "threshold"),
            formula="y = x > value",
            use="For masks: of padding (equal to 0 on token ids), or for Where. No gradient passes.",
            follows=("Where", "MultiheadAttention", "Cast"),
        ),
        _compare,
    ),
    Layer(
        type="Where",
        category="Arithmetic",
        doc="Takes the first tensor's value where the condition holds, the other one's elsewhere.",
        target="torch.where",
        inputs=(
            Port("condition", "True or false (bool), such as from Compare"),
            Port("input", "The values where it holds"),
            Port("other", "The values elsewhere"),
        ),
        example=Example(
            {"condition": ((2, 3),), "input": ((2, 3),), "other": ((2, 3),)}, dtypes={"condition": "bool"}
        ),
        truths=("condition",),
        url=f"{DOCS}where.html",
        keywords=("if", "mask", "choose", "select"),
        formula="y = c ? a : b",
        use="To replace masked values, such as scores of padding by a very negative Constant.",
        follows=("Softmax", "Sum"),
    ),
    Layer(
        type="CosineSimilarity",
        category="Arithmetic",
        doc="How alike the directions of two tensors' vectors are, from −1 to 1.",
        target="torch.nn.CosineSimilarity",
        params=(
            Int("dim", 1, "The dimension of the vectors (0 is the batch); it is gone", essential=True),
            Float("eps", 1e-8, "Keeps the division finite", low=0.0, advanced=True),
        ),
        inputs=(Port("input", "The vectors of one side"), Port("other", "The vectors of the other side")),
        example=Example({"input": ((2, 3),), "other": ((2, 3),)}),
        url=f"{DOCS}nn.CosineSimilarity.html",
        keywords=("distance", "likeness", "angle", "siamese"),
        formula="y = a·b / max(‖a‖·‖b‖, ε)",
        use="To compare two codes whatever their length, as in search and recommendation.",
        follows=("MSE", "Scale"),
    ),
    Layer(
        type="PairwiseDistance",
        category="Arithmetic",
        doc="The distance between two tensors' vectors along the last dimension.",
        target="torch.nn.PairwiseDistance",
        params=(
            Float("p", 2.0, "Which norm: 1 sums the differences, 2 is the straight line", low=0.0),
            Float("eps", 1e-6, "Added to the differences, keeps the gradient finite", low=0.0, advanced=True),
            Bool("keepdim", False, "Whether the dimension stays, with size 1"),
        ),
        inputs=(Port("input", "The vectors of one side"), Port("other", "The vectors of the other side")),
        example=Example({"input": ((2, 3),), "other": ((2, 3),)}),
        url=f"{DOCS}nn.PairwiseDistance.html",
        keywords=("euclidean", "norm", "siamese"),
        formula="y = (Σ|a − b + ε|ᵖ)^(1/p)",
        use="To compare two codes in a siamese network.",
        follows=("HingeEmbedding", "MSE"),
    ),
)  # fmt: skip
