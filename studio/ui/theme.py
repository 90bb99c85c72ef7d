"""The look: one table of tokens for widgets, canvas and plots, in a dark and a light edition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scheme = Literal["dark", "light"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours as #rrggbb; sizes in pixels."""

    scheme: Scheme
    window: str
    panel: str
    field: str
    line: str
    text: str
    secondary: str
    faint: str
    canvas: str
    node: str
    accent: str
    ok: str
    warn: str
    error: str


DARK = Tokens(
    "dark",
    window="#15171c",
    panel="#1b1e25",
    field="#22262f",
    line="#2d323d",
    text="#e6e8ee",
    secondary="#8f97a8",
    faint="#5d6575",
    canvas="#111318",
    node="#20242d",
    accent="#5b9dff",
    ok="#4cc38a",
    warn="#f0b429",
    error="#ff6369",
)
LIGHT = Tokens(
    "light",
    window="#f3f4f7",
    panel="#fbfbfd",
    field="#eef0f4",
    line="#dcdfe6",
    text="#1d2129",
    secondary="#616a7b",
    faint="#9aa2b1",
    canvas="#eceef3",
    node="#ffffff",
    accent="#2a66d6",
    ok="#18774b",
    warn="#8f5d00",
    error="#c92f37",
)

FAMILIES = {
    "Block": "#d9b24c",
    "Data": "#4fb3bf",
    "Convolution": "#5b9dff",
    "Linear": "#6f8cff",
    "Embedding": "#6f8cff",
    "Normalization": "#a78bfa",
    "Activation": "#f2994a",
    "Pooling": "#56c596",
    "Merge": "#e0729c",
    "Arithmetic": "#e0729c",
    "Recurrent": "#c98bdb",
    "Attention": "#c98bdb",
    "Loss": "#ff6b6b",
    "Shape": "#9aa5b8",
    "Regularization": "#9aa5b8",
    "Custom": "#8fb36a",
}
HUES = {
    "red": "#e5484d",
    "orange": "#e8813a",
    "yellow": "#dcb22f",
    "green": "#46a758",
    "teal": "#22a29c",
    "blue": "#4a8df6",
    "purple": "#9a6be0",
    "grey": "#8b93a5",
}
"""The colours that people give nodes, frames and notes; each theme mixes its own shades of them."""
TEXT_PX = 12.5
HEADING_PX = 14
SECONDARY_PX = 11
GRID = 4
FIELD_RADIUS = 6
NODE_RADIUS = 8


def family_colour(family: str) -> str:
    """The colour of a family of layers; unknown ones are grey."""
    return FAMILIES.get(family, "#9aa5b8")
