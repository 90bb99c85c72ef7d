"""Modules that others wrote become drawings that compute the same, at any batch size."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from studio.build.check import Checker
from studio.build.network import Network
from studio.errors import StudioError
from studio.interchange.imported import Imported
from studio.interchange.modules.comparing import difference
from studio.interchange.modules.importing import import_module
from studio.interchange.modules.recording import record
from studio.project.storage import load, save
from tests.interchange.modules import models

CLOSE = 1e-5


def drawn(module: nn.Module, *args: Any, **kwargs: Any) -> Imported:
    found = import_module(module, args, kwargs)
    assert found.largest_difference is not None
    assert found.largest_difference < CLOSE
    return found


def network_of(found: Imported) -> Network:
    network = Network(Checker().check(found.project, {}).plan).eval()
    network.load_state_dict(dict(found.weights))
    return network


def types(found: Imported) -> dict[str, str]:
    return {name: node.type for name, node in found.project.graph.nodes.items()}


def same(found: Imported, module: nn.Module, batch: int, *args: Tensor) -> None:
    """The drawing gives what the module gives, at a number of samples that it was never run with."""
    module.eval()
    with torch.no_grad():
        wanted = module(*args)
        answer = network_of(found)(*args)
    assert answer.shape[0] == batch
    assert difference(answer, wanted) < CLOSE


def test_a_plain_network_is_layers_named_by_their_paths() -> None:
    module = models.Convolutional()
    found = drawn(module, torch.randn(1, 3, 8, 8))
    assert list(types(found).items()) == [
        ("x", "Input"),
        ("stem", "Conv2d"),
        ("stage_0_conv", "Conv2d"),
        ("stage_0_norm", "BatchNorm2d"),
        ("stage_0_add", "Add"),
        ("stage_0_act", "ReLU"),
        ("stage_1_conv", "Conv2d"),
        ("stage_1_norm", "BatchNorm2d"),
        ("stage_1_add", "Add"),
        ("stage_1_act", "ReLU"),
        ("mean", "Mean"),
        ("drop", "Dropout"),
        ("head", "Linear"),
        ("output", "Output"),
    ]
    assert found.origin["stage_1_norm"] == ("stage", "1", "norm")
    assert found.origin["stage_1_add"] == ("stage", "1")
    assert found.classes["stage", "1"] == "Residual"
    assert found.report == ()
    same(found, module, 7, torch.randn(7, 3, 8, 8))


def test_the_batch_may_move_into_other_dimensions() -> None:
    module = models.Windows()
    found = drawn(module, torch.randn(2, 4, 6, 6))
    same(found, module, 5, torch.randn(5, 4, 6, 6))
    assert {"Parameter", "Expression", "MatMul"} <= set(types(found).values())


def test_writing_into_parts_of_tensors_makes_new_ones() -> None:
    found = drawn(models.Writing(), torch.randn(2, 5, 4))
    outputs = [name for name, type in types(found).items() if type == "Output"]
    assert outputs == ["whole", "parts_0", "parts_1", "turned"]


def test_writing_into_tensors_that_nobody_holds_any_more() -> None:
    module = models.Rewriting()
    found = import_module(module, (torch.randn(2, 6, 4),))
    assert found.largest_difference == 0.0


def test_recording_keeps_no_tensor_that_the_module_has_let_go() -> None:
    module = models.Deep()
    x = torch.randn(2, 8)
    recording = record(module, (x,), {}, {"x": x})
    assert len(recording.ops) == 60
    assert module.most == 1


def test_one_sample_alone_may_be_a_case_of_its_own() -> None:
    found = drawn(models.Single(), torch.randn(2, 3))
    assert [next(iter(one.inputs.values())).shape[0] for one in found.trials] == [3, 4]
    usual = drawn(models.Convolutional(), torch.randn(2, 3, 8, 8))
    assert [next(iter(one.inputs.values())).shape[0] for one in usual.trials] == [3, 1]


def test_tensors_numbers_and_slices_choose_places_together() -> None:
    module = models.Placing()
    same(drawn(module, torch.randn(2, 6, 8)), module, 5, torch.randn(5, 6, 8))


def test_what_no_layer_is_for_is_a_formula() -> None:
    found = drawn(models.Formulas(), torch.randn(2, 5, 4))
    assert found.report == ()


def test_a_function_mapped_over_fixed_numbers_is_one_of_them() -> None:
    module = models.Mapping(over_samples=False)
    same(drawn(module, torch.randn(2, 3, 4)), module, 5, torch.randn(5, 3, 4))
    over_samples = drawn(models.Mapping(over_samples=True), torch.randn(2, 3, 4))
    assert list(types(over_samples).values()) == ["Input", "Module", "Output"]
    assert "torch.func.vmap" in over_samples.report[0].message


def test_a_window_may_be_larger_where_it_is_rounded_up() -> None:
    found = drawn(models.Rounded(), torch.randn(2, 3, 3, 3))
    assert types(found)["pool"] == "AvgPool2d"


def test_weights_that_are_read_twice_stay_one() -> None:
    module = models.Tied()
    found = drawn(module, torch.randint(11, (2, 4)))
    network = network_of(found).train()
    assert sum(one.numel() for one in network.parameters()) == sum(one.numel() for one in module.parameters())
    same(found, module, 4, torch.randint(11, (4, 3 + 1)))


def test_an_optional_tensor_is_an_input_where_it_is_given() -> None:
    module = models.Tied()
    found = drawn(module, torch.randint(11, (3, 4)), mask=torch.rand(3, 4) > 0.5)
    inputs = {
        name: node.params["dtype"] for name, node in found.project.graph.nodes.items() if node.type == "Input"
    }
    assert inputs == {"ids": "int64", "mask": "bool"}
    assert [found.project.graph.nodes[name].params["field"] for name in inputs] == ["ids", "mask"]


def test_functions_on_own_weights_are_layers_and_results_keep_their_names() -> None:
    found = drawn(models.Functional(), torch.randn(2, 3, 5), places=torch.randint(5, (2, 5)), extra=True)
    kinds = types(found)
    assert {"Conv1d", "LayerNorm", "Embedding", "Dropout"} <= set(kinds.values())
    assert [name for name, type in kinds.items() if type == "Output"] == [
        "last",
        "every_0",
        "every_1",
        "every_2",
    ]
    assert kinds["conv1d"] == "Conv1d"
    assert not any(type == "Parameter" for type in kinds.values())


def test_a_loop_that_does_the_same_for_every_sample_is_drawn_once() -> None:
    module = models.Looping()
    found = drawn(module, torch.randn(2, 5, 4))
    same(found, module, 6, torch.randn(6, 5, 4))
    assert [one.name for one in found.project.graph.nodes.values() if one.type == "Expression"].count(
        "repeat"
    ) == 1


def test_what_is_the_same_for_every_sample_is_taken_once() -> None:
    module = models.Spreading()
    found = drawn(module, torch.randn(2, 6, 8))
    same(found, module, 5, torch.randn(5, 6, 8))
    assert found.report == ()


def test_one_thing_said_in_many_ways() -> None:
    module = models.Spelling()
    found = drawn(module, torch.randn(2, 6, 4))
    same(found, module, 5, torch.randn(5, 6, 4))


def test_recurrent_layers_and_attention_keep_their_states_and_masks() -> None:
    found = drawn(models.Recurrent(), torch.randn(2, 5, 4), torch.zeros(2, 5, dtype=torch.bool))
    assert types(found)["lstm"] == "LSTM"
    assert types(found)["attention"] == "MultiheadAttention"


def test_an_untidy_module_leaves_nothing_behind(capsys: pytest.CaptureFixture[str]) -> None:
    module = models.Untidy()
    module.train()
    torch.manual_seed(3)
    before, seeds = torch.get_rng_state(), random.getstate()
    found = drawn(module, torch.randn(2, 3))
    assert torch.get_default_dtype() is torch.float32
    assert random.getstate() == seeds
    assert module.training
    assert not module.cache
    assert module.calls.item() == 0
    assert capsys.readouterr().out == ""
    torch.manual_seed(3)
    assert torch.equal(torch.get_rng_state(), before)
    told = [one.message for one in found.report]
    assert any("hello from inside" in one for one in told)
    assert any("reads a value off a tensor" in one for one in told)


def test_what_cannot_be_read_stays_one_node_that_learns() -> None:
    module = models.Holding()
    found = drawn(module, torch.randn(4, 4))
    kinds = types(found)
    assert kinds == {
        "x": "Input",
        "before": "Linear",
        "relu": "ReLU",
        "sorting": "Module",
        "path": "StochasticDepth",
        "output": "Output",
    }
    assert found.project.graph.nodes["sorting"].params["factor"] == 2.0
    (told,) = [one for one in found.report if one.node == "sorting"]
    assert "Sorting" in told.message
    network = network_of(found).train()
    network(torch.randn(4, 4)).sum().backward()
    assert all(one.grad is not None for one in network.parameters())


def test_what_asks_each_sample_in_turn_is_one_node_and_the_rest_is_drawn() -> None:
    torch.manual_seed(0)  # how many calls there are follows from the weights
    module = models.Asking()
    found = drawn(module, torch.randn(2, 4))
    assert list(types(found).values()) == ["Input", "Linear", "Module", "ReLU", "Output"]
    (told,) = [one.message for one in found.report if one.node]
    assert told.startswith("tests.interchange.modules.models.Peaks could not be read (what peaks does")
    x = torch.cat([torch.randn(5, 4), -torch.ones(2, 4)])
    same(found, module, 7, x)


def test_what_is_made_with_an_object_is_one_node_with_that_object_written_out() -> None:
    torch.manual_seed(0)
    module = models.Choosing()
    found = drawn(module, torch.randn(3, 4))
    nodes = [node for node in found.project.graph.nodes.values() if node.type == "PythonLayer"]
    assert [node.params["at"] for node in nodes] == [0, 1]
    assert "sizes=Sizes(width=4, factors=(1.0, 2.0))" in str(nodes[0].params["source"])
    assert nodes[0].params["source"] == nodes[1].params["source"]
    assert {one.node for one in found.report if "Chooser could not be read" in one.message} == {
        node.name for node in nodes
    }
    same(found, module, 7, torch.randn(7, 4))
    network = network_of(found).train()
    network(torch.randn(5, 4)).sum().backward()
    assert all(one.grad is not None for one in network.before.parameters())


def test_what_no_text_can_make_stays_in_the_module_around_it() -> None:
    torch.manual_seed(0)
    module = models.Choosing()
    module.sizes = object()
    found = drawn(module, torch.randn(3, 4))
    assert list(types(found).values()) == ["Input", "Module", "Output"]
    same(found, module, 7, torch.randn(7, 4))


def test_the_drawing_is_a_file_like_any_other(tmp_path: Any) -> None:
    found = drawn(models.Windows(), torch.randn(2, 4, 6, 6))
    save(found.project, tmp_path / "windows.loom")
    assert load(tmp_path / "windows.loom").graph == found.project.graph


class Failing(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        raise RuntimeError("it was never meant to run")


@pytest.mark.parametrize(
    ("module", "given", "words"),
    [
        (Failing(), {"x": torch.ones(2, 3)}, "never meant to run"),
        (nn.Linear(3, 2), {"input": torch.ones(2, 4)}, "2×4"),
        (nn.Linear(3, 2), {"image": torch.ones(2, 3)}, "does not take these inputs"),
        (nn.Linear(3, 2), {"input": "nothing"}, "no tensor"),
    ],
)
def test_what_cannot_be_run_is_told(module: nn.Module, given: Mapping[str, Any], words: str) -> None:
    with pytest.raises(StudioError, match=words):
        import_module(module, (), given)
