"""What a network's results mean where each place has a class of its own."""

from __future__ import annotations

import torch

from studio.analysis.answers import Reading, answer


def test_of_scores_for_each_place_the_likeliest_class_is_told():
    scores = torch.tensor([[[0.1, 5.0, 0.0], [3.0, 1.0, 0.0], [0.0, 0.0, 9.0]]])
    reading = Reading("softmax", places=True)
    (values,) = reading.values(scores)
    assert values.tolist() == [1, 0, 2]
    assert str(answer(reading, values)) == "1, 0, 2"
