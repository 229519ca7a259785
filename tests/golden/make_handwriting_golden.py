#!/usr/bin/python3
"""Golden numbers of the density of a pen's moves, in f64, by PyTorch's distributions.

usage: make_handwriting_golden.py          writes tests/golden/pen_mixture.safetensors

described [N, 6 M + 1]: weights, means of x and y, deviations of x and y and correlations before their activations, and the
log-odds of a lift; moves [N, 3]; losses [N], and grad.described, of their sum. Graves (2013), equations 15 to 26, with deviations
bounded below by e^-5 and correlations by tanh(3): l + softplus(r - l) and 3 tanh(r / 3).
"""
import torch
import torch.distributions as D
import torch.nn.functional as F

import golden

N, PARTS = 40, 4


def density(described):
    weights, x, y, wide_x, wide_y, turned = described[:, :-1].reshape(N, 6, PARTS).unbind(1)
    wide_x, wide_y = (torch.exp(F.softplus(w + 5) - 5) for w in (wide_x, wide_y))
    turned = torch.tanh(3 * torch.tanh(turned / 3))
    between = wide_x * wide_y * turned
    covariance = torch.stack([torch.stack([wide_x**2, between], -1), torch.stack([between, wide_y**2], -1)], -2)
    gaussians = D.MultivariateNormal(torch.stack([x, y], -1), covariance)
    return D.MixtureSameFamily(D.Categorical(logits=weights), gaussians)


def main():
    torch.set_num_threads(1)
    numbers = golden.Numbers(11)
    described = numbers.normal(N, 6 * PARTS + 1)
    moves = torch.cat([numbers.normal(N, 2), numbers.integers(2, N, 1).double()], 1)
    leaf = golden.leaf(described, torch.float64)
    lifts = D.Bernoulli(logits=leaf[:, -1])
    losses = -density(leaf).log_prob(moves[:, :2]) - lifts.log_prob(moves[:, 2])
    losses.sum().backward()
    tensors = {"described": described, "moves": moves, "losses": losses, "grad.described": leaf.grad}
    golden.save("pen_mixture", tensors, {"parts": PARTS, "torch": torch.__version__})


if __name__ == "__main__":
    main()
