"""Layers, optimisers and loops of one's own."""

import numpy as np
import pytest

import recur
from recur import nn, ops, optim


def test_a_loop_of_ones_own_learns_to_add():
    """The adding problem, short: the sum of the two values that are marked."""
    recur.seed(1)
    random = np.random.default_rng(1)

    def batch(size=32, steps=8):
        x = np.zeros((steps, size, 2), np.float32)
        x[..., 0] = random.random((steps, size))
        for b in range(size):
            x[random.choice(steps, 2, replace=False), b, 1] = 1
        return recur.from_numpy(x), recur.from_numpy((x[..., 0] * x[..., 1]).sum(0)[:, np.newaxis])

    net = nn.Sequential(nn.GRU(2, 32), lambda y: y[-1], nn.Linear(32, 1))
    adam = optim.Adam(net.parameters(), lr=2e-2)
    schedule = optim.Schedule(adam, "cosine", total=200)
    loss_of = nn.MSELoss()
    losses = []
    for _ in range(200):
        x, target = batch()
        loss = loss_of(net(x), target)
        loss.backward()
        adam.step(max_norm=1.0)
        adam.zero_grad()
        schedule.step()
        losses.append(loss.item())
    assert np.mean(losses[-20:]) < 0.02  # the mean of the sums alone gives 0.17
    assert adam.lr < 1e-4 and adam.steps == 200


def test_parameters_have_pytorchs_names_and_numbers():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed here")
    ours, theirs = nn.LSTM(3, 4, 2, bidirectional=True), torch.nn.LSTM(3, 4, 2, bidirectional=True)
    state = {name: recur.from_dlpack(value.detach().clone()) for name, value in theirs.state_dict().items()}
    ours.load_state_dict(state)
    x = np.random.default_rng(1).random((5, 2, 3)).astype(np.float32)
    y, _ = ours(recur.tensor(x))
    expected = theirs(torch.from_numpy(x))[0].detach().numpy()
    np.testing.assert_allclose(y.detach().numpy(), expected, atol=1e-6)


def test_ragged_batches_are_each_as_alone():
    gru = nn.GRU(2, 3)
    x = np.random.default_rng(1).random((4, 2, 2)).astype(np.float32)
    y, state = gru(recur.tensor(x), lengths=[4, 2])
    alone, _ = gru(recur.tensor(np.ascontiguousarray(x[:2, 1:])))
    np.testing.assert_array_equal(y.detach().numpy()[:2, 1:], alone.detach().numpy())
    assert not y.detach().numpy()[2:, 1].any()
    np.testing.assert_array_equal(state[0][0].detach().numpy()[1], y.detach().numpy()[1, 1])


def test_state_goes_on_where_it_was():
    lstm = nn.LSTM(2, 3)
    x = recur.tensor(np.random.default_rng(1).random((6, 1, 2)), dtype="float32")
    whole, _ = lstm(x)
    first, state = lstm(x[:3])
    second, _ = lstm(x[3:], nn.detached(state))
    np.testing.assert_allclose(
        np.concatenate([first.detach().numpy(), second.detach().numpy()]), whole.detach().numpy(), atol=1e-6
    )
    assert len(lstm.zero_state(1)[0]) == 2


@pytest.mark.parametrize("cell", [name for name, _ in nn.layer_kinds()])
def test_every_kind_of_layer_runs_and_has_gradients(cell):
    net = nn.Recurrent(4, 4, cell=cell)
    y, _ = net(recur.tensor(np.random.default_rng(1).random((3, 2, 4)), dtype="float32"))
    assert y.shape == (3, 2, net.output_features)
    (y * y).sum().backward()
    assert all(p.grad is not None for p in net.parameters())


def test_dropout_is_off_in_evaluation():
    net = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5))
    x = recur.tensor(np.ones((8, 4)), dtype="float32")
    net.eval()
    np.testing.assert_array_equal(net(x).detach().numpy(), net(x).detach().numpy())
    net.train()
    assert (net(x).detach().numpy() == 0).any()


