"""Input and Output: where the data enters the drawing and where named results leave it."""

from __future__ import annotations

from studio.catalog.registry import Layer, Port
from studio.project.params import Choice, FieldName, Int, Sizes, Text

PLACE = Int(
    "place",
    0,
    "Place among the inputs or results of the network or block; where equal, the names decide",
    low=-1000,
    high=1000,
    advanced=True,
)
INPUT_OUTPUT: tuple[Layer, ...] = (
    Layer(
        type="Input",
        category="Data",
        doc="A field of the data, which gives its shape and dtype.",
        options=(
            FieldName("field", "", "Which field of the data enters here", essential=True),
            Sizes(
                "shape",
                None,
                "Shape without the batch, where the data has no such field; sizes left open are −1 or have a "
                "name, as in 3, H, W",
                low=1,
                optional=True,
                advanced=True,
            ),
            Text(
                "axes",
                "",
                "What the dimensions are called, such as T, features, where that does not show by itself",
                advanced=True,
            ),
            Choice(
                "dtype",
                "float32",
                "Type of the values, used where the data has no such field",
                options=("float32", "int64", "bool"),
                advanced=True,
            ),
            PLACE,
        ),
        inputs=(),
        keywords=("data", "placeholder", "source"),
    ),
    Layer(
        type="Output",
        category="Data",
        doc="A named result of the network, for prediction and export.",
        options=(PLACE,),
        inputs=(Port("input", "The tensor that is the result"),),
        outputs=(),
        keywords=("result", "prediction"),
    ),
)
