"""
PyTorch: pytorch.py THREADS FOLDER plain|fused|compile|by-hand [DATA]. Needs no NumPy.
plain is what a user writes: Sequential, CrossEntropyLoss, SGD. fused: SGD(fused=True). compile: torch.compile of the loss.
by-hand: the equations without autograd, in place.
"""

import sys

import protocol
import torch

threads, folder, how, data = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
torch.set_num_threads(threads)


def floats(raw):
    return torch.frombuffer(raw, dtype=torch.float32)


def integers(raw, size=1):
    return torch.frombuffer(raw, dtype=torch.uint8 if size == 1 else torch.int32).to(torch.int64)


def open_network(H, B):
    W, b = protocol.start(folder, H, floats)
    return by_hand(W, b, B) if how == "by-hand" else with_autograd(W)


def with_autograd(W):
    layers = []
    for l, w in enumerate(W):
        linear = torch.nn.Linear(*w.shape)
        with torch.no_grad():
            linear.weight.copy_(w.t())
            linear.bias.zero_()
        layers += [linear, torch.nn.ReLU()] if l < len(W) - 1 else [linear]
    model, criterion = torch.nn.Sequential(*layers), torch.nn.CrossEntropyLoss()
    optimiser = torch.optim.SGD(model.parameters(), lr=protocol.RATE, **({"fused": True} if how == "fused" else {}))
    loss_of = lambda x, y: criterion(model(x), y)
    if how == "compile":
        loss_of = torch.compile(loss_of)

    def step(x, y):
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(x, y)
        loss.backward()
        optimiser.step()
        return loss.detach()

    step.classes = torch.no_grad()(lambda x: model(x).argmax(1))
    return step


def by_hand(W, b, B):
    rows = torch.arange(B)

    @torch.no_grad()
    def step(x, y):
        a = [x]
        for l in range(protocol.LAYERS):
            z = torch.addmm(b[l], a[l], W[l])
            a.append(z.relu_() if l < protocol.LAYERS - 1 else z)
        log_s = torch.log_softmax(a[-1], 1)
        loss = -log_s[rows, y].mean()
        delta = log_s.exp_()
        delta[rows, y] -= 1
        delta /= B
        for l in reversed(range(protocol.LAYERS)):
            below = (delta @ W[l].t()).mul_(a[l] > 0) if l else None
            W[l].addmm_(a[l].t(), delta, alpha=-protocol.RATE)
            b[l].sub_(delta.sum(0), alpha=protocol.RATE)
            delta = below
        return loss

    @torch.no_grad()
    def classes(x):
        for l in range(protocol.LAYERS):
            x = torch.addmm(b[l], x, W[l])
            if l < protocol.LAYERS - 1:
                x.relu_()
        return x.argmax(1)

    step.classes = classes
    return step


if data:
    step = open_network(256, 64)
    images = lambda raw: torch.frombuffer(raw, dtype=torch.uint8).reshape(-1, 784).to(torch.float32) / 255
    protocol.cold_start(lambda rows, x, y: step(x[rows], y[rows]), step.classes, folder, data[0], images, integers)
else:
    protocol.serve(f"PyTorch {torch.__version__}", open_network, folder, floats, integers)