def test_modules_are_saved_and_loaded(tmp_path):
    class Tagger(nn.Module):
        def __init__(self):
            self.table = nn.Embedding(5, 3)
            self.rnn = nn.RNN(3, 4)
            self.heads = [nn.Linear(4, 2), nn.Linear(4, 2)]
            self.scale = recur.tensor([1.0], requires_grad=True)

        def forward(self, ids):
            y, _ = self.rnn(self.table(ids))
            return (self.heads[0](y) + self.heads[1](y)) * self.scale

    one, other = Tagger(), Tagger()
    names = [name for name, _ in one.named_parameters()]
    assert names[0] == "scale" and "heads.1.bias" in names and "rnn.weight_hh_l0" in names
    one.save(tmp_path / "net.safetensors")
    other.load(tmp_path / "net.safetensors")
    ids = recur.tensor(np.array([[0, 1], [4, 2]]))
    np.testing.assert_array_equal(one(ids).detach().numpy(), other(ids).detach().numpy())
    with pytest.raises(recur.UsageError, match="missing"):
        other.load_state_dict({})
    assert one.heads[0].weight.shape == (2, 4)


@pytest.mark.parametrize(
    "make",
    [
        lambda p: optim.SGD(p, 0.1, momentum=0.5),
        lambda p: optim.Adam(p, 0.1),
        lambda p: optim.AdamW(p, 0.1, weight_decay=0.01),
        lambda p: optim.RMSprop(p, 0.05),
        lambda p: optim.Adagrad(p, 0.5),
    ],
)
def test_optimisers_find_the_minimum_and_go_on_from_their_state(make):
    w = recur.tensor([3.0, -2.0], requires_grad=True)
    optimizer = make([w])
    for step in range(100):
        (w * w).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
        if step == 50:
            optimizer.load_state_dict(optimizer.state_dict())
    assert np.abs(w.numpy()).max() < 0.5


def test_of_a_module_each_parameter_learns_at_the_rate_its_layer_asks_for():
    def step(parameters_of):
        recur.seed(1)
        net = nn.Sequential(
            nn.Linear(2, 3), nn.Recurrent(3, 4, cell="lru", init="chrono", chrono_steps=100), lambda y: y[-1]
        )
        net(recur.tensor(np.ones((5, 2, 2), np.float32))).sum().backward()
        before = {name: value.numpy().copy() for name, value in net.named_parameters()}
        optim.SGD(parameters_of(net), lr=0.1).step()
        return net, {name: value.numpy() - before[name] for name, value in net.named_parameters()}

    net, asked = step(lambda net: net)
    _, equal = step(lambda net: net.parameters())
    factors = dict(zip(equal, net.rate_factors(), strict=True))
    assert [name for name, factor in factors.items() if factor < 1] == ["1.theta_l0"]
    assert np.abs(equal["1.theta_l0"]).max() > 1e-4
    for name, change in equal.items():
        np.testing.assert_allclose(asked[name], factors[name] * change, rtol=1e-2, atol=1e-6)


def test_clipping_limits_the_norm():
    w = recur.tensor([3.0, 4.0], requires_grad=True)
    (w * w).sum().backward()
    assert optim.clip_norm([w], 1.0) == pytest.approx(10)
    assert optim.gradient_norm([w]) == pytest.approx(1, abs=1e-5)
    net = nn.Linear(2, 1)
    net(recur.tensor([[3.0, 4.0]])).sum().backward()
    assert optim.gradient_norm(net) == optim.gradient_norm(net.parameters()) == pytest.approx(26**0.5)
    optim.clip_value([w], 0.1)
    assert w.grad.tolist() == pytest.approx([0.1, 0.1])


def test_unknown_options_are_refused_by_name():
    with pytest.raises(recur.UsageError, match="hiden"):
        nn.Recurrent(2, 3, hiden=4)
    with pytest.raises(recur.UsageError, match="did you mean 'lstm'"):
        nn.Recurrent(2, 3, cell="lstn")


def test_losses_are_what_they_say():
    logits = recur.tensor(np.log([[0.2, 0.8], [0.5, 0.5]]), dtype="float64")
    targets = recur.tensor(np.array([1, -1]))
    assert nn.CrossEntropyLoss()(logits, targets).item() == pytest.approx(-np.log(0.8))
    x, t = recur.tensor([1.0, 5.0]), recur.tensor([0.0, 0.0])
    assert nn.L1Loss()(x, t).item() == 3
    assert nn.HuberLoss(reduction="sum")(x, t).item() == 0.5 + 4.5
    assert nn.BCEWithLogitsLoss()(t, t).item() == pytest.approx(np.log(2))
    assert ops.ctc_loss(recur.zeros([3, 1, 2]), recur.tensor(np.int32([[1]]))).shape == (1,)
