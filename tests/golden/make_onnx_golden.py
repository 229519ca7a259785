"""Small ONNX models as exporters write them, with what ONNX Runtime computes: tests/golden/import/onnx_*.onnx.

    build/peers/bin/python tests/golden/make_onnx_golden.py

NAME.onnx is a model; NAME.json its input x and output y as nested lists: [T][F] and [T][O] of one sequence of a batch,
of a model that gives one output [1][O].
"""
import json
import os

import numpy
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "import")
BATCH, STEPS = 3, 7
random = numpy.random.default_rng(1)


def weights(*shape):
    return (random.integers(-64, 64, shape) / 64).astype("float32")


def integers(*values):
    return numpy.array(values, "int64")


class Graph:
    def __init__(self, opset=17):
        self.opset, self.nodes, self.constants, self.inputs, self.feed = opset, [], [], [], {}

    def input(self, name, shape, value):
        kinds = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64, "int32": TensorProto.INT32}
        self.inputs.append(helper.make_tensor_value_info(name, kinds[str(value.dtype)], shape))
        self.feed[name] = value
        return name

    def constant(self, value):
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def many(self, op, inputs, count, **attributes):
        names = [self.constant(each) if isinstance(each, numpy.ndarray) else each for each in inputs]
        outputs = [f"{op.lower()}_{len(self.nodes)}_{k}" for k in range(count)]
        self.nodes.append(helper.make_node(op, names, outputs, name=f"{op}_{len(self.nodes)}", **attributes))
        return outputs

    def add(self, op, *inputs, **attributes):
        return self.many(op, inputs, 1, **attributes)[0]

    def recurrent(self, op, x, features, hidden, bias=True, extra=(), count=2, **attributes):
        gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[op]
        both = 2 if attributes.get("direction") == "bidirectional" else 1
        inputs = [x, weights(both, gates * hidden, features), weights(both, gates * hidden, hidden)]
        inputs.append(weights(both, 2 * gates * hidden) if bias else "")
        inputs += extra
        while isinstance(inputs[-1], str) and not inputs[-1]:
            inputs.pop()
        return self.many(op, inputs, count, hidden_size=hidden, **attributes)

    def model(self, *outputs):
        infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
        graph = helper.make_graph(self.nodes, "g", self.inputs, infos, self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)

    def run(self, model):
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        return session.run(None, self.feed)


def write(name, graph, outputs, x, y_of):
    """x [T, F] of the sequence; y_of(first output) its [T, O]."""
    model = graph.model(*outputs)
    with open(os.path.join(HERE, name + ".onnx"), "wb") as out:
        out.write(model.SerializeToString())
    y = y_of(graph.run(model)[0])
    with open(os.path.join(HERE, name + ".json"), "w") as out:
        json.dump({"x": numpy.asarray(x, "float64").tolist(), "y": numpy.asarray(y, "float64").tolist()}, out)
        out.write("\n")


def both_directions():
    """As PyTorch exports batch_first and bidirectional: transposed, and the directions merged by a Reshape."""
    g, x = Graph(), weights(BATCH, STEPS, 4)
    given = g.input("x", ["B", "T", 4], x)
    y = g.recurrent("LSTM", g.add("Transpose", given, perm=[1, 0, 2]), 4, 5, direction="bidirectional", count=1)[0]
    y = g.add("Reshape", g.add("Transpose", y, perm=[0, 2, 1, 3]), integers(0, 0, -1))
    y = g.add("Add", g.add("MatMul", g.add("Transpose", y, perm=[1, 0, 2]), weights(10, 3)), weights(3))
    write("onnx_both", g, [g.add("Softmax", y, axis=2)], x[1], lambda y: y[1])


def last_state():
    """Of a GRU that resets before the product, its last state alone."""
    g, x = Graph(), weights(STEPS, BATCH, 2)
    given = g.input("x", ["T", "B", 2], x)
    _, h = g.recurrent("GRU", given, 2, 4, linear_before_reset=0)
    y = g.add("Gemm", g.add("Squeeze", h, integers(0)), weights(3, 4), weights(3), transB=1, alpha=0.5, beta=2.0)
    write("onnx_last_state", g, [g.add("Sigmoid", y)], x[:, 2], lambda y: y[2:3])


