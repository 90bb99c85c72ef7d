"""The network computes what its drawing says."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.build.check import Checker
from studio.build.network import Network, make_losses
from studio.build.plan import FieldRef, Plan
from studio.project import edits
from studio.project.graph import Endpoint
from studio.project.project import Project
from tests.build.drawings import FIELDS, classifier, draw, node, residual


def plan_of(project: Project) -> Plan:
    checked = Checker().check(project, FIELDS)
    assert not checked.errors
    return checked.plan


def batch(size: int = 5) -> dict[str, Tensor]:
    torch.manual_seed(7)
    return {
        "image": torch.rand(size, 1, 8, 8),
        "rows": torch.rand(size, 5),
        "label": torch.randint(10, (size,)),
        "answer": torch.randint(2, (size,)),
        "price": torch.rand(size, 1),
    }


class ByHand(nn.Module):
    """The drawing of `residual`, written by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 3, padding=1)
        self.conv1 = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.lstm = nn.LSTM(8, 6, num_layers=2, batch_first=True)
        self.fc = nn.Linear(518, 10)
        self.worth = nn.Linear(518, 1)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        stem = self.stem(image).relu()
        skip = self.norm(self.conv1(stem)).relu() + stem
        cell = self.lstm(image.reshape(-1, 8, 8))[1][1]
        both = torch.cat([functional.dropout(skip, 0.5, self.training).flatten(1), cell[1]], 1)
        return self.fc(both), self.worth(both)


@pytest.mark.parametrize("training", [True, False])
def test_equals_the_same_network_written_by_hand(training: bool) -> None:
    plan = plan_of(residual())
    torch.manual_seed(3)
    drawn = Network(plan).train(training)
    torch.manual_seed(3)
    hand = ByHand().train(training)
    assert [key for key, _ in drawn.named_parameters()] == [key for key, _ in hand.named_parameters()]
    data = batch()
    torch.manual_seed(4)
    values = drawn.values(data)
    torch.manual_seed(4)
    scores, worth = hand(data["image"])
    assert torch.equal(values[Endpoint("fc", "output")], scores)
    assert torch.equal(values[Endpoint("worth", "output")], worth)
    assert values[FieldRef("label")] is data["label"]
    assert values[FieldRef("price")] is data["price"]
    torch.manual_seed(4)
    assert torch.equal(drawn(data["image"]), scores)


def test_losses_are_those_of_torch() -> None:
    plan = plan_of(residual())
    data = batch()
    network = Network(plan).eval()
    values = network.values(data)
    losses = make_losses(plan)
    assert {loss.name: loss.weight for loss in plan.losses} == {"loss": 1.0, "price": 0.5}
    by_name = {loss.name: loss for loss in plan.losses}
    one = losses["loss"](*(values[ref] for ref in (by_name["loss"].prediction, by_name["loss"].target)))
    assert torch.equal(one, functional.cross_entropy(values[Endpoint("fc", "output")], data["label"]))


def test_yes_or_no_may_be_class_indices() -> None:
    project = draw(
        [
            node("x", "Input", field="rows"),
            node("fc", "Linear", out_features=1),
            node("loss", "BCEWithLogits", target="answer"),
        ],
        "x > fc",
        "fc > loss.prediction",
    )
    plan = plan_of(project)
    data = batch()
    values = Network(plan).values(data)
    scores = values[Endpoint("fc", "output")]
    expected = functional.binary_cross_entropy_with_logits(scores, data["answer"].float()[:, None])
    assert torch.equal(make_losses(plan)["loss"](scores, data["answer"]), expected)


def test_a_muted_node_passes_its_input() -> None:
    project = classifier(node("conv1", "Conv2d", out_channels=3), node("relu1", "ReLU"))
    quiet = plan_of(edits.set_muted(project, ["conv1", "relu1"], True))
    assert [step.name for step in quiet.steps] == ["flatten", "fc"]
    network = Network(quiet)
    image = batch()["image"]
    assert torch.equal(network(image), network.fc(image.flatten(1)))


def test_what_leads_nowhere_is_not_built() -> None:
    project = edits.connect(
        classifier().with_graph(classifier().graph.with_nodes(node("aside", "Linear"))),
        Endpoint("flatten", "output"),
        Endpoint("aside", "input"),
    )
    checked = Checker().check(project, FIELDS)
    assert "aside" not in dict(Network(checked.plan).named_modules())
    assert str(checked.types[Endpoint("aside", "output")]) == "N×64"
    assert "aside" in checked.steps


def test_a_copy_has_weights_of_its_own() -> None:
    network = Network(plan_of(residual())).eval()
    image = batch()["image"]
    before = network(image)
    twin = copy.deepcopy(network)
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter.zero_()
    assert torch.equal(twin(image), torch.zeros(5, 10))
    assert torch.equal(network(image), before)


def test_a_node_may_have_the_name_of_a_method() -> None:
    project = classifier(node("values", "Conv2d", out_channels=2))
    network = Network(plan_of(project))
    assert "values.weight" in network.state_dict()
    assert Endpoint("fc", "output") in network.values(batch())


def test_the_wrong_number_of_inputs_is_told() -> None:
    network = Network(plan_of(residual()))
    with pytest.raises(ValueError, match=r"takes 1 inputs \(image\), not 2"):
        network(batch()["image"], batch()["image"])


def test_a_target_may_come_by_wire_and_an_input_be_a_result() -> None:
    project = draw(
        [
            node("x", "Input", field="rows"),
            node("truth", "Input", field="price"),
            node("fc", "Linear", out_features=1),
            node("loss", "L1"),
            node("same", "Output"),
            node("guess", "Output"),
        ],
        "x > fc",
        "fc > loss.prediction",
        "truth > loss.target",
        "x > same",
        "fc > guess",
    )
    plan = plan_of(project)
    assert [step.name for step in plan.model_inputs] == ["x"]
    network, data = Network(plan), batch()
    values = network.values(data)
    assert values[plan.losses[0].target] is data["price"]
    guess, same = (dict(zip(plan.results, network(data["rows"]), strict=True))[k] for k in ("guess", "same"))
    assert same is data["rows"]
    assert torch.equal(guess, values[Endpoint("fc", "output")])
