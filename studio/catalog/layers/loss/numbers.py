"""Losses of numbers: squared and absolute differences, counts, and a normal distribution."""

from __future__ import annotations

from studio.catalog.layers.loss.declared import OF_NUMBERS, TRUTH, loss
from studio.catalog.registry import Example, Layer, Port
from studio.project.params import Bool, Float, Param

TAKES = "Numbers, as many as the target has"


def regression(
    type: str,
    target: str,
    doc: str,
    *params: Param,
    formula: str,
    use: str,
    keywords: tuple[str, ...],
    paper: str = "",
) -> Layer:
    """A loss of torch.nn for numbers, which reports the mean absolute error."""
    return loss(
        type,
        target,
        doc,
        *params,
        takes=TAKES,
        metrics=OF_NUMBERS,
        chosen=("mae",),
        formula=formula,
        use=use,
        keywords=keywords,
        paper=paper,
    )


NUMBERS: tuple[Layer, ...] = (
    regression(
        "MSE",
        "MSELoss",
        "For numbers: the mean of the squared differences.",
        keywords=("regression", "squared", "l2"),
        formula="mean((prediction − target)²)",
        use="The usual loss of regression; large errors count very much.",
    ),
    regression(
        "L1",
        "L1Loss",
        "For numbers: the mean of the absolute differences, less moved by outliers.",
        keywords=("regression", "absolute", "mae"),
        formula="mean(|prediction − target|)",
        use="Regression whose data have outliers.",
    ),
    regression(
        "SmoothL1",
        "SmoothL1Loss",
        "For numbers: squared for small differences, absolute for large ones, with a slope of 1 there.",
        Float("beta", 1.0, "Where it turns from squared to absolute", low=1e-9, essential=True),
        keywords=("regression", "robust", "boxes", "detection"),
        formula="½ d² / beta where |d| < beta, else |d| − ½ beta",
        use="Regression of boxes, and wherever a few large errors shall not rule.",
        paper="https://arxiv.org/abs/1504.08083",
    ),
    regression(
        "Huber",
        "HuberLoss",
        "For numbers: squared for small differences, absolute for large ones.",
        Float("delta", 1.0, "Where it turns from squared to absolute", low=1e-9, essential=True),
        keywords=("regression", "smooth l1", "robust"),
        formula="½ d² where |d| < delta, else delta · (|d| − ½ delta)",
        use="Regression whose data have outliers, smooth near zero.",
    ),
    loss(
        "PoissonNLL",
        "PoissonNLLLoss",
        "For counts: how unlikely they are of a Poisson distribution with the predicted mean.",
        Bool("log_input", True, "Whether the prediction is the logarithm of the mean"),
        Bool("full", False, "Whether to add the part that no prediction changes", advanced=True),
        Float(
            "eps", 1e-8, "Keeps the logarithm finite", low=1e-30, advanced=True, when=("log_input", (False,))
        ),
        takes="Logarithms of the expected counts, as many as the target has",
        metrics=(),
        keywords=("regression", "counts", "events"),
        compares="counts",
        formula="exp(prediction) − target · prediction",
        use="Numbers of events, such as visits an hour.",
    ),
    loss(
        "GaussianNLL",
        "GaussianNLLLoss",
        "For numbers with their uncertainty: how unlikely they are of a normal distribution with the "
        "predicted mean and variance.",
        Bool("full", False, "Whether to add the part that no prediction changes", advanced=True),
        Float("eps", 1e-6, "Smallest variance", low=1e-30, advanced=True),
        ports=(
            Port("prediction", "The expected numbers, as many as the target has"),
            TRUTH,
            Port("variance", "Their variance, not negative: Softplus or Exp before it"),
        ),
        metrics=OF_NUMBERS,
        chosen=("mae",),
        example=Example({"prediction": ((4, 2),), "target": ((4, 2),), "variance": ((4, 2),)}),
        keywords=("regression", "uncertainty", "heteroscedastic"),
        formula="½ (log variance + (prediction − target)² / variance)",
        use="Where the network shall also say how sure it is.",
        paper="https://doi.org/10.1109/ICNN.1994.374138",
    ),
)
