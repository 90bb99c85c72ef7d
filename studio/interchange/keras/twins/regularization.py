"""Dropout and its kin in Keras."""

from __future__ import annotations

from studio.build.plan import Step
from studio.interchange.keras.twin import Said, Site, Twin, said

ALPHA = "Keras drops single values with AlphaDropout, not whole channels."


def _dropout(site: Site) -> Said:
    return said(site.layer("Dropout", site.text("p")))


def _spatial(dims: int) -> Twin:
    return Twin(lambda site: said(site.layer(f"SpatialDropout{dims}D", site.text("p"))), "last")


def _alpha(site: Site) -> Said:
    return said(site.layer("AlphaDropout", site.text("p")))


def _feature_alpha(site: Site) -> Said:
    """One draw for each channel of each sample."""
    places = ", ".join(["1"] * (site.rank() - 2))
    return said(site.layer("AlphaDropout", site.text("p"), f"noise_shape=(None, {places}, {site.size(1)})"))


def _depth(site: Site) -> Said:
    mode = site.keyword("mode", "mode", "row")
    return said(site.layer("StochasticDepth", site.text("p"), mode, by=""), copies=("StochasticDepth",))


def _feature_lacks(step: Step) -> str:
    return ALPHA if len(step.inputs[0].shape) < 3 else ""


REGULARIZATION = {
    "Dropout": Twin(_dropout),
    "Dropout1d": _spatial(1),
    "Dropout2d": _spatial(2),
    "Dropout3d": _spatial(3),
    "AlphaDropout": Twin(_alpha),
    "FeatureAlphaDropout": Twin(_feature_alpha, "last", lacks=_feature_lacks),
    "StochasticDepth": Twin(_depth),
}
