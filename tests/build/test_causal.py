"""Attention that looks back has a quicker way for a sequence that looks at itself: the same numbers."""

from __future__ import annotations

import pytest
import torch

from studio.build.blocks import CausalAttention


@pytest.mark.parametrize("bias", [True, False])
def test_the_quick_way_is_that_of_torch(bias: bool) -> None:
    torch.manual_seed(0)
    attention = CausalAttention(64, 4, batch_first=True, bias=bias)
    values = torch.randn(3, 17, 64, requires_grad=True)
    learned = [values, *attention.parameters()]
    found, _ = attention(values, values, values, need_weights=False)
    other = values.view_as(values)  # another object: torch's own way
    expected, _ = attention(values, other, other, need_weights=False)
    assert torch.allclose(found, expected, atol=1e-6)
    gradients = (torch.autograd.grad(one.square().sum(), learned) for one in (found, expected))
    for one, two in zip(*gradients, strict=True):
        assert torch.allclose(one, two, atol=1e-4, rtol=1e-4)


def test_dropout_of_attention_is_drawn_in_training_alone() -> None:
    attention = CausalAttention(16, 2, batch_first=True, dropout=0.5)
    values = torch.randn(2, 5, 16)
    once, again = (attention(values, values, values, need_weights=False)[0] for _ in range(2))
    assert not torch.equal(once, again)
    attention.eval()
    once, again = (attention(values, values, values, need_weights=False)[0] for _ in range(2))
    assert torch.equal(once, again)


def test_no_place_sees_what_comes_after_it() -> None:
    attention = CausalAttention(16, 2, batch_first=True).eval()
    values = torch.randn(2, 5, 16)
    before, _ = attention(values, values, values, need_weights=False)
    changed = values.clone()
    changed[:, 3:] += 1.0
    after, _ = attention(changed, changed, changed, need_weights=False)
    assert torch.equal(before[:, :3], after[:, :3])
    assert not torch.allclose(before[:, 3:], after[:, 3:])