def reverse():
    g, x = Graph(), weights(STEPS, BATCH, 3)
    given = g.input("x", ["T", "B", 3], x)
    y, _ = g.recurrent("RNN", given, 3, 4, bias=False, direction="reverse", activations=["Relu"])
    write("onnx_reverse", g, [g.add("MatMul", g.add("Squeeze", y, integers(1)), weights(4, 2))], x[:, 0],
          lambda y: y[:, 0])


def convolutions():
    """Channels before time, then a recurrent layer, of which the last step counts."""
    g, x = Graph(), weights(BATCH, 3, 12)
    given = g.input("x", ["B", 3, "T"], x)
    y = g.add("Relu", g.add("Conv", given, weights(5, 3, 3), weights(5), kernel_shape=[3], pads=[1, 1]))
    y = g.add("BatchNormalization", y, weights(5), weights(5), weights(5), abs(weights(5)) + 0.5, epsilon=0.001)
    y = g.add("Pad", y, integers(0, 0, 2, 0, 0, 0))
    y = g.add("Elu", g.add("Conv", y, weights(4, 5, 2), kernel_shape=[2], strides=[2], dilations=[2]), alpha=0.5)
    y, _ = g.recurrent("GRU", g.add("Transpose", y, perm=[2, 0, 1]), 4, 3, linear_before_reset=1)
    y = g.add("Gather", g.add("Squeeze", y, integers(1)), numpy.array(-1, "int64"), axis=0)
    write("onnx_conv", g, [g.add("Gemm", y, weights(3, 2), weights(2))], x[1].T, lambda y: y[1:2])


def stacked_states():
    """h[-1] of an LSTM of two layers in PyTorch; the first states are zeros of the batch's size."""
    g, x = Graph(), weights(STEPS, BATCH, 2)
    given = g.input("x", ["T", "B", 2], x)
    batch = g.add("Unsqueeze", g.add("Gather", g.add("Shape", given), numpy.array(1, "int64")), integers(0))
    zeros = g.add("ConstantOfShape", g.add("Concat", integers(1), batch, integers(4), axis=0))
    y, h0 = g.recurrent("LSTM", given, 2, 4, extra=["", zeros, zeros])
    _, h1 = g.recurrent("LSTM", g.add("Squeeze", y, integers(1)), 4, 4, extra=["", zeros, zeros])
    h = g.add("Gather", g.add("Concat", h0, h1, axis=0), numpy.array(-1, "int64"), axis=0)
    write("onnx_stacked", g, [g.add("Gemm", h, weights(2, 4), weights(2), transB=1)], x[:, 1], lambda y: y[1:2])


def symbols():
    """Symbols to log-probabilities of classes, by the last states of both directions; other names and order of nodes
    than PyTorch's."""
    g, ids = Graph(), random.integers(0, 9, (BATCH, STEPS))
    y = g.add("Gather", weights(9, 4), g.input("ids", ["B", "T"], ids), axis=0)
    y = g.add("LayerNormalization", y, weights(4), weights(4), axis=-1, epsilon=0.001)
    _, h = g.recurrent("GRU", g.add("Transpose", y, perm=[1, 0, 2]), 4, 3, direction="bidirectional",
                       linear_before_reset=1)
    forward = g.add("Gather", h, numpy.array(-2, "int64"), axis=0)
    backward = g.add("Squeeze", g.add("Slice", h, integers(1), integers(2), integers(0)), integers(0))
    h = g.add("Concat", forward, backward, axis=-1)
    y = g.add("LogSoftmax", g.add("Gemm", h, weights(6, 3), weights(3)))
    write("onnx_symbols", g, [y], ids[2][:, None], lambda y: y[2:3])


