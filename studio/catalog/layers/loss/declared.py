"""How a loss is declared: its ports, the field it compares with, its weight in the sum, and its metrics."""

from __future__ import annotations

from dataclasses import dataclass

from studio.catalog.registry import Compares, Example, Layer, Port, Turn
from studio.project.params import Choices, FieldName, Float, Int, Param, Text, Value, shown

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
BLOCKS = "studio.build.blocks."
OF_CLASSES = (
    "accuracy", "topk", "top5", "precision", "recall", "f1", "auroc", "average_precision", "iou", "dice",
)  # fmt: skip
OF_CHANCES = ("accuracy", "precision", "recall", "f1", "auroc", "average_precision", "iou", "dice")
OF_NUMBERS = ("mae", "mse", "rmse", "r2")
TRUTH = Port("target", "What is true", optional=True, from_option="target")
CLASS_EXAMPLE = Example({"prediction": ((4, 3),), "target": ((4,),)}, dtypes={"target": "int64"}, high=3)
NUMBER_EXAMPLE = Example({"prediction": ((4, 2),), "target": ((4, 2),)})
IGNORED = Int("ignore_index", -100, "Samples of this class do not count", advanced=True)
WEIGHT = Float("weight", 1.0, "Factor of this loss in the sum of all losses", low=0.0)
PLACES = Int("k", 3, "Places that the metric topk looks at", low=1, advanced=True)


@dataclass(frozen=True, slots=True)
class ClassWeights(Text):
    """A weight for every class: numbers with commas between, "balanced", or nothing."""

    def check(self, value: Value) -> Value:
        """Accept as many numbers of at least 0 as are given, in one text."""
        text = str(value).strip() if isinstance(value, str | int | float) else None
        if text in ("", "balanced"):
            return text
        try:
            weights = [float(part) for part in (text or "x").split(",")]
        except ValueError:
            weights = [-1.0]
        if not all(0.0 <= one < float("inf") for one in weights) or not any(weights):
            raise ValueError(
                f"{self.name} takes a number for each class (1, 2.5, 1) or balanced, not {shown(value)}"
            )
        return text


def loss(
    type: str,
    target: str,
    doc: str,
    *params: Param,
    takes: str = "",
    ports: tuple[Port, ...] = (),
    options: tuple[Param, ...] = (),
    field: str = "target",
    compares: Compares = "numbers",
    turn: Turn = "none",
    metrics: tuple[str, ...] = (),
    chosen: tuple[str, ...] = (),
    example: Example = NUMBER_EXAMPLE,
    integers: tuple[str, ...] = (),
    formula: str = "",
    use: str = "",
    url: str = "",
    paper: str = "",
    keywords: tuple[str, ...] = (),
) -> Layer:
    """A loss. `target` is a class of torch.nn, or of studio.build where it has a dot; `takes` says what the
    prediction is, `ports` are given where there are others than prediction and target.
    """
    inputs = ports or (Port("prediction", takes), TRUTH)
    return Layer(
        type=type,
        category="Loss",
        doc=doc,
        target=target if "." in target else f"torch.nn.{target}",
        params=params,
        options=(*options, *_target(inputs, field), WEIGHT, *_reported(metrics, chosen)),
        inputs=inputs,
        outputs=(),
        integers=integers,
        example=example,
        url=url or f"{DOCS}{target}.html",
        keywords=keywords,
        compares=compares,
        turn=turn,
        formula=formula,
        use=use,
        paper=paper,
    )


def _target(inputs: tuple[Port, ...], field: str) -> tuple[Param, ...]:
    """What says with which field to compare, where one of the ports asks for it."""
    if not any(port.from_option for port in inputs):
        return ()
    doc = "The field of the data to compare with, where no wire brings it"
    return (FieldName("target", field, doc, essential=True),)


def _reported(metrics: tuple[str, ...], chosen: tuple[str, ...]) -> tuple[Param, ...]:
    """The choice of metrics, and what one of them asks for."""
    if not metrics:
        return ()
    choice = Choices("metrics", chosen, "What to report beside the loss", options=metrics)
    return (choice, PLACES) if "topk" in metrics else (choice,)
