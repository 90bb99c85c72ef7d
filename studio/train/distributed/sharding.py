"""A network that is parted among processes, for what is larger than one device: FSDP2 of PyTorch.

Weights come together layer by layer as they are needed; gradients come through backward(), which adds them
up and leaves each process its shards. The optimizer moves the shards as the plain tensors that they are: that
is the same for all that treat every number by itself. Checkpoints hold the whole tensors, as of one process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard, register_fsdp_forward_method
from torch.distributed.tensor import DTensor, distribute_tensor

from studio.build.initial import RATE
from studio.build.network import layer_modules
from studio.build.rules_processes import WHOLE_WEIGHTS
from studio.train.failures import TrainingError
from studio.train.precision import values_in
from studio.train.team import Gradients

if TYPE_CHECKING:
    from studio.train.work import Work

ALONE = 2**16
"""Weights of a layer from which it is parted and brought together by itself; smaller ones go together."""


class Shards:
    """The shards of a network's weights that this process holds."""

    def __init__(self, work: Work) -> None:
        """Part the network of a run. Raises TrainingError where its settings do not allow that."""
        _refuse(work)
        network: Any = work.network
        rates = {name: getattr(one, RATE) for name, one in network.named_parameters() if hasattr(one, RATE)}
        for one in network.parameters():
            one.data = one.data.contiguous()
        self._mesh = init_device_mesh(work.device.type, (dist.get_world_size(),))
        for _, module in layer_modules(network):
            if sum(one.numel() for one in module.parameters()) >= ALONE:
                self._part(module)
        self._part(network)
        register_fsdp_forward_method(network, "values")
        work.objective.values = values_in(str(work.options["precision"]), network.values, work.device)
        self._named: dict[str, Any] = dict(network.named_parameters())
        for name, rate in rates.items():
            setattr(self._named[name], RATE, rate)
        self._owners = {id(_local(one)): one for one in self._named.values()}

    def own(self, named: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The shards as plain tensors, which lie where the parameters do."""
        return {name: _local(self._named.get(name, one)) for name, one in named.items()}

    def whole(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Tensors with all their shards, on the CPU: weights, and what an optimizer keeps of them."""
        found: dict[str, Tensor] = {}
        for key, one in tensors.items():
            owner = self._owner(key)
            if owner is not None and not isinstance(one, DTensor) and one.shape == _local(owner).shape:
                one = DTensor.from_local(
                    one, self._mesh, owner.placements, shape=owner.shape, stride=owner.stride()
                )
            found[key] = one.full_tensor().cpu() if isinstance(one, DTensor) else one
        return found

    def parted_like(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """This process's shards of whole tensors; weights as the network has them."""
        found: dict[str, Tensor] = {}
        for key, one in tensors.items():
            owner = self._owner(key)
            if owner is None or one.shape != owner.shape:
                found[key] = one
                continue
            shard = distribute_tensor(one.to(owner.device), self._mesh, owner.placements)
            found[key] = shard if key in self._named else shard.to_local()
        return found

    def norm(self, norms: Tensor) -> Tensor:
        """The common norm of all shards of all processes."""
        return self.norms(norms.norm())

    def norms(self, norms: Tensor) -> Tensor:
        """The norm of each tensor, of all its shards."""
        squares = norms.square()
        dist.all_reduce(squares)
        return squares.sqrt()

    def gradients(self, total: Tensor, parameters: Sequence[Tensor]) -> Gradients:
        """The shards of the gradients of the losses of all processes together."""
        total.backward()
        owners: list[Any] = [self._owners.get(id(one), one) for one in parameters]
        found = [None if one.grad is None else _local(one.grad) for one in owners]
        for one in self._named.values():
            one.grad = None
        return found

    def _part(self, module: nn.Module) -> None:
        sharded: Any = fully_shard(module, mesh=self._mesh)
        sharded.set_gradient_divide_factor(1.0)
        sharded.set_force_sum_reduction_for_comms(True)  # Gloo knows no other

    def _owner(self, key: str) -> Any:  # noqa: ANN401
        """The parameter that a tensor is of: named as it, or as what an optimizer keeps of it."""
        parts = key.removesuffix("@host").split(".")
        names = (".".join(parts[at:]) for at in range(len(parts)))
        return next((self._named[name] for name in names if name in self._named), None)


def _local(one: Any) -> Tensor:  # noqa: ANN401
    return one._local_tensor if isinstance(one, DTensor) else one  # pyright: ignore[reportPrivateUsage]


def _refuse(work: Work) -> None:
    optimizer = work.job.project.training.optimizer.type
    if optimizer in WHOLE_WEIGHTS:
        raise TrainingError(
            f"{optimizer} looks at whole weights, which no process has with sharding.",
            "Choose another optimizer, AdamW say, or set sharding to none in the training settings.",
        )
    if work.average is not None or work.options["precision"] == "float16":
        what = "A mean of the weights" if work.average is not None else "float16"
        raise TrainingError(
            f"{what} does not go together with sharding.",
            "Set average to none and precision to bfloat16 or float32, or sharding to none, in the training "
            "settings.",
        )
