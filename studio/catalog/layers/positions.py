"""Where a place stands in its sequence, since attention knows no order; and tokens of the model's own."""

from __future__ import annotations

from studio.catalog import initial
from studio.catalog.registry import Example, Layer, Port, first
from studio.project.params import Bool, Float, Int

SEQUENCE = (Port("input", "A sequence, N×L×features"),)
BASE = Float("base", 10000.0, "How slow the slowest wave is", low=1.0, advanced=True)
EXAMPLE = Example({"input": ((2, 5, 8),)})
DOCS = "https://docs.pytorch.org/docs/stable/generated/torch."

POSITIONS: tuple[Layer, ...] = (
    Layer(
        type="SinusoidalPositions",
        category="Attention",
        doc="Adds sines and cosines of the place, of ever longer waves: positions without anything to learn.",
        target="studio.build.blocks.sinusoidal_positions",
        params=(BASE,),
        inputs=SEQUENCE,
        example=EXAMPLE,
        url="https://arxiv.org/abs/1706.03762",
        keywords=("position", "encoding", "transformer", "sine"),
        formula="y[p, 2i] = x + sin(p/base^(2i/d)), y[p, 2i+1] = x + cos(p/base^(2i/d))",
        use="Behind an Embedding, for sequences of any length.",
        follows=("Dropout", "TransformerEncoder", "TransformerEncoderLayer"),
        paper="https://arxiv.org/abs/1706.03762",
    ),
    Layer(
        type="LearnedPositions",
        category="Attention",
        doc="Adds a learned vector for each place of a sequence.",
        target="studio.build.blocks.LearnedPositions",
        options=initial.weights(bias=False),
        params=(
            Int("num_positions", 512, "The longest sequence there can be", low=1, essential=True),
        ),
        inputs=SEQUENCE,
        derived={"embed_dim": first("input", 2)},
        example=Example({"input": ((2, 5, 8),)}, {"num_positions": 5}),
        url=f"{DOCS}nn.parameter.Parameter.html",
        keywords=("position", "embedding", "gpt", "vit", "transformer"),
        formula="y[p] = x[p] + θ[p]",
        use="Behind an Embedding or patches, where the longest sequence is known, as in GPT-2 and ViT.",
        follows=("Dropout", "TransformerEncoder", "TransformerEncoderLayer"),
        paper="https://arxiv.org/abs/2010.11929",
    ),
    Layer(
        type="RotaryEmbedding",
        category="Attention",
        doc="Turns pairs of features by angles that grow with the place, so that attention sees distances.",
        target="studio.build.blocks.rotary_embedding",
        params=(
            BASE,
            Bool("interleaved", False, "Whether neighbours are pairs (GPT-J), not the two halves (Llama)",
                 advanced=True),
        ),
        inputs=(Port("input", "Queries or keys, N×heads×L×features, the features even"),),
        example=Example({"input": ((2, 3, 5, 4),)}),
        url="https://arxiv.org/abs/2104.09864",
        keywords=("rope", "position", "llama", "transformer"),
        formula="(a, b) → (a·cos pθᵢ − b·sin pθᵢ, a·sin pθᵢ + b·cos pθᵢ), θᵢ = base^(−2i/d)",
        use="On queries and keys (not values) of each layer, before ScaledDotProductAttention.",
        follows=("ScaledDotProductAttention",),
        paper="https://arxiv.org/abs/2104.09864",
    ),
    Layer(
        type="ClassToken",
        category="Attention",
        doc="Puts a learned place in front of every sequence; what it gathers stands for the whole.",
        target="studio.build.blocks.ClassToken",
        options=initial.weights(bias=False),
        params=(Int("tokens", 1, "How many such places", low=1),),
        inputs=SEQUENCE,
        derived={"embed_dim": first("input", 2)},
        example=EXAMPLE,
        url="https://arxiv.org/abs/2010.11929",
        keywords=("cls", "vit", "bert", "register", "token"),
        formula="N×L×d → N×(1 + L)×d",
        use="Behind patches or an Embedding; Select of place 0 behind the Transformer takes it for the head.",
        follows=("LearnedPositions", "TransformerEncoder"),
        paper="https://arxiv.org/abs/2010.11929",
    ),
)  # fmt: skip
