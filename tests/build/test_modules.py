"""The modules that torch lacks compute what their papers say, by way of what torch has."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from studio.build import blocks
from studio.build.check import Checker
from studio.build.network import Network
from studio.interchange.pytorch.source import to_pytorch
from tests.build.drawings import FIELDS, draw, node

IMAGES = torch.rand(4, 6, 8, 8, generator=torch.Generator().manual_seed(0))


def test_a_separable_convolution_is_a_depthwise_and_a_pointwise_one() -> None:
    module = blocks.SeparableConv2d(6, 5, 3, padding=1, depth_multiplier=2)
    kernel = module.pointwise.weight.flatten(1) @ torch.eye(12)
    whole = torch.einsum("ok,kchw->ockhw", kernel, module.depthwise.weight).sum(1)
    assert whole.shape == (5, 12, 3, 3)
    inputs = IMAGES.repeat_interleave(2, 1)
    plain = nn.functional.conv2d(inputs, whole, module.pointwise.bias, padding=1)
    torch.testing.assert_close(module(IMAGES), plain)


def test_a_low_rank_layer_starts_as_the_plain_one_and_learns_beside_it() -> None:
    module = blocks.LoRALinear(8, 5, rank=2, alpha=4.0)
    plain = nn.Linear(8, 5)
    module.load_state_dict(plain.state_dict(), strict=False)
    assert torch.equal(module(IMAGES), plain(IMAGES))
    nn.init.normal_(module.lora_b)
    merged = plain.weight + 2.0 * module.lora_b @ module.lora_a
    torch.testing.assert_close(module(IMAGES), nn.functional.linear(IMAGES, merged, plain.bias))
    assert {name for name, one in module.named_parameters() if one.requires_grad} == {"lora_a", "lora_b"}


def test_channel_layer_norm_normalizes_the_channels_at_every_place() -> None:
    result = blocks.ChannelLayerNorm(6, eps=0.0)(IMAGES)
    torch.testing.assert_close(result.mean(1), torch.zeros(4, 8, 8), atol=1e-5, rtol=0)
    torch.testing.assert_close(result.var(1, unbiased=False), torch.ones(4, 8, 8), atol=1e-3, rtol=0)
    assert blocks.ChannelLayerNorm(6).state_dict().keys() == nn.LayerNorm(6).state_dict().keys()


@pytest.mark.parametrize(("mode", "answers"), [("row", 2), ("batch", 1)])
def test_stochastic_depth_drops_whole_samples_and_keeps_the_mean(mode: str, answers: int) -> None:
    torch.manual_seed(0)
    module, ones = blocks.StochasticDepth(0.25, mode), torch.ones(4000, 3)
    seen = [module(ones) for _ in range(4 if mode == "row" else 400)]
    assert all(len(one.unique(dim=0)) == answers for one in seen)
    assert torch.stack(seen).mean() == pytest.approx(1.0, abs=0.1)
    assert torch.equal(module.eval()(ones), ones)
    assert bool((blocks.StochasticDepth(1.0, mode)(ones) == 0).all())


def test_global_pools_are_means_and_maxima_over_all_places() -> None:
    assert torch.equal(blocks.global_avg_pool(IMAGES, True), IMAGES.mean((2, 3), keepdim=True))
    assert torch.equal(blocks.global_max_pool(IMAGES), IMAGES.flatten(2).max(2).values)


def test_patches_are_those_of_the_image_row_by_row() -> None:
    module = blocks.PatchEmbedding(6, 3, (4, 2))
    weight, bias = module.projection.weight.flatten(1), module.projection.bias
    patch = IMAGES[:, :, 4:8, 2:4].flatten(1)
    torch.testing.assert_close(module(IMAGES)[:, 5], patch @ weight.T + bias)


def test_unpooling_puts_values_back_where_pooling_found_them() -> None:
    project = draw(
        [
            node("image", "Input", field="image"),
            node("pool", "MaxPool2d", return_indices=True),
            node("back", "MaxUnpool2d"),
            node("out", "Output"),
        ],
        "image > pool",
        "pool > back",
        "pool.indices > back.indices",
        "back > out",
    )
    checked = Checker().check(project, FIELDS)
    assert not checked.errors
    image = torch.rand(3, 1, 8, 8)
    result = Network(checked.plan)(image)
    kept = result != 0
    assert int(kept.sum()) == 3 * 16
    assert torch.equal(result[kept], image[kept])
    source = to_pytorch(project, checked.plan)
    assert "pool, pool_indices = self.pool(image)" in source
    assert "self.back(pool, pool_indices)" in source


def test_a_depthwise_convolution_is_written_as_people_write_it() -> None:
    project = draw(
        [
            node("image", "Input", field="image"),
            node("stem", "Conv2d", out_channels=6),
            node("deep", "DepthwiseConv2d", depth_multiplier=2, padding="same"),
            node("out", "Output"),
        ],
        *["image > stem", "stem > deep", "deep > out"],
    )
    checked = Checker().check(project, FIELDS)
    assert not checked.errors
    assert 'self.deep = nn.Conv2d(6, 12, 3, padding="same", groups=6)' in to_pytorch(project, checked.plan)
