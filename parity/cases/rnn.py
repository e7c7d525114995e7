"""Recurrent layers, their cells, and sequences of different lengths.

States have several features, because c = f · c + i · g may cancel in one; errors are measured at the largest one.
"""

from __future__ import annotations

from parity.compare.case import CASES, Case, case
from parity.compare.draw import Draw

LAYERS = ("RNN", "LSTM", "GRU")
GROUPS = ("", "layers", "packed")
FILL = "normal|normal|zeros"


def _states(d: Draw, name: str, shape: tuple[int, ...], hidden: int, size: int) -> str:
    """The text of initial states (…, size), for an LSTM with a cell state (…, hidden): empty if none are given."""
    if not d.flag():
        return d.choose("", ", None")
    h = d.floats("h", (*shape, size), FILL)
    return f", ({h}, {d.floats('c', (*shape, hidden), FILL)})" if name.startswith("LSTM") else f", {h}"


def _layer(name: str) -> Case:
    @case(f"nn.{name}", groups=(*GROUPS, "projection") if name == "LSTM" else GROUPS, kind="module")
    def layer(d: Draw) -> str:
        n, hidden, steps = d.size(1, 5), d.size(3, 6), d.size(1, 4)
        options = {}
        if name == "RNN" and d.flag():
            options["nonlinearity"] = d.choose("'relu'", "'tanh'")
        if d.group == "projection":
            options["proj_size"] = str(d.integer(1, hidden - 1))
        layers = d.size(2, 3) if d.group == "layers" else 1
        if layers > 1:
            options["num_layers"] = str(layers)
            if d.flag():
                options["dropout"] = d.choose("0.25", "0.5", "1.0")
        for option, text in (("bidirectional", "True"), ("bias", "False"), ("batch_first", "True")):
            if d.flag():
                options[option] = text
        d.build = f"nn.{name}({', '.join([str(n), str(hidden), *(f'{o}={v}' for o, v in options.items())])})"
        size = int(options.get("proj_size", hidden))
        directions = 2 if "bidirectional" in options else 1
        batch = d.size(1, 3) if d.group == "packed" else d.batch(3)
        unbatched = d.group != "packed" and d.integer(0, 4) == 4
        # every state is a sum of products of input and state, over all steps and layers; a gradient sums over sequences
        d.terms = steps * layers * (max(n, size * directions) + size + 2)
        d.gradient_terms = d.terms * max(1, batch)
        rows = (steps,) if unbatched else (batch, steps) if "batch_first" in options else (steps, batch)
        x = d.floats("x", (*rows, n), FILL)
        over = (layers * directions,) if unbatched else (layers * directions, batch)
        states = _states(d, name, over, hidden, size)
        if d.group != "packed":
            return f"m({x}{states})"
        lengths = [d.integer(1, steps) for _ in range(batch)]
        first = ", batch_first=True" if "batch_first" in options else ""
        return (
            f"packed = nn.utils.rnn.pack_padded_sequence({x}, {lengths}{first}, enforce_sorted=False)\n"
            f"result, states = m(packed{states})\n"
            f"out = nn.utils.rnn.pad_packed_sequence(result{first}), states, result.batch_sizes, result.sorted_indices"
        )

    state = "(torch.ones({0}), torch.ones({0}))" if name == "LSTM" else "torch.ones({0})"
    layer.refuses(
        f"nn.{name}(3, 4); m(torch.ones(2, 5, 2))",
        f"nn.{name}(3, 4); m(torch.ones(3))",
        f"nn.{name}(3, 4); m(torch.ones(1, 2, 5, 3))",
        f"nn.{name}(3, 4); m(torch.ones(0, 2, 3))",
        f"nn.{name}(3, 4); m(torch.ones(5, 2, 3, dtype=torch.int64))",
        f"nn.{name}(3, 4); m(torch.ones(5, 2, 3, dtype=torch.float64))",
        f"nn.{name}(3, 4); m(torch.ones(5, 2, 3), {state.format('1, 3, 4')})",
        f"nn.{name}(3, 4); m(torch.ones(5, 2, 3), {state.format('2, 2, 4')})",
        f"nn.{name}(3, 4); m(torch.ones(5, 2, 3), {state.format('2, 4')})",
        f"nn.{name}(3, 4); m(torch.ones(5, 3), {state.format('1, 1, 4')})",
        f"nn.{name}(3, 4); m([1.0])",
        f"nn.{name}(3, 4); m()",
        f"nn.{name}(3); m(torch.ones(5, 2, 3))",
        f"nn.{name}(0, 4); m(torch.ones(5, 2, 0))",
        f"nn.{name}(3, 0); m(torch.ones(5, 2, 3))",
        f"nn.{name}(3.0, 4); m(torch.ones(5, 2, 3))",
        f"nn.{name}(3, 4, num_layers=0); m(torch.ones(5, 2, 3))",
        f"nn.{name}(3, 4, dropout=1.5); m(torch.ones(5, 2, 3))",
        f"nn.{name}(3, 4, bias=1); m(torch.ones(5, 2, 3))",
        f"nn.{name}(3, 4, proj_size=4); m(torch.ones(5, 2, 3))",
        f"nn.{name}(3, 4, proj_size=-1); m",
        f"nn.{name}(3, 4); m(torch.ones(5, 2, 3), {state.format('1, 2, 4, dtype=torch.float64')})",
        f"nn.{name}(); m",
        f"nn.{name}(-1, 4); m",
        f"nn.{name}(3, 4.0); m",
        f"nn.{name}(3, 4, unknown=1); m",
        f"nn.{name}(3, 4, num_layers=1.5); m",
        f"nn.{name}(3, 4, batch_first=1); m",
        f"nn.{name}(3, 4, dropout=-1); m",
        f"nn.{name}(3, 4, dropout=True); m",
        f"nn.{name}(3, 4, dropout='a'); m",
        f"nn.{name}(3, 4, dropout=None); m",
        f"nn.{name}(3, 4); m(nn.utils.rnn.pack_padded_sequence(torch.ones(4, 3, 2), [4, 3, 1]))",
    )
    h, c = "h", ", c" if name == "LSTM" else ""
    given = f"({h}{c})" if name == "LSTM" else h
    many = "num_layers=2, bidirectional=True"
    layer.example(  # initial states, only the last result, continued runs, and only some of the outputs
        f"nn.{name}(3, 4, {many}); m(x, {given})",
        f"nn.{name}(3, 4, {many}, batch_first=True, bias=False); m(x.transpose(0, 1), {given})",
        f"nn.{name}(3, 4, {many}); m(x[:, 0], {given.replace('h', 'h[:, 0]').replace('c', 'c[:, 0]')})",
        f"nn.{name}(3, 4, {many}); m(x)[1]",
        f"nn.{name}(3, 4, {many}); m(x, {given})[0]",
        f"nn.{name}(3, 4, {many}); m(x[1:], m(x[:1], {given})[1])",
        f"nn.{name}(3, 4, num_layers=3, dropout=0.3); m(x), torch.rand(1)",
        f"nn.{name}(3, 4, {many}); m(x.detach()[:, :0])",
        terms=3 * 2 * 16,
        gradient_terms=3 * 2 * 16 * 3,
        x=(3, 2, 3),
        h=(4, 2, 4),
        c=(4, 2, 4),
    )
    layer.example(f"nn.{name}(8, 16, {many}); m(x)", terms=20 * 2 * 50, gradient_terms=20 * 2 * 50 * 4, x=(20, 4, 8))
    for lengths in ([5, 4, 4, 2], [2, 5, 1, 3]):
        layer.example(
            f"nn.{name}(3, 4, {many}); packed = nn.utils.rnn.pack_padded_sequence(x, {lengths}, enforce_sorted=False)\n"
            f"result, states = m(packed, {given})\nout = nn.utils.rnn.pad_packed_sequence(result), states",
            terms=5 * 2 * 16,
            gradient_terms=5 * 2 * 16 * 4,
            x=(5, 4, 3),
            h=(4, 4, 4),
            c=(4, 4, 4),
        )
    return layer


