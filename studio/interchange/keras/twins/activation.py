"""Activations in Keras: layers by name, operations where Keras has no layer that takes the setting."""

from __future__ import annotations

from studio.interchange.keras.twin import HERE, Arrays, Module, Said, Site, Twin, array, said
from studio.interchange.pytorch.text import literal

BY_NAME = {
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "SiLU": "silu",
    "SELU": "selu",
    "Mish": "mish",
    "Hardswish": "hard_silu",
    "ReLU6": "relu6",
    "Hardsigmoid": "hard_sigmoid",
    "LogSigmoid": "log_sigmoid",
    "Softsign": "softsign",
    "Tanhshrink": "tanh_shrink",
}
"""What keras.layers.Activation calls an activation without settings."""
MEAN_SLOPE = "In training Keras draws no slopes; it stays a LeakyReLU with their mean."


def _named(name: str) -> Twin:
    return Twin(lambda site: said(site.layer("Activation", literal(name))))


def _relu(site: Site) -> Said:
    return said(site.layer("ReLU"))


def _gelu(site: Site) -> Said:
    if site.known("approximate") and site.value("approximate") == "none":
        return said(site.layer("Activation", '"gelu"'))
    return said(f"ops.gelu({HERE}, approximate=True)")


def _leaky(site: Site) -> Said:
    return said(site.layer("LeakyReLU", site.keyword("negative_slope", "negative_slope", 0.3)))


def _rrelu(site: Site) -> Said:
    slope = (site.value("lower") + site.value("upper")) / 2
    return said(site.layer("LeakyReLU", f"negative_slope={slope!r}"))


def _elu(site: Site) -> Said:
    return said(site.layer("ELU", site.keyword("alpha", "alpha", 1.0)))


def _celu(site: Site) -> Said:
    return said(f"ops.celu({HERE}, alpha={site.text('alpha')})")


def _softmax(site: Site) -> Said:
    return said(site.layer("Softmax", *_along(site)))


def _along(site: Site) -> list[str]:
    """The argument `axis`; the last one is Keras' own."""
    if not site.known("dim"):
        return [f"axis={site.text('dim')}"]
    place = site.axis(site.value("dim"))
    return [] if place == site.rank() - 1 else [f"axis={place}"]


def _op(name: str) -> Twin:
    def write(site: Site) -> Said:
        return said(f"ops.{name}({', '.join([HERE, *_along(site)])})")

    return Twin(write)


def _softmin(site: Site) -> Said:
    return said(f"ops.softmax({', '.join([f'-{HERE}', *_along(site)])})")


def _glu(site: Site) -> Said:
    return said(f"ops.glu({', '.join([HERE, *_along(site)])})")


def _softplus(site: Site) -> Said:
    if site.known("beta") and site.value("beta") == 1.0:
        return said(site.layer("Activation", '"softplus"'))
    beta = site.text("beta")
    return said(f"ops.softplus({beta} * {HERE}) / {beta}")


def _clip(site: Site) -> Said:
    return said(f"ops.clip({HERE}, {site.text('min_val')}, {site.text('max_val')})")


def _shrink(name: str) -> Twin:
    return Twin(lambda site: said(f"ops.{name}({HERE}, {site.text('lambd')})"))


def _threshold(site: Site) -> Said:
    return said(f"ops.threshold({HERE}, {site.text('threshold')}, {site.text('value')})")


def _prelu(site: Site) -> Said:
    """One slope, or one for each channel: the axes share it."""
    rank = site.rank()
    channels = site.axis(1)
    each = site.options.get("per_channel")
    shared = tuple(one for one in range(1, rank) if not (each and one == channels))
    axes = f"shared_axes={list(shared)!r}" if shared else ""
    return said(site.layer("PReLU", axes))


def _prelu_weights(module: Module) -> Arrays:
    """The slopes; how many dimensions of 1 stand before them is up to the layer."""
    return {"": [array(module.weight)]}


ACTIVATION = {
    **{name: _named(keras) for name, keras in BY_NAME.items()},
    "ReLU": Twin(_relu),
    "GELU": Twin(_gelu),
    "LeakyReLU": Twin(_leaky),
    "RReLU": Twin(_rrelu, differs=lambda step: MEAN_SLOPE),
    "ELU": Twin(_elu),
    "CELU": Twin(_celu),
    "Softmax": Twin(_softmax),
    "LogSoftmax": _op("log_softmax"),
    "Softmin": Twin(_softmin),
    "GLU": Twin(_glu),
    "Softplus": Twin(_softplus),
    "Hardtanh": Twin(_clip),
    "Softshrink": _shrink("soft_shrink"),
    "Hardshrink": _shrink("hard_shrink"),
    "Threshold": Twin(_threshold),
    "PReLU": Twin(_prelu, weights=_prelu_weights),
}
