"""A drawing's Keras model held against its network: the same weights, the same samples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from studio.build.network import Network
from studio.build.plan import Plan
from studio.errors import StudioError
from studio.interchange.keras.running import Job
from studio.interchange.keras.source import keras_source
from studio.interchange.keras.weights import keras_weights, samples_in_order
from studio.project.project import Project

CLOSE = 1e-5
"""So far apart at most are what the network and its twin say."""


def network_of(plan: Plan, weights: Mapping[str, Tensor] | None) -> Network:
    """The network with weights, or with those that it starts from; it only answers."""
    network = Network(plan)
    if weights is not None:
        network.load_state_dict(dict(weights), strict=True)
    return network.eval()


def job_of(
    project: Project,
    plan: Plan,
    network: Network,
    samples: Mapping[str, Tensor],
    save: Mapping[str, Path] | None = None,
) -> Job:
    """What a child builds and compares; `samples` are batches by field."""
    if not plan.steps:
        raise StudioError("The drawing has no layer for Keras to write.", "Put a layer before its result.")
    source = keras_source(project, plan)
    given = {step.name: samples[step.field] for step in plan.model_inputs}
    with torch.no_grad():
        found = network(*given.values())
    results = found if isinstance(found, tuple) else (found,)
    expected = dict(zip(source.outputs, results, strict=True))
    return Job(
        source.text,
        keras_weights(plan, network, source.renamed),
        samples_in_order(given, source.inputs),
        samples_in_order(expected, source.outputs),
        save or {},
    )
