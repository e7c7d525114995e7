"""What tensors, modules, optimizers and recordings show in a notebook."""

import re
from html.parser import HTMLParser

import pytest

import minitorch as torch
from minitorch import nn, optim

EMPTY = {"br", "img"}


class Checked(HTMLParser):
    """Raises for an end tag without its start tag; `text` is what a reader sees, `opened` how many details are open."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.opened = [], "", 0
        self.feed(html)
        self.close()
        assert self.tags == []

    def handle_starttag(self, tag, attributes):
        assert tag not in ("script", "style", "link")
        self.tags += [] if tag in EMPTY else [tag]
        self.opened += ("open", None) in attributes

    def handle_endtag(self, tag):
        assert self.tags.pop() == tag

    def handle_data(self, data):
        self.text += data


def shown(value):
    return Checked(value._repr_html_())


def first_line(value):
    html = value._repr_html_()
    return Checked(re.sub(r"</summary>.*", "</summary></details>", html, flags=re.DOTALL)).text


def test_a_tensor():
    t = torch.arange(6.0).reshape(2, 3)
    assert first_line(t).startswith("Tensor (2, 3) float32")
    assert first_line(t).endswith("0 to 5, mean 2.5")
    assert repr(t) in shown(t).text
    assert shown(t).opened == 1
    assert shown(torch.zeros(100)).opened == 0


@pytest.mark.parametrize(
    "t",
    [
        torch.tensor(3),
        torch.tensor([]),
        torch.zeros(0, 3),
        torch.tensor([True, False]),
        torch.tensor([1.0, float("nan")], dtype=torch.float16),
        torch.tensor([float("nan"), float("inf")]),
        torch.tensor([2**60, 1]),
        torch.full((3,), 3e38),
        torch.ones(2, 3).T,
    ],
    ids=str,
)
def test_every_tensor_can_be_shown(t):
    assert repr(t) in shown(t).text


def test_what_is_not_finite_is_counted():
    t = torch.tensor([1.0, float("nan"), 3.0, float("inf")])
    assert first_line(t).endswith("1 to 3, mean 2 · 2 not finite")


def test_a_tensor_with_a_history_and_a_leaf():
    x = torch.ones(3, requires_grad=True)
    assert first_line(x * 2).endswith("MulBackward0")
    assert first_line(x).endswith("no gradient")
    (x * 2).sum().backward()
    assert first_line(x).endswith("gradient (3,), norm 3.46")
    assert first_line(nn.Parameter(torch.ones(3))).startswith("Parameter (3,)")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Tanh())
        self.out = nn.Linear(3, 2, bias=False)

    def extra_repr(self):
        return "<two> & more"

    def forward(self, x):
        return self.out(self.features(x))


def test_a_module():
    net = Net().eval()
    text = shown(net).text
    assert text.startswith("Net(<two> & more) · 27 parameters · eval")
    for part in (
        "features: Sequential · 21 parameters",
        "0: Linear(in_features=4, out_features=3, bias=True) · 15 parameters",
        "weight (3, 4) · no gradient",
        "running_mean (3,) · buffer",
        "2: Tanh",
        "out: Linear(in_features=3, out_features=2, bias=False) · 6 parameters",
    ):
        assert part in text
    assert shown(net).opened == 1
    net.requires_grad_(False)
    assert "weight (3, 4) · frozen" in shown(net).text


def test_an_optimizer():
    net = Net()
    optimizer = optim.Adam([{"params": net.out.parameters()}, {"params": net.features.parameters(), "lr": 0.5}])
    assert first_line(optimizer) == "Adam · lr 0.001, 0.5 · 27 parameters"
    assert "state" not in shown(optimizer).text
    net(torch.ones(2, 4)).sum().backward()
    optimizer.step()
    text = shown(optimizer).text
    assert "group 1: 4 tensors" in text
    assert "betas: (0.9, 0.999)" in text
    assert "exp_avg 108 bytes" in text  # 27 numbers of four bytes


@pytest.mark.host("recording is of NumPy's calls")
def test_a_recording():
    net = Net()
    optimizer = optim.SGD(net.parameters(), lr=0.1)

    def training(x):
        loss = net(x).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    recording = torch.record(training, torch.randn(8, 4))
    assert re.fullmatch(
        r"Recording of training · calls: \d+ forward, \d+ backward, \d+ optimizer", first_line(recording)
    )
    assert repr(recording) in shown(recording).text
    assert "not yet recorded" in shown(torch.record(training, on_change="record")).text


def test_the_device_is_named_unless_it_is_the_cpu(default_device):
    t = torch.tensor([1.0, 2.0])
    assert "cpu" not in first_line(t)
    assert (default_device in first_line(t)) is (default_device != "cpu")
