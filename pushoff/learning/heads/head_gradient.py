"""Gradient of a temporal head's loss for one batch of windows, without autograd. Door: torch.

The formulas of `TemporalHead` and their derivatives, in buffers that are allocated once. Rows are
ordered by frame, then by window: a shift in time is a shift of rows. A dilated convolution is thus
three products of matrices without a copy of the neighbours, and zeros beyond a window's ends are
rows left out.
"""

from collections.abc import Sequence
from typing import cast

import torch

from pushoff.learning.model.temporal_head import TemporalHead

Named = dict[str, torch.Tensor]
"""A tensor for each parameter of a head."""


class HeadGradient:
    """Of one head, for batches of `batch` windows of `frames` frames: N = frames * batch rows."""

    def __init__(self, head: TemporalHead, frames: int, batch: int) -> None:
        count = sum(parameter.numel() for parameter in head.parameters())
        self.parameters, self.gradient = torch.zeros(count), torch.zeros(count)
        """(P,) each: all parameters of the head in one vector, and the loss's gradient."""
        self._values = _views_by_name(head, self.parameters)
        self._gradients = _views_by_name(head, self.gradient)
        for name, parameter in head.named_parameters():
            self._values[name].copy_(parameter.detach())
        rows, width = frames * batch, head.shape.width
        self._outputs = [torch.empty(rows, width) for _ in range(len(head.shape.dilations) + 1)]
        """Of the input layer and of each residual layer, (N, width)."""
        self._slopes, scratch = torch.empty(rows, width), torch.empty(2, rows, width)
        self._layers = [
            _ResidualLayer(
                _of_layer(self._values, number),
                _of_layer(self._gradients, number),
                cast(torch.nn.LayerNorm, head.norms[number]).eps,
                dilation * batch,
                self._outputs[number],
                self._outputs[number + 1],
                scratch,
                (frames, batch, width),
            )
            for number, dilation in enumerate(head.shape.dilations)
        ]

    def copy_into(self, head: TemporalHead) -> None:
        """Make the parameters those of `head`."""
        for name, value in self._values.items():
            head.get_parameter(name).detach().copy_(value)

    def compute(
        self,
        inputs: torch.Tensor,
        dropout: Sequence[torch.Tensor],
        targets: torch.Tensor,
        weights: torch.Tensor,
    ) -> None:
        """Set `gradient` to that of the sum of weights * binary cross-entropy.

        `inputs` (N, components) after their dropout; `dropout` (batch, width) factors of each
        residual layer's channels; `targets` and `weights` (N, 4).
        """
        values, gradients = self._values, self._gradients
        torch.addmm(values["input.bias"], inputs, values["input.weight"].t(), out=self._outputs[0])
        for layer, factors in zip(self._layers, dropout, strict=True):
            layer.forward(factors)
        last = self._outputs[-1]
        logits = torch.addmm(values["output.bias"], last, values["output.weight"].t())
        slopes = logits.sigmoid_().sub_(targets).mul_(weights)
        torch.mm(slopes.t(), last, out=gradients["output.weight"])
        torch.sum(slopes, 0, out=gradients["output.bias"])
        slopes = torch.mm(slopes, values["output.weight"], out=self._slopes)
        for layer, factors in zip(reversed(self._layers), reversed(dropout), strict=True):
            layer.backward(slopes, factors)
        torch.mm(slopes.t(), inputs, out=gradients["input.weight"])
        torch.sum(slopes, 0, out=gradients["input.bias"])


def _views_by_name(head: TemporalHead, vector: torch.Tensor) -> Named:
    """Parts of a (P,) vector in the shapes of the head's parameters."""
    named = dict(head.named_parameters())
    parts = vector.split([parameter.numel() for parameter in named.values()])
    return {
        name: part.view(parameter.shape)
        for (name, parameter), part in zip(named.items(), parts, strict=True)
    }


def _of_layer(named: Named, number: int) -> tuple[torch.Tensor, ...]:
    """Weight and bias of a residual layer's convolution, then of its norm."""
    return tuple(named[f"{part}.{number}.{kind}"] for part in ("layers", "norms")
                 for kind in ("weight", "bias"))  # fmt: skip


class _ResidualLayer:
    """`outputs = inputs + dropout * gelu(convolution(norm(inputs)))`, all of them (N, width)."""

    def __init__(
        self,
        values: tuple[torch.Tensor, ...],
        gradients: tuple[torch.Tensor, ...],
        eps: float,
        shift: int,
        inputs: torch.Tensor,
        outputs: torch.Tensor,
        scratch: torch.Tensor,
        sizes: tuple[int, int, int],
    ) -> None:
        """`shift` is the dilation in rows; `scratch` (2, N, width) is used by every layer."""
        self._values, self._gradients, self._eps = values, gradients, eps
        self._inputs, self._outputs, self._sizes = inputs, outputs, sizes
        self._local, self._normed_slopes = scratch
        rows, width = inputs.shape
        self._hidden = torch.empty(rows, width)
        left = max(rows - shift, 0)
        early, late, all_rows = slice(left), slice(rows - left, rows), slice(rows)
        self._taps = list(
            zip(
                values[0].split(width, 1),
                gradients[0].split(width, 1),
                (early, all_rows, late),
                (late, all_rows, early),
                strict=True,
            )
        )
        """Before, now and after: their thirds of the weights, the rows they read and write."""

    def forward(self, factors: torch.Tensor) -> None:
        """Set the outputs; `factors` (batch, width) are the dropout."""
        _, bias, norm_weight, norm_bias = self._values
        self._normed, *self._statistics = torch.native_layer_norm(
            self._inputs, [self._inputs.shape[1]], norm_weight, norm_bias, self._eps
        )
        self._hidden.copy_(bias)
        for weight, _, read, written in self._taps:
            self._hidden[written].addmm_(self._normed[read], weight.t())
        torch.ops.aten.gelu.out(self._hidden, out=self._local)
        inputs, activated, outputs = map(
            self._by_window, (self._inputs, self._local, self._outputs)
        )
        torch.addcmul(inputs, activated, factors, out=outputs)

    def backward(self, slopes: torch.Tensor, factors: torch.Tensor) -> None:
        """Turn the loss's slopes (N, width) at the outputs into those at the inputs."""
        local, normed_slopes = self._local, self._normed_slopes.zero_()
        torch.mul(self._by_window(slopes), factors, out=self._by_window(local))
        torch.ops.aten.gelu_backward.grad_input(local, self._hidden, grad_input=local)
        torch.sum(local, 0, out=self._gradients[1])
        for weight, gradient, read, written in self._taps:
            torch.mm(local[written].t(), self._normed[read], out=gradient)
            normed_slopes[read].addmm_(local[written], weight)
        through_norm, *norm_gradients = torch.ops.aten.native_layer_norm_backward(
            normed_slopes, self._inputs, [self._inputs.shape[1]], *self._statistics,
            *self._values[2:], [True, True, True],
        )  # fmt: skip
        for gradient, found in zip(self._gradients[2:], norm_gradients, strict=True):
            gradient.copy_(found)
        slopes.add_(through_norm)

    def _by_window(self, rows: torch.Tensor) -> torch.Tensor:
        """(frames, batch, width) of (N, width)."""
        return rows.view(self._sizes)
