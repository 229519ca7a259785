"""Attributions of Captum and shap for one small LSTM classifier, in f64: explain_lstm.safetensors.

The score is the log-odds of class 1 of 3 after the last of T steps. Integrated gradients (Gauss and Legendre, 50 points)
and occlusion (windows of one cell, and of 2 steps of one channel) are Captum's; Shapley values by step are those of
Captum over all orders, by cell (T C = 12) those of shap's KernelExplainer over all coalitions.

    build/peers/bin/python tests/golden/make_explain_golden.py
"""
import warnings

import captum
import numpy
import shap
import torch
from captum.attr import IntegratedGradients, Occlusion, ShapleyValues

import golden

STEPS, CHANNELS, HIDDEN, CLASSES, TARGET = 4, 3, 5, 3, 1

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
warnings.filterwarnings("ignore")
numpy.random.seed(1)

numbers = golden.Numbers(41)
rnn = torch.nn.LSTM(CHANNELS, HIDDEN, batch_first=True).double()
head = torch.nn.Linear(HIDDEN, CLASSES).double()
with torch.no_grad():
    for parameter in list(rnn.parameters()) + list(head.parameters()):
        parameter.copy_(numbers.normal(*parameter.shape, scale=0.7))


def score(x):
    """x [B, T, C] -> log-odds [B]."""
    logits = head(rnn(x)[0][:, -1])
    others = [c for c in range(CLASSES) if c != TARGET]
    return logits[:, TARGET] - torch.logsumexp(logits[:, others], 1)


x = numbers.normal(1, STEPS, CHANNELS)
baseline = numbers.normal(1, STEPS, CHANNELS, scale=0.3)

gradients = IntegratedGradients(score).attribute(x, baseline, n_steps=50, method="gausslegendre")
occlusion = Occlusion(score).attribute(x, (1, 1), baselines=baseline)
windows = Occlusion(score).attribute(x, (2, 1), baselines=baseline)
steps = torch.arange(STEPS).reshape(1, STEPS, 1).repeat(1, 1, CHANNELS)
by_step = ShapleyValues(score).attribute(x, baseline, feature_mask=steps)[0, :, 0]


def flat_score(rows):
    with torch.no_grad():
        return score(torch.tensor(rows).reshape(-1, STEPS, CHANNELS)).numpy()


explainer = shap.KernelExplainer(flat_score, baseline.reshape(1, -1).numpy())
by_cell = explainer.shap_values(x.reshape(1, -1).numpy(), nsamples=2 ** (STEPS * CHANNELS) + 2, l1_reg=False, silent=True)

tensors = {
    "input.x": x[0],
    "input.baseline": baseline[0],
    "output.score": score(x),
    "output.baseline_score": score(baseline),
    "output.integrated_gradients": gradients[0],
    "output.occlusion": occlusion[0],
    "output.occlusion_windows": windows[0],
    "output.shapley_by_step": by_step,
    "output.shapley_by_cell": torch.tensor(numpy.asarray(by_cell)).reshape(STEPS, CHANNELS),
}
for name, parameter in rnn.named_parameters():
    tensors["param." + name] = parameter
tensors["param.head.weight"] = head.weight
tensors["param.head.bias"] = head.bias
golden.save("explain_lstm", tensors,
            {"captum": captum.__version__, "shap": shap.__version__, "torch": torch.__version__, "target": TARGET})
