"""utils.data: the same seed gives the same batches in the same order."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw

SETUP = "from_ = torch.utils.data\n"
UNUSUAL = (
    "a, b = from_.TensorDataset(torch.arange(6)), from_.TensorDataset(torch.arange(6) * 2)\n"
    "pair = from_.StackDataset(x=a, y=b)\nout = len(pair), pair[3], list(from_.DataLoader(pair, batch_size=4))",
    "class Count(from_.IterableDataset):\n    def __iter__(self):\n        return iter(range(7))\n"
    "chained = from_.ChainDataset([Count(), Count()])\nout = list(chained), list(from_.DataLoader(chained, batch_size=3)), "
    "list(from_.DataLoader(Count(), batch_size=3, drop_last=True))",
    "class Backwards(from_.Sampler):\n    def __iter__(self):\n        return iter([4, 2, 0])\n"
    "data = from_.TensorDataset(torch.arange(5))\nout = list(from_.DataLoader(data, batch_size=2, sampler=Backwards()))",
    "class Squares(from_.Dataset):\n    def __len__(self):\n        return 5\n    def __getitem__(self, i):\n        return i * i, 'abc'\n"
    "both = Squares() + Squares()\nout = len(both), list(from_.DataLoader(both, batch_size=4, shuffle=True)), from_.get_worker_info()",
    "import numpy\nout = from_.default_convert([numpy.ones(2), {'a': numpy.zeros(1)}, 'text', 3, (1, numpy.arange(3))])",
    "out = list(from_.DataLoader([1, 2, 3, 4, 5], batch_size=2, collate_fn=lambda samples: sum(samples)))",
)


@case(
    "utils.data.DataLoader",
    also=[
        f"utils.data.{name}"
        for name in [
            "Dataset",
            "TensorDataset",
            "Subset",
            "random_split",
            "ConcatDataset",
            "SequentialSampler",
            "RandomSampler",
            "BatchSampler",
            "SubsetRandomSampler",
            "WeightedRandomSampler",
            "StackDataset",
            "ChainDataset",
            "IterableDataset",
            "Sampler",
            "default_convert",
            "get_worker_info",
        ]
    ],
    exact=True,
)
def loader(d: Draw) -> str:
    if d.integer(0, 3) == 3:
        return SETUP + d.choose(*UNUSUAL)
    n = d.integer(2, 30)
    x, y = d.floats("x", (n, 2), grad=False), d.integers("y", (n,), 0, 9)
    data = f"from_.TensorDataset({x}, {y})"
    options = d.choose(
        f"batch_size={d.integer(1, 7)}, shuffle=True",
        f"batch_size={d.integer(1, 7)}",
        f"batch_size={d.integer(1, 7)}, shuffle=True, drop_last=True",
        "",
        "batch_size=None",
        f"batch_size=4, sampler=from_.RandomSampler(data, replacement=True, num_samples={d.integer(1, 20)})",
        f"batch_size=3, sampler=from_.SubsetRandomSampler(range(0, len(data), {d.integer(1, 3)}))",
        f"batch_size=3, sampler=from_.WeightedRandomSampler([1 + i % 3 for i in range(len(data))], {d.integer(1, 20)})",
        "batch_sampler=from_.BatchSampler(from_.SequentialSampler(data), 4, True)",
        "shuffle=True, generator=torch.Generator().manual_seed(3)",
    )
    wrapped = d.choose(
        data,
        data,
        f"from_.Subset({data}, {list(range(0, n, 2))})",
        f"from_.random_split({data}, [{n // 2}, {n - n // 2}])[1]",
        f"from_.ConcatDataset([{data}, {data}])",
    )
    return f"{SETUP}data = {wrapped}\nloader = from_.DataLoader(data{options and ', ' + options})\nout = len(data), len(loader), [list(b) for b in loader], [list(b) for b in loader], torch.rand(2)"


loader.refuses(
    SETUP + "from_.DataLoader(from_.TensorDataset(torch.ones(3)), batch_size=0)",
    SETUP + "from_.DataLoader(from_.TensorDataset(torch.ones(3)), batch_size=-1)",
    SETUP + "from_.DataLoader(from_.TensorDataset(torch.ones(3)), shuffle=True, sampler=from_.SequentialSampler([1]))",
    SETUP + "from_.DataLoader(from_.TensorDataset(torch.ones(3)), num_workers=-1)",
    SETUP + "from_.DataLoader(from_.TensorDataset(torch.ones(3)), batch_size=2, batch_sampler=[[0]])",
    SETUP + "from_.DataLoader(from_.TensorDataset(torch.ones(3)), batch_size=None, drop_last=True)",
    SETUP + "from_.TensorDataset(torch.ones(3), torch.ones(2))",
    SETUP + "from_.random_split(from_.TensorDataset(torch.ones(3)), [1, 1])",
    SETUP + "list(from_.DataLoader([torch.ones(2), torch.ones(3)], batch_size=2))",
    SETUP + "list(from_.DataLoader([object()], batch_size=1))",
    SETUP + "from_.TensorDataset(torch.ones(3))[3]",
    SETUP + "from_.Dataset()[0]",
    SETUP + "from_.DataLoader([])\nfrom_.RandomSampler([], num_samples=0)",
    SETUP + "from_.BatchSampler([1], 0, False)",
)


@case("utils.data.default_collate", exact=True)
def collate(d: Draw) -> str:
    x, n = d.floats("x", (3,), grad=False), d.integer(1, 4)
    samples = d.choose(
        f"[{x}] * {n}", f"[({x}, 1)] * {n}", f"[{{'a': {x}, 'b': 2.5}}] * {n}", f"['text'] * {n}", f"[[1, (2, {x})]] * {n}", "[1, 2, 3]", "[1.5, 2.5]", "[True, False]",
        f"__import__('numpy').ones((2, 3))[: {n}, :]",
    )  # fmt: skip
    return f"torch.utils.data.default_collate({samples} if not hasattr({samples}, 'dtype') else list({samples}))"


collate.refuses(
    "torch.utils.data.default_collate([object()])",
    "torch.utils.data.default_collate([[1], [1, 2]])",
    "torch.utils.data.default_collate([torch.ones(1), torch.ones(2)])",
)
