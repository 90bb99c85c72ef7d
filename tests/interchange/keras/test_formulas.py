"""Formulas are said in Keras, computing the same; what Keras lacks is named."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from torch import Tensor

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Plan
from studio.catalog.formula import FUNCTIONS, read_formula
from studio.interchange.keras.comparing import CLOSE, job_of
from studio.interchange.keras.missing import missing_twins
from studio.interchange.keras.running import run_jobs
from studio.interchange.keras.twins.expression import in_keras
from studio.interchange.keras.twins.formulas import table
from studio.interchange.keras.twins.formulas.known import UnsaidError
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.project import Project

SHAPES: dict[str, tuple[int, ...]] = {
    "x": (4, 6),
    "y": (4, 6),
    "m": (2, 4, 6),
    "v": (6,),
    "image": (4, 6, 6),
    "kernel": (5, 4, 3, 3),
    "slim": (1, 6),
    "w": (6, 6),
    "n": (6, 1),
    "k": (6, 4, 1, 1),
}
"""Tensors of formulas without the batch; those that are learned have none."""
LEARNED = ("v", "kernel", "slim", "w", "n", "k")
WHOLE = {"places": (4,), "at": (4, 2)}
"""Whole numbers from 0 to 3, likewise."""
FORMULAS = (
    *("reshape(x, -1, 24)", "reshape(x, x.shape[0], 2, 12)", "view(x, (x.shape[0] * 4, 6))"),
    *("flatten(x, 1)", "view_as(x, y)", "reshape_as(x, y)", "unflatten(x, 2, (2, 3))"),
    *("flatten(m, 0, 1)", "x + expand(slim, x.shape[0], -1, -1)"),
    *("expand(slim, (x.shape[0], 4, 6)) * x", "expand_as(slim, x)"),
    "cat((expand(slim, (x.shape[0], -1, -1)), x), 1)",
    *("broadcast_to(slim, (x.shape[0], 3, 6)) + 0 * x[:, :3]", "permute(m, 0, 2, 3, 1)"),
    *("permute(m, (0, 3, 1, 2))", "transpose(m, 1, 2)", "movedim(m, 1, -1)", "x @ t(w)"),
    *("repeat(x, 1, 2, 1)", "tile(x, (1, 2, 3))", "repeat_interleave(x, 2, dim=1)", "pad(x, (1, 2))"),
    *("pad(image, (1, 0, 2, 1), value=0.5)", "pad(x, (-1, 2, 0, -1))", "pad(x, (0, 0))"),
    *("pad(image, (1, 1, 2, 2), mode='reflect')", "pad(x, (1, 1), mode='replicate')", "roll(x, 1, 1)"),
    *("roll(image, (1, -2), (2, 3))", "roll(image, shifts=(1, 2), dims=(2, 3))"),
    "interpolate(image, scale_factor=2.0, mode='nearest')",
    "interpolate(image, size=(9, 4), mode='bilinear', align_corners=True)",
    *("interpolate(image, (3, 5), mode='bilinear')", "chunk(x, 3, dim=2)[1]", "split(x, 4, -1)[1]"),
    *("split(x, (1, 2, 3), dim=2)[2]", "unbind(x, 1)[2]", "tensor_split(x, 4, 2)[0]"),
    *("narrow(x, 2, 1, 3)", "select(x, 1, -1)", "index_select(x, 2, places[0])"),
    *("gather(x, 1, expand(unsqueeze(places, 2), -1, -1, 6))", "take_along_dim(x, argsort(x, 1), 1)"),
    *("embedding(at, w)", "w[at]", "w[:, [0, 2]] + 0 * sum(x)", "x[:, [0, 2]]", "slim[0] + x"),
    *("x[:, 1:x.shape[1] // 2 + 1]", "x[..., :2]", "x[:, None]", "x[:, -1]", "x[:, ::2, 1]"),
    *("x[:, 1:]", "tril(m)", "triu(x, 1)", "diagonal(m, 0, 2, 3)", "diagonal(x, dim1=1, dim2=2)"),
    *("argmax(x, 2)", "argmin(x, dim=1, keepdim=True)", "argsort(x, 2)"),
    *("argsort(x, dim=1, descending=True)", "any(x > 0.9, 1)", "all(x > 0.1, dim=2, keepdim=True)"),
    *("amax(x, (1, 2))", "amin(x, 1)", "count_nonzero(x > 0.5, 2)", "count_nonzero(x > 0.5, dim=1)"),
    *("max(x, 2)", "min(x, 1, True)", "sort(x, 2)[0]", "sort(x, dim=1, descending=True)[0]"),
    *("sort(x, 2)[1]", "topk(x, 2)[0]", "topk(x, 2, 1)[1]", "topk(x, 3, largest=False)[0]"),
    *("x + zeros(4, 6)", "x * ones((4, 6))", "full((2,), 0.5)[0] + x"),
    *("cat((new_zeros(x, (x.shape[0], 1, 6)), x), 1)", "new_ones(x, 4, 6) - x"),
    *("new_full(x, (6,), 2.0) * x", "x + arange(6)", "arange(1, x.shape[2] + 1) * x"),
    *("arange(0, 12, 2, dtype=float32) + x", "one_hot(places, 4)", "to(places, float32) * 2"),
    *("float(places) / 3", "type_as(places, x)", "long(x * 3)", "bool(places)"),
    *("int(x * 4) + places[:, :, None]", "contiguous(x)", "clone(x)", "detach(x) * y", "linear(x, w)"),
    *("linear(x, w, v)", "conv2d(image, kernel)", "conv2d(image, kernel, stride=2, padding=1)"),
    "conv2d(image, kernel, padding=(1, 2), dilation=(2, 1))",
    *("conv1d(m[:, 0], kernel[:, :, 0], padding=1)", "var(x, 2)", "std(x, dim=(1, 2), keepdim=True)"),
    *("var(x, dim=2, correction=0)", "std(x, 1, unbiased=False)", "norm(x, dim=2)"),
    *("norm(x, ord=1, dim=1, keepdim=True)", "norm(x, ord=3, dim=2)", "normalize(x, dim=2)"),
    *("normalize(x)", "normalize(x, p=1.0, dim=-1)", "cosine_similarity(x, y, dim=2)"),
    *("layer_norm(x, (6,))", "layer_norm(x, (6,), v, v, 1e-3)", "layer_norm(m, (4, 6))"),
    *("rms_norm(x, (6,), v)", "group_norm(image, 2)", "instance_norm(image)"),
    *("group_norm(image, 2, v[:4], v[:4])", "instance_norm(x)"),
    "batch_norm(image, v[:4], v[:4] ** 2 + 1, v[:4], v[:4], training=False)",
    *("scaled_dot_product_attention(m, m, m)", "scaled_dot_product_attention(m, m, m, is_causal=True)"),
    "scaled_dot_product_attention(m, m, m, attn_mask=tril(m @ transpose(m, 2, 3)) > 0, scale=0.5)",
    *("clamp(x, 0.2, 0.7)", "clamp(x, max=0.5)", "clamp(x, min=0.5)", "masked_fill(x, y > 0.5, -inf)"),
    *("adaptive_avg_pool2d(image, 1)", "adaptive_max_pool2d(image, (1, 1))"),
    *("dropout(x, 0.5, training=False)", "lerp(x, y, 0.3)", "addcmul(x, y, y, value=2)"),
    *("addcdiv(x, y, y + 1)", "baddbmm(x, x, w + 0 * m[:, 0, :1, :1])"),
    *("addmm(v, x[:, 0], w, beta=2, alpha=0.5)", "rsub(x, y)", "rsub(x, 1)", "frac(x * 3)", "exp2(x)"),
    *("logit(x * 0.8 + 0.1)", "hypot(x, y)", "cross(x[:, :, :3], y[:, :, :3], dim=2)"),
    "cross(x[:, :3], y[:, :3], dim=1)",
    *("tensordot(x, w, 1)", "nan_to_num(x / (x > 0.5))", "gelu(x)", "gelu(x, approximate='tanh')"),
    *("elu(x - 0.5)", "celu(x - 0.5, 0.7)", "elu(x - 0.5, alpha=0.3)", "selu(x - 0.5)", "relu6(x * 9)"),
    *("mish(x - 0.5)", "leaky_relu(x - 0.5)", "leaky_relu(x - 0.5, negative_slope=0.2)"),
    *("prelu(x - 0.5, v[:4])", "prelu(x - 0.5, v[:1])", "hardsigmoid(x * 8 - 4)"),
    *("hardswish(x * 8 - 4)", "hardtanh(x * 4 - 2)", "hardtanh(x, 0.2, 0.5)", "glu(x)"),
    *("glu(x, dim=1)", "logsigmoid(x)", "softmin(x, 2)", "softmin(x, dim=1)", "tanhshrink(x)"),
    *("softmax(x, dim=2, dtype=float32)", "sum(places, 1, dtype=float32) + x[:, 0, 0]"),
    *("mean(x, (1, 2))", "logaddexp(x, y)", "logical_xor(x > 0.5, y > 0.5)", "isnan(x)"),
    *("trunc(x * 3)", "floor_divide(x * 9, 2)", "asinh(x)", "acosh(x + 1)", "atanh(x * 0.5)"),
    *("mv(w, v) + x", "remainder(x * 9, 2)", "fmod(x * 9, 2)", "einsum('nlf,nkf->nlk', x, y)"),
    *("where(x > y, x, 1 - y)", "(x + y)[:, 0] * -x[:, 1]", "~(x > y)", "(x > 0.2) & (y > 0.3)"),
    *("x[..., [-1], :]", "x[..., [0, -2]]", "x[arange(x.shape[0]), argmax(x[:, :, 0], 1)]"),
    *("v[[1, 0]] * x[..., :2]", "norm_except_dim(kernel, 2, 0)[:4, 0, 0] + x[..., :1]"),
    "batch_norm(image, None, None, v[:4], v[:4], training=True)",
    *("conv1d(x, w[:4, None, :3], padding=1, groups=4)", "conv2d(image, kernel[:4, :2], groups=2)"),
    "scaled_dot_product_attention(m, m[:, :1], m[:, :1], enable_gqa=True)",
    "einsum('B L F, B k F -> B L k', x, y)",
    *("einsum('b l f, b k f -> b l k', x, y)", "pad(x, (1, 1), value=-inf) * 0 + 1"),
    *("image + n", "add(image, n) + n", "image * 2 + n * 2", "conv2d(image, k, n[:, 0])", "image + n + k[0]"),
    *("interpolate(image, scale_factor=(2.0, 2.0), antialias=False)", "var(x, 0, unbiased=False) + x"),
    *("x % 0.3", "x // 0.3", "x / x.shape[2] ** 0.5", "(x - y) ** 2 / (x + y + 1)", "stack((x, y), 1)"),
    *("cumsum(x, 1)", "flip(x, (1,))", "squeeze(x[:, :1], 1)", "logsumexp(x, dim=2)"),
)  # fmt: skip


def drawn(formula: str) -> tuple[Project, Plan]:
    """A drawing of the formula alone."""
    nodes = {"out": Node("out", "Output"), "formula": Node("formula", "Expression", {"expression": formula})}
    for name in read_formula(formula).names:
        if name in LEARNED:
            nodes[name] = Node(name, "Parameter", {"shape": SHAPES[name]})
            continue
        dtype = "int64" if name in WHOLE else "float32"
        shape = WHOLE.get(name) or SHAPES[name]
        nodes[name] = Node(name, "Input", {"field": name, "shape": shape, "dtype": dtype})
    edges = [
        Edge(Endpoint(name, "output"), Endpoint("formula", name)) for name in read_formula(formula).names
    ]
    edges.append(Edge(Endpoint("formula", "output"), Endpoint("out", "input")))
    project = Project("formula", Graph(nodes, tuple(edges)))
    checked = Checker().check(project, {})
    assert not checked.errors, checked.errors
    return project, checked.plan


def values(plan: Plan) -> dict[str, Tensor]:
    """Samples for the inputs."""
    torch.manual_seed(1)
    return {
        step.field: torch.randint(0, 4, step.type.at(3))
        if step.field in WHOLE
        else torch.rand(step.type.at(3))
        for step in plan.model_inputs
    }


@cache
def told(backend: str) -> dict[str, dict]:
    """What one child says of every formula."""
    jobs = {}
    for formula in FORMULAS:
        project, plan = drawn(formula)
        network = Network(plan)
        for weight in network.state_dict().values():
            weight.uniform_(0, 1)
        jobs[formula] = job_of(project, plan, network.eval(), values(plan))
    return dict(zip(jobs, run_jobs(list(jobs.values()), backend), strict=True))


@pytest.mark.parametrize("backend", ["tensorflow", "torch", "jax"])
@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_computes_the_same_in_keras(formula: str, backend: str) -> None:
    one = told(backend)[formula]
    assert "error" not in one, one.get("trace")
    assert one["difference"] <= CLOSE


def test_every_function_of_the_table_is_tested() -> None:
    known = {*table.FUNCTIONS, *table.PAIRS}
    assert known <= set(FUNCTIONS)
    called = {name for name in known if any(f"{name}(" in formula for formula in FORMULAS)}
    alike = {"adaptive_avg_pool1d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool3d",
             "conv3d", "addmv", "double", "half", "bfloat16", "dropout1d", "dropout2d", "dropout3d",
             "alpha_dropout", "feature_alpha_dropout"}  # fmt: skip
    assert known - called == alike


@pytest.mark.parametrize(
    ("formula", "lacks"),
    [
        ("dropout(x, 0.5)", "dropout"),
        ("logcumsumexp(x, 1)", "logcumsumexp"),
        ("gather(x, 1, long(x[:, :2, :3]))", "gather"),
        ("pixel_shuffle(image, 2)", "pixel_shuffle"),
        ("x[:, [0, 1], [2, 3]]", "x[:, [0, 1], [2, 3]]"),
    ],
)
def test_what_keras_lacks_is_named(formula: str, lacks: str) -> None:
    (missing,) = missing_twins(drawn(formula)[1])
    assert missing.nearest.startswith(f"Nothing in keras.ops is known for {lacks} in a formula")
    assert not missing.said


def test_a_formula_of_tensors_that_nobody_knows_yet_is_said_as_far_as_that_goes() -> None:
    names = (("p", "p"), ("target", "y_true"))
    said = in_keras("mean(clamp(p[:, 0] - float(target), min=0) ** 2)", names).text
    assert said == "ops.mean(ops.maximum(p[:, 0] - ops.cast(y_true, 'float32'), 0) ** 2)"
    with pytest.raises(UnsaidError, match="var"):
        in_keras("var(p, 1)", names)