_layer("RNN").refuses("nn.RNN(3, 4, nonlinearity='sigmoid'); m(torch.ones(5, 2, 3))")
_layer("LSTM").refuses(
    "nn.LSTM(3, 4); m(torch.ones(5, 2, 3), torch.ones(1, 2, 4))",
    "nn.LSTM(3, 4); m(torch.ones(5, 2, 3), (torch.ones(1, 2, 4), torch.ones(1, 2, 3)))",
    "nn.LSTM(3, 4, proj_size=2); m(torch.ones(5, 2, 3), (torch.ones(1, 2, 4), torch.ones(1, 2, 4)))",
)
_layer("GRU")
CASES["nn.RNN"].example(
    "nn.RNN(3, 4, 1, 'relu', False, bidirectional=True); m(x)",
    "nn.RNN(3, 4, 2, 'relu'); m(x, h)",
    terms=96,
    gradient_terms=200,
    x=(3, 2, 3),
    h=(2, 2, 4),
)
CASES["nn.LSTM"].example(
    "nn.LSTM(3, 4, proj_size=2, num_layers=2, bidirectional=True, batch_first=True); m(x)",
    "nn.LSTM(3, 4, 1, proj_size=2, bidirectional=True); m(x, (h[:, :3], c[:, :3]))",
    terms=96,
    gradient_terms=300,
    x=(2, 3, 3),
    h=(2, 4, 2),
    c=(2, 4, 4),
)
CASES["nn.LSTM"].example(  # the first step's c does not depend on the projection: it has no gradient
    "nn.LSTM(3, 4, proj_size=2); m(x)[1][1]",
    "nn.LSTM(3, 4, 2, proj_size=2, bidirectional=True); m(x)[1][1][3]",
    terms=96,
    gradient_terms=300,
    x=(1, 2, 3),
)


