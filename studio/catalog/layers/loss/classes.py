"""Losses of classes: of one class out of several, of yes and no, and of several classes at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.catalog.adapting import adaptable
from studio.catalog.layers.loss.declared import (
    BLOCKS,
    CLASS_EXAMPLE,
    IGNORED,
    OF_CHANCES,
    OF_CLASSES,
    PLACES,
    ClassWeights,
    loss,
)
from studio.catalog.registry import Example, Layer
from studio.project.params import Choice, Choices, Float, Int

YES_OR_NO = Example({"prediction": ((4, 1),), "target": ((4, 1),)})
SCORES = "Raw scores, one per class"
MODE = Choice(
    "mode",
    "classes",
    "One class out of several, or a score of yes or no for each target",
    essential=True,
    options=("classes", "yes or no"),
)
CLASS_WEIGHTS = ClassWeights(
    "class_weights", "", "A weight for each class, such as 1, 2.5, 1; balanced makes rare ones count more"
)


def _weighted(layer: Layer, values: Mapping[str, Any]) -> Layer:
    """A loss whose classes count differently as soon as weights are set."""
    if not values["class_weights"]:
        return layer
    options = tuple(one for one in layer.options if one is not CLASS_WEIGHTS)
    target = f"{BLOCKS}Weighted{layer.type}"
    return replace(layer, target=target, params=(*layer.params, CLASS_WEIGHTS), options=options)


def _by_mode(layer: Layer, values: Mapping[str, Any]) -> Layer:
    """A loss of classes that can also be one of yes and no."""
    if values["mode"] == "classes":
        return layer
    options = tuple(
        replace(one, options=OF_CHANCES) if isinstance(one, Choices) else one
        for one in layer.options
        if one is not PLACES
    )
    return replace(layer, compares="chances", turn="sigmoid", integers=(), options=options)


CLASSES: tuple[Layer, ...] = (
    adaptable(
        loss(
            "CrossEntropy",
            "CrossEntropyLoss",
            "For classes: −log of the share of the right class, from raw scores (no Softmax before it).",
            Float("label_smoothing", 0.0, "Share of the truth spread over all classes", low=0.0, high=1.0),
            IGNORED,
            options=(CLASS_WEIGHTS,),
            takes=SCORES,
            field="label",
            metrics=(*OF_CLASSES, "perplexity"),
            chosen=("accuracy",),
            example=CLASS_EXAMPLE,
            integers=("target",),
            keywords=("classification", "softmax", "log loss"),
            compares="classes",
            turn="softmax",
            formula="−log(exp(s[target]) / Σ exp(s))",
            use="The usual loss where each sample has one class. Smoothing keeps it from being too sure.",
        ),
        _weighted,
    ),
    adaptable(
        loss(
            "NLL",
            "NLLLoss",
            "For classes: minus the right class's value, from logarithms of shares (LogSoftmax before it).",
            IGNORED,
            options=(CLASS_WEIGHTS,),
            takes="Logarithms of shares, one per class",
            field="label",
            metrics=(*OF_CLASSES, "perplexity"),
            chosen=("accuracy",),
            example=CLASS_EXAMPLE,
            integers=("target",),
            keywords=("classification", "negative log likelihood"),
            compares="classes",
            turn="exp",
            formula="−prediction[target]",
            use="Where the network itself ends in LogSoftmax; the same as CrossEntropy on what is before it.",
        ),
        _weighted,
    ),
    loss(
        "BCEWithLogits",
        "BCEWithLogitsLoss",
        "For yes or no: cross-entropy of a raw score with a truth from 0 to 1 (no Sigmoid before it).",
        takes="Raw scores",
        field="label",
        metrics=OF_CHANCES,
        chosen=("accuracy",),
        example=YES_OR_NO,
        keywords=("binary", "classification", "sigmoid", "multi-label"),
        compares="chances",
        turn="sigmoid",
        formula="−(y · log σ(s) + (1 − y) · log(1 − σ(s)))",
        use="Two classes, or several classes of which any number may be true.",
    ),
    loss(
        "BCE",
        "BCELoss",
        "For yes or no: cross-entropy of a share from 0 to 1 (Sigmoid before it) with a truth from 0 to 1.",
        takes="Shares from 0 to 1",
        field="label",
        metrics=OF_CHANCES,
        chosen=("accuracy",),
        example=YES_OR_NO,
        keywords=("binary", "classification", "multi-label"),
        compares="chances",
        formula="−(y · log p + (1 − y) · log(1 − p))",
        use="Where the network itself ends in Sigmoid; BCEWithLogits computes more exactly.",
    ),
    adaptable(
        loss(
            "Focal",
            f"{BLOCKS}Focal",
            "Cross-entropy in which what is said rightly already counts less, from raw scores.",
            MODE,
            Float("gamma", 2.0, "How much less; 0 is plain cross-entropy", low=0.0, essential=True),
            Float(
                "alpha",
                None,
                "Weight of yes; 1 − alpha is that of no",
                low=0.0,
                high=1.0,
                optional=True,
                when=("mode", ("yes or no",)),
            ),
            replace(IGNORED, when=("mode", ("classes",))),
            takes=SCORES,
            field="label",
            metrics=(*OF_CLASSES, "perplexity"),
            chosen=("accuracy",),
            example=CLASS_EXAMPLE,
            integers=("target",),
            keywords=("classification", "imbalanced", "detection"),
            compares="classes",
            turn="softmax",
            formula="(1 − p)^gamma · −log p, p the share of the right class",
            use="Rare classes among very many easy samples, as in detection and segmentation.",
            url="https://arxiv.org/abs/1708.02002",
            paper="https://arxiv.org/abs/1708.02002",
        ),
        _by_mode,
    ),
    adaptable(
        loss(
            "Dice",
            f"{BLOCKS}Dice",
            "1 − the overlap of what is said and what is true, from raw scores; for segmentation.",
            MODE,
            Float("smooth", 1.0, "Added above and below, so that nothing is divided by zero", low=1e-12),
            takes=SCORES,
            field="label",
            metrics=OF_CLASSES,
            chosen=("dice",),
            example=Example(
                {"prediction": ((4, 3, 2, 2),), "target": ((4, 2, 2),)}, dtypes={"target": "int64"}, high=3
            ),
            integers=("target",),
            keywords=("segmentation", "overlap", "f1", "imbalanced"),
            compares="classes",
            turn="softmax",
            formula="1 − (2 · Σ p·y + smooth) / (Σ p + Σ y + smooth)",
            use="Small objects in large pictures; often added to CrossEntropy.",
            url="https://arxiv.org/abs/1606.04797",
            paper="https://arxiv.org/abs/1606.04797",
        ),
        _by_mode,
    ),
    loss(
        "MultiMargin",
        "MultiMarginLoss",
        "For classes: how far other scores come within a margin of the right one.",
        Float("margin", 1.0, "By how much the right score shall be above the others", essential=True),
        Int("p", 1, "Power of what is within the margin", low=1, high=2, advanced=True),
        takes=SCORES,
        field="label",
        metrics=OF_CLASSES,
        chosen=("accuracy",),
        example=CLASS_EXAMPLE,
        integers=("target",),
        keywords=("classification", "hinge", "svm"),
        compares="classes",
        turn="softmax",
        formula="Σ max(0, margin − s[target] + s[i])^p / classes, over all i but the target",
        use="Classes by a margin, as a support vector machine has it.",
    ),
    loss(
        "MultiLabelMargin",
        "MultiLabelMarginLoss",
        "For several classes at once: how far the scores of others come within a margin of those of the true "
        "ones.",
        takes=SCORES,
        field="label",
        example=Example({"prediction": ((4, 3),), "target": ((4, 3),)}, dtypes={"target": "int64"}, high=3),
        keywords=("multi-label", "hinge"),
        compares="labels",
        formula="Σ max(0, 1 − (s[true] − s[i])) / classes",
        use="Targets are lists of class indices, as long as there are classes, filled up with −1.",
    ),
    loss(
        "MultiLabelSoftMargin",
        "MultiLabelSoftMarginLoss",
        "For several classes at once: the mean of the cross-entropies of all of them, from raw scores.",
        takes=SCORES,
        field="label",
        metrics=OF_CHANCES,
        chosen=("accuracy",),
        example=Example({"prediction": ((4, 3),), "target": ((4, 3),)}),
        keywords=("multi-label", "sigmoid"),
        compares="chances",
        turn="sigmoid",
        formula="−Σ (y · log σ(s) + (1 − y) · log σ(−s)) / classes",
        use="Any number of classes true at once; targets are 0 or 1 for each class.",
    ),
)
