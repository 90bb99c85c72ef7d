"""Linear layers and embeddings in Keras."""

from __future__ import annotations

from typing import Any

from studio.build.plan import Step
from studio.interchange.keras.twin import HERE, Arrays, Module, Said, Site, Twin, array, said
from studio.interchange.keras.twins.convolution import conv_arrays


def _dense(site: Site) -> Said:
    return said(site.layer("Dense", site.text("out_features"), site.keyword("use_bias", "bias", True)))


def dense_arrays(module: Module) -> list[Any]:
    """The kernel of a linear layer in Keras' order, and its bias."""
    found = [array(module.weight).T]
    return found if module.bias is None else [*found, array(module.bias)]


def _dense_weights(module: Module) -> Arrays:
    return {"": dense_arrays(module)}


def _bilinear(site: Site) -> Said:
    bias = site.keyword("use_bias", "bias", True)
    tensors = f"[{HERE}, {site.inputs[1]}]"
    call = site.layer("Bilinear", site.text("out_features"), bias, on=tensors, by="")
    return said(call, copies=("Bilinear",))


def _bilinear_weights(module: Module) -> Arrays:
    found = [array(module.weight)]
    return {"": found if module.bias is None else [*found, array(module.bias)]}


def _lora(site: Site) -> Said:
    call = site.layer(
        "LoRADense",
        site.text("out_features"),
        site.text("rank"),
        f"alpha={site.text('alpha')}",
        site.keyword("dropout", "dropout", 0.0),
        site.keyword("use_bias", "bias", True),
        by="",
    )
    return said(call, copies=("LoRADense",))


def _lora_weights(module: Module) -> Arrays:
    """What learns comes first."""
    return {"": [array(module.lora_a).T, array(module.lora_b).T, *dense_arrays(module)]}


def _embedding(site: Site) -> Said:
    return said(site.layer("Embedding", site.text("num_embeddings"), site.text("embedding_dim")))


def _embedding_weights(module: Module) -> Arrays:
    return {"": [array(module.weight)]}


def _embedding_lacks(step: Step) -> str:
    if step.kwargs.get("max_norm") is not None:
        return "Keras cuts no vectors while they are looked up; set max_norm to nothing."
    return ""


def _bag(site: Site) -> Said:
    reduced = f"ops.{site.value('mode')}({HERE}, axis=1)"
    return said(site.layer("Embedding", site.text("num_embeddings"), site.text("embedding_dim")), reduced)


def _bag_lacks(step: Step) -> str:
    if step.kwargs.get("padding_idx") is not None:
        return "Keras leaves no number out of a bag; take an Embedding, a mask and a Mean."
    return _embedding_lacks(step)


def _patches(site: Site) -> Said:
    size, width = site.text("patch_size"), site.text("embed_dim")
    bias = site.keyword("use_bias", "bias", True)
    made = site.layer("Conv2D", width, size, f"strides={size}", bias)
    rows = f"layers.Reshape((-1, {width}))({HERE})"
    return said(made, rows, orders=("torch",))


def _patches_weights(module: Module) -> Arrays:
    return {"": conv_arrays(module.projection)}


LINEAR = {
    "Linear": Twin(_dense, "torch", _dense_weights),
    "Bilinear": Twin(_bilinear, "torch", _bilinear_weights),
    "LoRALinear": Twin(_lora, "torch", _lora_weights),
    "Embedding": Twin(_embedding, "torch", _embedding_weights, _embedding_lacks),
    "EmbeddingBag": Twin(_bag, "torch", _embedding_weights, _bag_lacks),
    "PatchEmbedding": Twin(_patches, "last", _patches_weights),
    "Identity": Twin(lambda site: said(site.layer("Identity"))),
}