def two_nodes():
    """A node for each direction, with lengths; and the product of all steps as rows of a matrix."""
    g, x = Graph(), weights(STEPS, BATCH, 3)
    given = g.input("x", ["T", "B", 3], x)
    lengths = g.add("Cast", g.input("lengths", ["B"], numpy.full(BATCH, STEPS, "int64")), to=TensorProto.INT32)
    forward = g.recurrent("LSTM", given, 3, 4, extra=[lengths], count=1, direction="forward")[0]
    reverse = g.recurrent("LSTM", given, 3, 4, extra=[lengths], count=1, direction="reverse")[0]
    y = g.add("Concat", g.add("Squeeze", forward, integers(1)), g.add("Squeeze", reverse, integers(1)), axis=2)
    rows = g.add("Gemm", g.add("Reshape", y, integers(-1, 8)), weights(8, 2), weights(1, 2))
    shape = g.add("Shape", y)
    sizes = [g.add("Slice", shape, integers(k), integers(k + 1)) for k in range(2)]
    y = g.add("Reshape", rows, g.add("Concat", *sizes, integers(2), axis=0))
    write("onnx_two_nodes", g, [g.add("Mul", y, g.add("Sigmoid", y))], x[:, 2], lambda y: y[:, 2])


def states():
    """States in and out, peepholes, a scale before and after; opset 11, where axes are attributes."""
    g, x = Graph(11), weights(STEPS, 1, 2)
    given = g.input("x", ["T", 1, 2], x)
    state = g.input("state", [2, 1, 1, 3], numpy.zeros((2, 1, 1, 3), "float32"))
    h = g.add("Squeeze", g.add("Slice", state, integers(0), integers(1), integers(0)), axes=[0])
    c = g.add("Squeeze", g.add("Slice", state, integers(1), integers(2), integers(0)), axes=[0])
    y = g.add("Div", g.add("Sub", given, weights(2)), abs(weights(2)) + 0.5)
    y, h, c = g.recurrent("LSTM", y, 2, 3, extra=["", h, c, weights(1, 9)], count=3)
    after = g.add("Concat", g.add("Unsqueeze", h, axes=[0]), g.add("Unsqueeze", c, axes=[0]), axis=0)
    y = g.add("Mul", g.add("Tanh", g.add("Squeeze", y, axes=[1])), numpy.array(2, "float32"))
    write("onnx_states", g, [y, after], x[:, 0], lambda y: y[:, 0])


def write_steps(name, graph, outputs, x, state):
    """A graph that is called once a step, its state from the call before: x [T, F] one after another."""
    model = graph.model(*outputs)
    with open(os.path.join(HERE, name + ".onnx"), "wb") as out:
        out.write(model.SerializeToString())
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    rows = []
    for step in x:
        graph.feed["x"] = step.reshape(graph.feed["x"].shape)
        y, graph.feed[state] = session.run(None, graph.feed)
        rows.append(y.ravel().tolist())
    with open(os.path.join(HERE, name + ".json"), "w") as out:
        json.dump({"x": x.astype("float64").tolist(), "y": rows}, out)
        out.write("\n")


def lstm_apart():
    """As tf2onnx writes DTLN: norm and LSTM taken apart, gates i f g o, and a mask on what the norm reads; opset 11."""
    g, x = Graph(11), weights(STEPS, 4)
    given = g.input("x", [1, 1, 4], x[:1, None])
    state = g.input("state", [1, 3, 2], numpy.zeros((1, 3, 2), "float32"))
    h, c = (g.add("Squeeze", g.add("Slice", state, integers(0, 0, k), integers(1, 3, k + 1), integers(0, 1, 2)), axes=[2])
            for k in range(2))
    wide = g.add("Transpose", g.add("Conv", g.add("Transpose", given, perm=[0, 2, 1]), weights(5, 4, 1)), perm=[0, 2, 1])
    mean = g.add("ReduceMean", wide, axes=[-1], keepdims=1)
    off, again = g.add("Sub", wide, mean), g.add("Sub", wide, mean)
    variance = g.add("ReduceMean", g.add("Mul", again, again), axes=[-1], keepdims=1)
    root = g.add("Sqrt", g.add("Add", variance, numpy.array(0.001, "float32")))
    y = g.add("Add", g.add("Mul", g.add("Div", off, root), weights(5)), weights(5))
    step = g.add("Squeeze", g.add("Transpose", y, perm=[1, 0, 2]), axes=[0])
    z = g.add("Add", g.add("MatMul", step, weights(5, 12)), g.add("MatMul", h, weights(3, 12)))
    i, f, n, o = g.many("Split", [g.add("Add", z, weights(12))], 4, axis=1)
    kept = g.add("Mul", g.add("Sigmoid", f), c)
    c = g.add("Add", kept, g.add("Mul", g.add("Sigmoid", i), g.add("Tanh", n)))
    after_c = g.add("Unsqueeze", c, axes=[2])
    h = g.add("Mul", g.add("Sigmoid", o), g.add("Tanh", c))
    mask = g.add("Sigmoid", g.add("Add", g.add("MatMul", g.add("Unsqueeze", h, axes=[0]), weights(3, 5)), weights(5)))
    y = g.add("MatMul", g.add("Mul", wide, mask), weights(5, 2))
    write_steps("onnx_lstm_apart", g, [y, g.add("Concat", g.add("Unsqueeze", h, axes=[2]), after_c, axis=2)], x, "state")


