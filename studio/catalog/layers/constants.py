"""Tensors that no data brings: fixed ones, and ones that are learned by themselves."""

from __future__ import annotations

from studio.catalog import initial
from studio.catalog.registry import Example, Layer, Port
from studio.project.params import Choice, Float, Floats, Ints

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch."
BATCH = Port(
    "batch",
    "A tensor for each of whose samples it stands once (only its number counts); it stands once for all "
    "where unconnected",
    optional=True,
    flows=False,
)

CONSTANTS: tuple[Layer, ...] = (
    Layer(
        type="Constant",
        category="Data",
        doc="A fixed tensor: one number throughout, or a number for each place.",
        target="studio.build.blocks.ConstantTensor",
        params=(
            Floats("value", 1.0, "The number; or all numbers, row by row", essential=True),
            Ints("shape", 1, "The shape, without a batch", low=1, essential=True),
            Choice("dtype", "float32", "The type of number", options=("float32", "int64", "bool")),
        ),
        inputs=(BATCH,),
        example=Example({"batch": ((2, 3),)}, {"value": (1.0, 2.0, 3.0), "shape": 3}),
        url=f"{DOCS}full.html",
        keywords=("zeros", "ones", "full", "buffer", "number", "fixed"),
        formula="y = c",
        use="For weights that are known, a first state of zeros, or the value that masked places take.",
        follows=("Multiply", "Add", "Where"),
    ),
    Layer(
        type="Buffer",
        category="Data",
        doc="A tensor that comes with the weights and is never learned; 0 where no weights are given.",
        target="studio.build.blocks.HeldTensor",
        params=(
            Ints("shape", 64, "The shape, without a batch", low=0, essential=True),
            Choice("dtype", "float32", "The type of number", options=(
                *("float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8"),
                *("bool", "complex64", "complex128"))),
        ),
        inputs=(BATCH,),
        example=Example({"batch": ((2, 3),)}, {"shape": (4, 3)}),
        url=f"{DOCS}nn.parameter.Buffer.html",
        keywords=("fixed", "table", "mask", "positions", "register_buffer", "nn.Buffer"),
        formula="y = c",
        use="For tables that an imported network brings along, such as masks and positions. Constant where "
        "you know the numbers, Parameter where they are learned.",
        follows=("Add", "Multiply", "Where"),
    ),
    Layer(
        type="Parameter",
        category="Data",
        doc="A tensor that is learned by itself, whatever the data.",
        target="studio.build.blocks.LearnedTensor",
        params=(
            Ints("shape", 64, "The shape, without a batch", low=1, essential=True),
            Choice("start", "normal", "What it starts from: random numbers about 0, or a constant",
                   options=("normal", "uniform", "constant"), essential=True),
            Float("value", 0.02, "The spread of the random numbers, or the constant"),
        ),
        options=initial.learning(),
        inputs=(BATCH,),
        example=Example({"batch": ((2, 3),)}, {"shape": (4, 3)}),
        url=f"{DOCS}nn.parameter.Parameter.html",
        keywords=("weight", "learned", "query", "token", "bias", "nn.Parameter"),
        formula="y = θ",
        use="For queries that are learned, biases over places, and what no layer has. Add and Multiply "
        "stretch it over the batch; connect batch where each sample needs its own.",
        follows=("Add", "Multiply", "MultiheadAttention"),
    ),
)  # fmt: skip
