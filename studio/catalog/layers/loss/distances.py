"""Losses that compare results of the network with each other: distances, similarities and ranks."""

from __future__ import annotations

from studio.catalog.layers.loss.declared import TRUTH, loss
from studio.catalog.registry import Example, Layer, Port
from studio.project.params import Bool, Float

SIGN = "1 or above 0 for yes, −1 or 0 for no"
PAIR = Example({"first": ((4, 3),), "second": ((4, 3),), "target": ((4,),)})

DISTANCES: tuple[Layer, ...] = (
    loss(
        "TripletMargin",
        "TripletMarginLoss",
        "An anchor shall be nearer to what is like it than to what is not, by a margin.",
        Float("margin", 1.0, "By how much nearer", low=1e-9, essential=True),
        Float("p", 2.0, "Power of the distance: 2 is the usual one, 1 the sum of differences", low=1.0),
        Float("eps", 1e-6, "Keeps the root's slope finite", low=0.0, advanced=True),
        Bool("swap", False, "Compare with the distance of the other two where that is smaller",
             advanced=True),
        ports=(
            Port("anchor", "Vectors to compare with"),
            Port("positive", "Vectors that shall be near"),
            Port("negative", "Vectors that shall be far"),
        ),
        compares="",
        example=Example({"anchor": ((4, 3),), "positive": ((4, 3),), "negative": ((4, 3),)}),
        keywords=("metric learning", "embedding", "similarity", "siamese"),
        formula="max(0, |anchor − positive| − |anchor − negative| + margin)",
        use="Embeddings in which like things lie together, such as faces.",
        paper="https://arxiv.org/abs/1503.03832",
    ),
    loss(
        "CosineEmbedding",
        "CosineEmbeddingLoss",
        "Two vectors shall point the same way where the target is yes, and apart where it is no.",
        Float("margin", 0.0, "Cosine up to which vectors of no are left alone", low=-1.0, high=1.0,
              essential=True),
        ports=(Port("first", "Vectors"), Port("second", "Vectors to compare them with"), TRUTH),
        compares="signs",
        example=PAIR,
        keywords=("similarity", "siamese", "embedding"),
        formula="1 − cos(first, second) for yes, max(0, cos(first, second) − margin) for no",
        use=f"Pairs that are alike or not; targets are {SIGN}.",
    ),
    loss(
        "MarginRanking",
        "MarginRankingLoss",
        "The first of two scores shall be the larger where the target is yes, the second where it is no.",
        Float("margin", 0.0, "By how much larger", essential=True),
        ports=(Port("first", "Scores"), Port("second", "Scores to compare them with"), TRUTH),
        compares="signs",
        metrics=("accuracy",),
        chosen=("accuracy",),
        example=Example({"first": ((4, 1),), "second": ((4, 1),), "target": ((4, 1),)}),
        keywords=("ranking", "order", "preference"),
        formula="max(0, −target · (first − second) + margin)",
        use=f"Which of two is preferred; targets are {SIGN}.",
    ),
    loss(
        "HingeEmbedding",
        "HingeEmbeddingLoss",
        "A distance shall be small where the target is yes, and at least a margin where it is no.",
        Float("margin", 1.0, "Distance from which no is good enough", essential=True),
        takes="Distances",
        compares="signs",
        example=Example({"prediction": ((4, 1),), "target": ((4, 1),)}),
        keywords=("similarity", "siamese", "distance"),
        formula="prediction for yes, max(0, margin − prediction) for no",
        use=f"Distances of pairs that are alike or not; targets are {SIGN}.",
    ),
)  # fmt: skip
