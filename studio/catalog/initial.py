"""Options of every layer with learned weights: how they start, whether they train, how they are normalized.

`build/initial.py` carries them out, in the network and in source code alike.
"""

from __future__ import annotations

from studio.project.params import Bool, Choice, Float, Param, Value

SPREAD = ("xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal")
SCALED = ("xavier_uniform", "xavier_normal", "orthogonal")
KAIMING = ("kaiming_uniform", "kaiming_normal")
DRAWN = ("truncated_normal", "normal")

INIT = Choice(
    "init",
    "default",
    "What the weights start at; default is PyTorch's own choice for the layer",
    advanced=True,
    options=("default", *SPREAD, *DRAWN, "zeros", "constant"),
)
NORM = Choice(
    "norm",
    "none",
    "weight_norm learns the weights' length apart from their direction, spectral_norm bounds their stretch",
    advanced=True,
    options=("none", "weight_norm", "spectral_norm"),
)


def weights(bias: bool = True, norm: bool = False) -> tuple[Param, ...]:
    """The options of a layer with matrices or filters; `bias` where it has a parameter of that name."""
    return (
        INIT,
        Choice("init_mode", "fan_in", "Keeps the spread of the values (fan_in) or of the gradients (fan_out)",
               advanced=True, when=("init", KAIMING), options=("fan_in", "fan_out")),
        Float("init_gain", 1.0, "Factor of the starting weights", low=0.0, advanced=True,
              when=("init", SCALED)),
        Float("init_std", 0.02, "Standard deviation of the starting weights", low=0.0, advanced=True,
              when=("init", DRAWN)),
        _value("init_value", "init", "weight"),
        *(_bias(("bias", (True,))) if bias else ()),
        *((NORM,) if norm else ()),
        *learning(),
    )  # fmt: skip


def scales(affine: str, bias: bool = True) -> tuple[Param, ...]:
    """The options of a normalization that learns a scale (and an offset) where `affine` is on."""
    learned: tuple[str, tuple[Value, ...]] = (affine, (True,))
    return (
        Choice("init", "default", "What the scale starts at; default is 1", advanced=True, when=learned,
               options=("default", "zeros", "constant")),
        _value("init_value", "init", "scale"),
        *(_bias(learned) if bias else ()),
        *learning(learned),
    )  # fmt: skip


def _bias(when: tuple[str, tuple[Value, ...]]) -> tuple[Param, ...]:
    start = Choice("bias_init", "default", "What the bias starts at; default is PyTorch's own choice",
                   advanced=True, when=when, options=("default", "zeros", "constant"))  # fmt: skip
    return (start, _value("bias_value", "bias_init", "bias"))


def _value(name: str, of: str, what: str) -> Float:
    return Float(name, 0.0, f"What every {what} starts at", advanced=True, when=(of, ("constant",)))


def learning(when: tuple[str, tuple[Value, ...]] | None = None) -> tuple[Param, ...]:
    """Whether and how fast the weights learn; asked for where `when` holds."""
    return (
        Bool("freeze", False, "Whether training leaves the weights as they are", advanced=True, when=when),
        Float("lr_factor", 1.0, "Factor of the learning rate for the weights of this node", low=0.0,
              high=10_000.0, advanced=True, when=when),
    )  # fmt: skip