def _cell(name: str) -> Case:
    @case(f"nn.{name}", kind="module")
    def cell(d: Draw) -> str:
        n, hidden = d.size(1, 5), d.size(3, 6)
        options = d.choose("", ", bias=False", ", False")
        if name == "RNNCell":
            options += d.choose("", ", nonlinearity='relu'", ", nonlinearity='tanh'")
        d.build = f"nn.{name}({n}, {hidden}{options})"
        batch = d.choose((), (d.batch(4),))
        d.terms, d.gradient_terms = n + hidden + 2, (n + hidden + 2) * max(1, *batch, 1)
        return f"m({d.floats('x', (*batch, n), FILL)}{_states(d, name, batch, hidden, hidden)})"

    state = "(torch.ones({0}), torch.ones({0}))" if name == "LSTMCell" else "torch.ones({0})"
    cell.refuses(
        f"nn.{name}(3, 4); m(torch.ones(2, 2))",
        f"nn.{name}(3, 4); m(torch.ones(1, 2, 3))",
        f"nn.{name}(3, 4); m(torch.ones(2, 3, dtype=torch.float64))",
        f"nn.{name}(3, 4); m(torch.ones(2, 3), {state.format('3, 4')})",
        f"nn.{name}(3, 4); m(torch.ones(2, 3), {state.format('2, 5')})",
        f"nn.{name}(3, 4); m(torch.ones(2, 3), {state.format('1, 2, 4')})",
        f"nn.{name}(3, 4); m(torch.ones(3), {state.format('1, 4')})",
        f"nn.{name}(3, 4); m([1.0])",
        f"nn.{name}(3); m(torch.ones(2, 3))",
        f"nn.{name}(-1, 4); m(torch.ones(2, 3))",
        f"nn.{name}(3.0, 4); m",
    )
    given = "(h, c)" if name == "LSTMCell" else "h"
    cell.example(
        f"nn.{name}(3, 4); m(x, {given})",
        f"nn.{name}(3, 4, bias=False); m(x)",
        f"nn.{name}(3, 4); m(x, m(x, {given}))",
        f"nn.{name}(3, 4); m(x[0], {given.replace('h', 'h[0]').replace('c', 'c[0]')})",
        terms=9,
        gradient_terms=18,
        x=(2, 3),
        h=(2, 4),
        c=(2, 4),
    )
    return cell


