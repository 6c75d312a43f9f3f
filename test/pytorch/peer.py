"""Reads nets as JSON, one a line; prints for each what PyTorch's autograd makes of it in float64, as JSON.

Every loss is PyTorch's own function, but for the quantile loss and the focal loss, which PyTorch has not: these are
their papers' formulas, differentiated by autograd.
"""
import json
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
ACTIVATIONS = {
    "relu": F.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "identity": lambda z: z,
    "selu": F.selu,
    "elu": F.elu,
    "gelu": lambda z: z * torch.erfc(-z / 2**0.5) / 2,  # F.gelu cancels far below 0, by 1 + erf
    "silu": F.silu,
    "mish": F.mish,
    "softplus": lambda z: F.softplus(z, threshold=700.0),
}


def focal(z, t, gamma):
    each = -(t * (1 - torch.sigmoid(z)) ** gamma * F.logsigmoid(z))
    return each - (1 - t) * torch.sigmoid(z) ** gamma * F.logsigmoid(-z)


def row_losses(net, z):
    """The loss of each row: a sum over the outputs."""
    loss, smoothing = net["loss"], net["labelSmoothing"]
    name = loss["name"]
    if name == "softmax-cross-entropy":
        weight = None if net["classWeights"] is None else torch.tensor(net["classWeights"])
        y = torch.tensor(net["labels"] if net["targets"] is None else net["targets"])
        return F.cross_entropy(z, y, weight=weight, label_smoothing=smoothing, reduction="none")
    targets = torch.tensor(net["targets"])
    t, w = (targets[:, :-1], targets[:, -1]) if net["weightedTargets"] else (targets, torch.ones(len(targets)))
    if name in ("sigmoid-cross-entropy", "focal"):
        t = (1 - smoothing) * t + smoothing / 2
        weight = torch.tensor(loss["labelWeights"])
        if name == "focal":
            each = weight * focal(z, t, loss["gamma"])
        else:
            each = F.binary_cross_entropy_with_logits(z, t, weight=weight, reduction="none")
    elif name == "squared-error":
        each = F.mse_loss(z, t, reduction="none") / 2
    elif name == "absolute-error":
        each = F.l1_loss(z, t, reduction="none")
    elif name == "huber":
        each = F.huber_loss(z, t, delta=loss["threshold"], reduction="none")
    elif name == "poisson":
        each = F.poisson_nll_loss(z, t, log_input=True, full=False, reduction="none")
    elif name == "gaussian":
        each = F.gaussian_nll_loss(z[:, 0::2], t, torch.exp(z[:, 1::2]), eps=1e-300, reduction="none")
    else:
        levels = torch.tensor(loss["levels"])
        off = t[:, :, None] - z.reshape(len(z), -1, len(levels))
        each = torch.maximum(levels * off, (levels - 1) * off).flatten(1)
    return w * each.sum(1)


def answer(net):
    layers, flat, at = net["layers"], torch.tensor(net["parameters"]), 0
    x = torch.tensor(net["X"]).reshape(net["rows"], layers[0]).requires_grad_()
    W, b = [], []
    for i, o in zip(layers, layers[1:]):
        W.append(flat[at : at + i * o].reshape(i, o).clone().requires_grad_())
        b.append(flat[at + i * o : at + (i + 1) * o].clone().requires_grad_())
        at += (i + 1) * o
    s = flat[at:].clone().requires_grad_()
    a = x * s if len(s) else x
    Z, A = [], []
    for l, (weights, bias) in enumerate(zip(W, b)):
        z = a @ weights + bias
        z.retain_grad()
        Z.append(z)
        if l < len(net["activations"]):
            name = net["activations"][l]
            a = F.leaky_relu(z, net["leakySlope"]) if name == "leaky-relu" else ACTIVATIONS[name](z)
            A.append(a)
            if net["masks"] is not None:
                a = a * torch.tensor(net["masks"][l]).reshape(a.shape)
    losses = row_losses(net, z)
    losses.sum().backward()  # so that the gradient of z is the delta of each row
    B = net["rows"]
    out = {"losses": losses, "x": x.grad}
    for l in range(len(W)):
        out |= {f"a{l + 1}": (A + [z])[l], f"delta{l + 1}": Z[l].grad, f"dW{l + 1}": W[l].grad / B}
        out[f"db{l + 1}"] = b[l].grad / B
    if len(s):
        out["ds"] = s.grad / B
    return {name: value.detach().flatten().tolist() for name, value in out.items()}


if __name__ == "__main__":
    print(json.dumps({"version": torch.__version__}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