def branch(*nodes_and_output):
    *nodes, output = nodes_and_output
    return helper.make_graph(nodes, "branch", [], [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)])


def step_of_samples():
    """As Silero's: samples of a step, padded by reflection, a spectrum by a convolution, its magnitude, a convolution of
    its frames, an LSTM, and branches that a rate and sizes decide."""
    g, x = Graph(15), weights(STEPS, 12)
    given = g.input("x", ["batch", "samples"], x[:1])
    state = g.input("state", [2, "batch", 3], numpy.zeros((2, 1, 3), "float32"))
    rate = g.input("sr", [], numpy.array(16000, "int64"))
    shape = g.add("Gather", g.add("Shape", given), numpy.array(0, "int64"), axis=0)
    y = g.add("Unsqueeze", g.add("Pad", given, integers(0, 0, 0, 4), mode="reflect"), integers(1))
    y = g.add("Conv", y, weights(6, 1, 8), strides=[4])
    real, imaginary = (g.add("Slice", y, integers(3 * k), integers(3 * k + 3), integers(1)) for k in range(2))
    squares = (g.add("Pow", each, numpy.array(2, "float32")) for each in (real, imaginary))
    y = g.add("Relu", g.add("Conv", g.add("Sqrt", g.add("Add", *squares)), weights(4, 3, 3), weights(4), pads=[1, 1],
                            strides=[2]))
    y = g.add("Relu", g.add("Conv", y, weights(4, 4, 3), weights(4), pads=[1, 1], strides=[2]))
    one = g.add("Equal", shape, numpy.array(1, "int64"))
    squeeze = helper.make_node("Squeeze", [y, g.constant(integers(2))], ["frame"])
    y = g.add("If", one, then_branch=branch(squeeze, "frame"),
              else_branch=branch(helper.make_node("Identity", [y], ["frames"]), "frames"))
    y = g.add("Unsqueeze", y, integers(0))
    h, c = (g.add("Unsqueeze", g.add("Gather", state, numpy.array(k, "int64"), axis=0), integers(0)) for k in range(2))
    _, h, c = g.recurrent("LSTM", y, 4, 3, extra=["", h, c], count=3)
    y = g.add("Squeeze", h, integers(0))
    wide = helper.make_node("Gemm", [y, g.constant(weights(3, 1)), g.constant(weights(1))], ["at_16k"])
    other = helper.make_node("Gemm", [y, g.constant(weights(3, 1))], ["at_8k"])
    y = g.add("If", g.add("Equal", rate, numpy.array(16000, "int64")), then_branch=branch(wide, "at_16k"),
              else_branch=branch(other, "at_8k"))
    write_steps("onnx_step", g, [g.add("Sigmoid", y), g.add("Concat", h, c, axis=0)], x, "state")


for make in [both_directions, last_state, reverse, convolutions, stacked_states, symbols, two_nodes, states, lstm_apart,
             step_of_samples]:
    make()
