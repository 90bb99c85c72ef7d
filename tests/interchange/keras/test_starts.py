"""What weights start at in Keras follows the same distribution as in the drawing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
import torch

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Plan
from studio.interchange.keras.missing import missing_twins
from studio.interchange.keras.running import QUIET
from studio.interchange.keras.source import to_keras
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Project

BUILD = """
import json, sys
import keras
import numpy as np

keras.utils.set_random_seed(0)  # on torch, Keras lets one truncated value in 250 000 stand as it was drawn
for source in json.load(sys.stdin):
    space = {"__name__": "network"}
    exec(source, space)
    kernel = np.asarray(space["build_model"]().trainable_weights[0])
    print(float(kernel.std()), float(np.abs(kernel).max()))
"""
Layer = tuple[str, dict[str, Any], tuple[int, ...]]
CONV: Layer = ("Conv2d", {"out_channels": 64, "kernel_size": 3}, (32, 5, 5))
DENSE: Layer = ("Linear", {"out_features": 400}, (100,))
STEPS: Layer = ("LSTM", {"hidden_size": 64}, (5, 100))
OPTIONS: tuple[dict[str, Any], ...] = (
    {"init": "xavier_uniform"},
    {"init": "xavier_normal", "init_gain": 2.0},
    {"init": "kaiming_uniform"},
    {"init": "kaiming_normal", "init_mode": "fan_out"},
    {"init": "orthogonal"},
    {"init": "truncated_normal", "init_std": 0.05},
    {"init": "truncated_normal", "init_std": 1.0},
    {"init": "normal", "init_std": 0.3},
    {"init": "zeros"},
    {"init": "constant", "init_value": 0.25},
)
CASES = [(layer, options) for layer in (CONV, DENSE, STEPS) for options in OPTIONS]


def drawing(type: str, params: dict[str, Any], shape: tuple[int, ...]) -> tuple[Project, Plan]:
    nodes = [Node("x", "Input", {"field": "x"}), Node("layer", type, params), Node("y", "Output")]
    wires = [("x", "output", "layer", "input"), ("layer", "output", "y", "input")]
    edges = tuple(Edge(Endpoint(a, b), Endpoint(c, d)) for a, b, c, d in wires)
    project = Project("start", Graph({node.name: node for node in nodes}, edges))
    checked = Checker().check(project, {"x": Field("x", shape, "float32")})
    assert not checked.errors, checked.errors
    return project, checked.plan


def test_the_same_spread_in_both() -> None:
    drawings = [drawing(type, {**params, **options}, shape) for (type, params, shape), options in CASES]
    sources = [to_keras(*one) for one in drawings]
    environment = {**os.environ, **QUIET, "KERAS_BACKEND": "torch"}
    told = subprocess.run(
        [sys.executable, "-c", BUILD], env=environment, input=json.dumps(sources), capture_output=True,
        text=True, check=True,
    ).stdout.split()  # fmt: skip
    found = [(float(one), float(other)) for one, other in zip(told[::2], told[1::2], strict=True)]
    torch.manual_seed(0)
    for case, (_, plan), (spread, most) in zip(CASES, drawings, found, strict=True):
        weight = next(iter(Network(plan).parameters())).detach()
        assert spread == pytest.approx(float(weight.std()), rel=0.06, abs=1e-6), case
        assert most == pytest.approx(float(weight.abs().max()), rel=0.3), case


def test_what_keras_cannot_start_alike_is_told() -> None:
    _, plan = drawing("DepthwiseConv2d", {"kernel_size": 3, "init": "xavier_uniform"}, (8, 5, 5))
    (told,) = missing_twins(plan)
    assert told.said
    assert "starts with other weights than init=xavier_uniform" in told.nearest
    project, plan = drawing(
        "DepthwiseConv2d", {"kernel_size": 3, "init": "zeros", "lr_factor": 0.1}, (8, 5, 5)
    )
    (told,) = missing_twins(plan)
    assert "one rate" in told.nearest
    assert 'depthwise_initializer="zeros"' in to_keras(project, plan)