_cell("RNNCell").refuses("nn.RNNCell(3, 4, nonlinearity='sigmoid'); m(torch.ones(2, 3))")
_cell("LSTMCell").refuses("nn.LSTMCell(3, 4); m(torch.ones(2, 3), torch.ones(2, 4))")
_cell("GRUCell")


@case(
    "nn.utils.rnn.pack_padded_sequence",
    also=["nn.utils.rnn.pad_packed_sequence", "nn.utils.rnn.invert_permutation", "nn.utils.rnn.PackedSequence"],
)
def packed(d: Draw) -> str:
    steps, batch = d.size(1, 5), d.size(1, 4)
    first = d.choose("", ", batch_first=True")
    x = d.floats("x", (*((batch, steps) if first else (steps, batch)), *d.shape(most=2, empty=False, elements=12)))
    lengths = [d.integer(1, steps) for _ in range(batch)]
    options = first
    if d.flag():
        lengths.sort(reverse=True)
    else:
        options += ", enforce_sorted=False"
    given = d.choose(f"{lengths}", f"torch.tensor({lengths}, device='cpu')")
    padding = d.choose("", ", padding_value=-1.5") + d.choose("", f", total_length={steps + d.integer(0, 2)}")
    return (
        f"packed = nn.utils.rnn.pack_padded_sequence({x}, {given}{options})\n"
        "inverse = nn.utils.rnn.invert_permutation(packed.sorted_indices)\n"
        f"out = list(packed), nn.utils.rnn.pad_packed_sequence(packed{first}{padding}), inverse\n"
        "again = nn.utils.rnn.PackedSequence(packed.data * 2, *packed[1:])\n"
        "out = *out, list(again), again.cpu().is_cuda, type(again.to(dtype)) is type(again), again.data.dtype is dtype"
    )


for _lengths in ([5, 3, 3, 1], [2, 5, 1, 4], [4, 4, 4, 4], [1, 1, 1, 1]):
    _packing = f"p = nn.utils.rnn.pack_padded_sequence(x, {_lengths}, enforce_sorted=False)\nout = "
    packed.example(
        _packing + "list(p), nn.utils.rnn.pad_packed_sequence(p, padding_value=-1.5, total_length=7)",
        _packing + "nn.utils.rnn.pad_packed_sequence(p, True), nn.utils.rnn.unpack_sequence(p)",
        x=(5, 4, 2),
    )
packed.example(
    "list(nn.utils.rnn.pack_padded_sequence(x, [2.9, 1.2]))",
    "list(nn.utils.rnn.pack_padded_sequence(x, torch.tensor([2.0, 1.0])))",
    x=(2, 2),
)


packed.refuses(
    "nn.utils.rnn.pack_padded_sequence(torch.ones(4, 3), [4, 3])",
    "nn.utils.rnn.pack_padded_sequence(torch.ones(4, 3), [2, 3, 4])",
    "nn.utils.rnn.pack_padded_sequence(torch.ones(4, 3), [4, 3, 0])",
    "nn.utils.rnn.pack_padded_sequence(torch.ones(4, 0), [])",
    "nn.utils.rnn.pack_padded_sequence(torch.ones(4), [4])",
    "nn.utils.rnn.pack_padded_sequence(torch.ones(4, 3), torch.ones(3, 1).long())",
    "nn.utils.rnn.pack_padded_sequence([1.0], [1])",
    "nn.utils.rnn.PackedSequence()",
    "nn.utils.rnn.pack_padded_sequence(torch.ones(4, 3, 2), 'abc')",
    "nn.utils.rnn.pack_padded_sequence(torch.ones(4, 3), [0, 3, 4], enforce_sorted=False)",
    "nn.utils.rnn.pad_packed_sequence(nn.utils.rnn.pack_padded_sequence(torch.ones(4, 1), [4]), total_length=5.5)",
    "nn.utils.rnn.pad_packed_sequence(nn.utils.rnn.pack_padded_sequence(torch.ones(4, 1), [4]), padding_value='a')",
    "nn.utils.rnn.pad_packed_sequence(nn.utils.rnn.pack_padded_sequence(torch.ones(4, 1), [4]), total_length=3)",
    "nn.utils.rnn.pad_packed_sequence(torch.ones(4, 1))",
)


