"""Input and Output: where the data enters the drawing and where named results leave it."""

from __future__ import annotations

from studio.catalog.registry import Layer, Port
from studio.project.params import Choice, FieldName, Ints

INPUT_OUTPUT: tuple[Layer, ...] = (
    Layer(
        type="Input",
        category="Data",
        doc="A field of the data, which gives its shape and dtype.",
        options=(
            FieldName("field", "", "Which field of the data enters here", essential=True),
            Ints(
                "shape",
                None,
                "Shape without the batch, used where the data has no such field",
                low=1,
                optional=True,
                advanced=True,
            ),
            Choice(
                "dtype",
                "float32",
                "Type of the values, used where the data has no such field",
                options=("float32", "int64"),
                advanced=True,
            ),
        ),
        inputs=(),
        keywords=("data", "placeholder", "source"),
    ),
    Layer(
        type="Output",
        category="Data",
        doc="A named result of the network, for prediction and export.",
        inputs=(Port("input", "The tensor that is the result"),),
        outputs=(),
        keywords=("result", "prediction"),
    ),
)
