"""Normalization in Keras: torch's momentum is the share that goes, Keras' the one that stays."""

from __future__ import annotations

from typing import Any

from studio.build.plan import Step
from studio.interchange.keras.twin import HERE, Arrays, Module, Said, Site, Twin, Wanted, array, said
from studio.interchange.pytorch.text import literal

SMALLEST = 1.1920928955078125e-07
"""The step of float32, which torch's RMSNorm takes where no eps is given."""


def _affine(site: Site, name: str = "affine") -> list[str]:
    return [] if site.value(name) else ["center=False", "scale=False"]


def _momentum(site: Site) -> str:
    """What stays of the running statistics in each step."""
    if not site.known("momentum"):
        return f"momentum=1 - {site.text('momentum')}"
    stays = round(1.0 - float(site.value("momentum")), 12)
    return "" if stays == 0.99 else f"momentum={stays!r}"


def _batch(site: Site) -> Said:
    eps = site.keyword("epsilon", "eps", 1e-3)
    return said(site.layer("BatchNormalization", _momentum(site), eps, *_affine(site)))


def _batch_lacks(step: Step) -> str:
    if step.kwargs["track_running_stats"]:
        return ""
    return "Keras' batch normalization always keeps running statistics; switch track_running_stats on."


def _scaled(module: Module) -> list[Any]:
    return [array(one) for one in (module.weight, getattr(module, "bias", None)) if one is not None]


def _batch_weights(module: Module) -> Arrays:
    return {"": [*_scaled(module), array(module.running_mean), array(module.running_var)]}


def _scale_weights(module: Module) -> Arrays:
    return {"": _scaled(module)}


def _layer(site: Site) -> Said:
    dims = int(site.options.get("dims", 1))
    axes = "" if dims == 1 else f"axis={literal(tuple(range(-dims, 0)))}"
    parts = _affine(site, "elementwise_affine") or ([] if site.value("bias") else ["center=False"])
    return said(site.layer("LayerNormalization", axes, site.keyword("epsilon", "eps", 1e-3), *parts))


def _channel_layer(site: Site) -> Said:
    parts = _affine(site, "elementwise_affine") or ([] if site.value("bias") else ["center=False"])
    return said(site.layer("LayerNormalization", site.keyword("epsilon", "eps", 1e-3), *parts))


def _group(site: Site) -> Said:
    groups = site.keyword("groups", "num_groups", 32)
    eps = site.keyword("epsilon", "eps", 1e-3)
    return said(site.layer("GroupNormalization", groups, eps, *_affine(site)))


def _instance(site: Site) -> Said:
    """A group for each channel."""
    eps = site.keyword("epsilon", "eps", 1e-3)
    return said(site.layer("GroupNormalization", "groups=-1", eps, *_affine(site)))


def _instance_lacks(step: Step) -> str:
    if not step.kwargs["track_running_stats"]:
        return ""
    return "Keras keeps no running statistics of single samples; switch track_running_stats off."


def _rms(site: Site) -> Said:
    dims = int(site.options.get("dims", 1))
    eps = SMALLEST if site.known("eps") and site.value("eps") is None else site.values["eps"]
    if not site.value("elementwise_affine"):
        axes = literal(tuple(range(-dims, 0)) if dims > 1 else -1)
        mean = f"ops.mean(ops.square({HERE}), axis={axes}, keepdims=True)"
        return said(f"{HERE} * ops.rsqrt({mean} + {literal(eps)})")
    axes = "" if dims == 1 else f"axis={literal(tuple(range(-dims, 0)))}"
    return said(site.layer("RMSNormalization", axes, f"epsilon={literal(eps)}"))


def _local(site: Site) -> Said:
    settings = ", ".join(site.text(name) for name in ("size", "alpha", "beta", "k"))
    return said(f"local_response_norm({HERE}, {settings})", copies=("local_response_norm",))


def _trailing(step: Step) -> Wanted:
    return "torch"


NORMALIZATION = {
    **{f"BatchNorm{dims}d": Twin(_batch, "last", _batch_weights, _batch_lacks) for dims in (1, 2, 3)},
    **{
        f"InstanceNorm{dims}d": Twin(_instance, "last", _scale_weights, _instance_lacks) for dims in (1, 2, 3)
    },
    "LayerNorm": Twin(_layer, _trailing, _scale_weights),
    "RMSNorm": Twin(_rms, _trailing, _scale_weights),
    "ChannelLayerNorm": Twin(_channel_layer, "last", _scale_weights),
    "GroupNorm": Twin(_group, "last", _scale_weights),
    "LocalResponseNorm": Twin(_local, "last"),
}