@case(
    "nn.utils.rnn.pad_sequence",
    also=["nn.utils.rnn.pack_sequence", "nn.utils.rnn.unpad_sequence", "nn.utils.rnn.unpack_sequence"],
)
def padded(d: Draw) -> str:
    rest = d.shape(most=2, empty=False, elements=12)
    pack = d.flag()
    lengths = [d.integer(1 if pack else 0, 5) for _ in range(d.size(1, 4))]
    parts = "[" + ", ".join(str(d.floats(f"x{i}", (n, *rest))) for i, n in enumerate(lengths)) + "]"
    if pack:
        return (
            f"packed = nn.utils.rnn.pack_sequence({parts}, enforce_sorted=False)\n"
            "out = list(packed), nn.utils.rnn.unpack_sequence(packed)"
        )
    first = d.choose("", ", batch_first=True")
    side = d.choose("", ", padding_side='left'", ", padding_side='right'")
    text = f"nn.utils.rnn.pad_sequence({parts}{first}{d.choose('', ', padding_value=2.5')}{side})"
    if "left" in side:
        return text
    # torch's unpad_sequence transposes its argument in place
    return f"padded = {text}\nout = padded, nn.utils.rnn.unpad_sequence(padded.clone(), torch.tensor({lengths}){first})"


padded.example(
    "nn.utils.rnn.pad_sequence([a, b.long()]), nn.utils.rnn.pad_sequence([b.long(), a], padding_value=9)",
    "nn.utils.rnn.pad_sequence(iter([b.long(), b.long()[:1]]), padding_value=1.75)",
    "nn.utils.rnn.pad_sequence(c)",
    "nn.utils.rnn.pad_packed_sequence(nn.utils.rnn.pack_sequence([b.long(), b.long()[:1]]), padding_value=-1)[0]",
    "nn.utils.rnn.pad_sequence([b, a, b[:0]], True, 2.0, 'left')",
    a=(3,),
    b=(2,),
    c=(2, 3),
)


padded.refuses(
    "nn.utils.rnn.pad_sequence([])",
    "nn.utils.rnn.pad_sequence(5)",
    "nn.utils.rnn.pad_sequence([1, 2])",
    "nn.utils.rnn.pad_sequence([torch.ones(())])",
    "nn.utils.rnn.pack_sequence([])",
    "nn.utils.rnn.pad_sequence([torch.ones(2, 2), torch.ones(3, 3)])",
    "nn.utils.rnn.pad_sequence([torch.ones(2)], padding_side='up')",
    "nn.utils.rnn.pack_sequence([torch.ones(1), torch.ones(2)])",
    "nn.utils.rnn.unpad_sequence(torch.ones(3, 2), torch.tensor([3, 2, 1]))",
)


@case("nn.RNNBase", also=["nn.RNNCellBase"], exact=True)
def bases(d: Draw) -> str:
    mode = d.choose("LSTM", "GRU", "RNN_TANH")
    return f"m = nn.RNNBase('{mode}', {d.size(1, 3)}, {d.size(1, 3)}, num_layers={d.size(1, 2)})\nout = repr(m), [p.detach() for p in m.parameters()], issubclass(nn.LSTM, nn.RNNBase), issubclass(nn.GRUCell, nn.RNNCellBase)"


bases.refuses("nn.RNNBase('some', 2, 3)", "nn.RNNBase('GRU', 2, 0)")
