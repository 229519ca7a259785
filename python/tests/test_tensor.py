"""Tensors: shared memory, arithmetic, gradients, files."""

import numpy as np
import pytest

import recur


def test_shares_memory_with_numpy_both_ways():
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    tensor = recur.from_numpy(array)
    view = tensor.numpy()
    assert np.shares_memory(array, view)
    array[0, 0] = 7
    assert tensor[0, 0].item() == 7
    view[1, 2] = 9
    assert array[1, 2] == 9
    assert np.shares_memory(np.asarray(tensor), array)
    assert not np.shares_memory(recur.tensor(array).numpy(), array)


def test_memory_outlives_the_name_of_its_owner():
    tensor = recur.from_numpy(np.full(1000, 3.0))
    view = tensor[10:20].numpy()
    del tensor
    np.testing.assert_array_equal(view, np.full(10, 3.0))


def test_speaks_dlpack_both_ways_without_a_copy():
    array = np.arange(4, dtype=np.float64)
    tensor = recur.from_dlpack(array)
    assert np.shares_memory(np.from_dlpack(tensor), array)
    assert tensor.__dlpack_device__() == (1, 0)


def test_torch_shares_memory():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed here")
    ours = recur.tensor([1.0, 2.0])
    theirs = torch.from_dlpack(ours)
    theirs[0] = 5
    assert ours[0].item() == 5
    back = recur.from_dlpack(theirs)
    assert np.shares_memory(back.numpy(), ours.numpy())


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64", "uint8"])
def test_every_dtype_goes_there_and_back(dtype):
    array = np.arange(6).astype(dtype).reshape(3, 2)
    tensor = recur.from_numpy(array)
    assert tensor.dtype == dtype and tensor.shape == (3, 2) and tensor.ndim == 2 and tensor.size == 6
    np.testing.assert_array_equal(tensor.numpy(), array)


def test_refuses_arrays_it_cannot_share():
    array = np.zeros((3, 4), np.float32)
    with pytest.raises(ValueError, match="row-major"):
        recur.from_numpy(array.T)
    with pytest.raises(TypeError, match="float16"):
        recur.from_numpy(array.astype(np.float16))
    array.flags.writeable = False
    with pytest.raises(ValueError, match="writable"):
        recur.from_numpy(array)
    with pytest.raises(TypeError):
        recur.from_dlpack([1, 2])


def test_arithmetic_is_that_of_numpy():
    random = np.random.default_rng(2)
    a, b = random.random((2, 3)), random.random((3,)) + 1
    x, y = recur.tensor(a), recur.tensor(b)
    for ours, theirs in [
        (x + y, a + b),
        (2 - x, 2 - a),
        (x * 3 / y, a * 3 / b),
        (-x, -a),
        (x**2, a**2),
        (x @ x.transpose(), a @ a.T),
        (recur.ops.tanh(x), np.tanh(a)),
        (x.sum(0), a.sum(0)),
        (x.mean(), a.mean()),
        (recur.ops.softmax(x), np.exp(a) / np.exp(a).sum(-1, keepdims=True)),
        (recur.ops.concat([x, x], 1), np.concatenate([a, a], 1)),
        (x.reshape(3, -1), a.reshape(3, 2)),
        (x[1], a[1]),
        (x[:, 1:], a[:, 1:]),
        (x[-1, 0], a[-1, 0]),
    ]:
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-12)


def test_indices_out_of_range_and_of_other_kinds_are_refused():
    x = recur.zeros([2, 3])
    for index, error in [(2, IndexError), ((0, 3), IndexError), ((0, 0, 0), IndexError), ("a", TypeError)]:
        with pytest.raises(error):
            x[index]
    with pytest.raises(IndexError, match="step"):
        x[::2]
    assert [row.shape for row in x] == [(3,), (3,)]


def test_one_size_of_a_shape_may_be_open():
    x = recur.zeros([2, 3, 4])
    assert x.reshape(-1).shape == (24,) and x.reshape((6, -1)).shape == (6, 4)
    with pytest.raises(recur.Error, match="reshape"):
        x.reshape(5, -1)


def test_gradients_add_up_and_can_be_switched_off():
    x = recur.tensor([1.0, 2.0, 3.0], requires_grad=True)
    (x * x).sum().backward()
    (x * x).sum().backward()
    assert x.grad.tolist() == [4, 8, 12]
    x.grad = None
    assert x.grad is None
    with recur.no_grad():
        assert not (x * x).requires_grad
    assert (x * x).requires_grad

    @recur.no_grad()
    def still(x):
        return x * x

    assert not still(x).requires_grad


def test_gradients_of_gradients_are_exact():
    x = recur.tensor([0.5], dtype="float64", requires_grad=True)
    (first,) = recur.grad(recur.ops.tanh(x).sum(), x, create_graph=True)
    (second,) = recur.grad(first.sum(), x)
    t = np.tanh(0.5)
    assert abs(second.item() - (-2 * t * (1 - t * t))) < 1e-12


def test_arrays_of_parameters_are_read_only():
    w = recur.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ValueError, match="read-only"):
        w.numpy()[0] = 3
    w.copy_(recur.tensor([3.0, 4.0]))
    assert w.tolist() == [3, 4]


def test_errors_have_the_text_of_the_library():
    with pytest.raises(recur.Error, match=r"matmul"):
        recur.ops.matmul(recur.zeros([2, 3]), recur.zeros([2, 3]))
    with pytest.raises(ValueError, match="did you mean 'float32'"):
        recur.zeros([2], "floot32")
    assert issubclass(recur.UsageError, (recur.Error, ValueError)) and issubclass(recur.Error, RuntimeError)


def test_tensors_are_saved_and_loaded(tmp_path):
    path = tmp_path / "t.safetensors"
    recur.save_tensors(path, {"a": recur.tensor([1.5, 2]), "b": recur.tensor(np.arange(3))}, {"by": "a test"})
    loaded = recur.load_tensors(path)
    assert loaded["a"].tolist() == [1.5, 2] and loaded["b"].dtype == "int64"
    safetensors = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed here")
    np.testing.assert_array_equal(safetensors.load_file(path)["a"], np.float32([1.5, 2]))
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(recur.Error, match="t.safetensors"):
        recur.load_tensors(path)


def test_bfloat16_needs_a_conversion_for_numpy():
    x = recur.tensor([1.0, 2.0]).to("bfloat16")
    with pytest.raises(recur.Error, match="bfloat16"):
        x.numpy()
    assert x.to("float32").tolist() == [1, 2]
    assert "bfloat16" in repr(x)
