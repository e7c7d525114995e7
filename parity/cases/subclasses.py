"""Classes of one's own, derived from torch's: what the abstract ones do for them."""

from __future__ import annotations

from string import Template

from parity.compare.case import case
from parity.compare.draw import Draw, volume

MODULE = """class Net(nn.Module):
    scale = $SCALE

    def __init__(self, n):
        super().__init__()
        self.weight = nn.Parameter(torch.full((n,), 0.5, dtype=dtype))
        self.register_buffer('shift', torch.ones(n, dtype=dtype), persistent=$PERSISTENT)
        self.register_parameter('none', None)
        self.inner = nn.ModuleList([nn.Tanh() for _ in range($DEPTH)])

    def forward(self, x):
        for layer in self.inner:
            x = layer(x * self.weight + self.shift)
        return x * self.scale

    def extra_repr(self):
        return f'scale={self.scale}'

net = Net($N)
net.weight.requires_grad_($TRAINED)
seen = []
net.register_forward_hook(lambda module, args, result: seen.append(result.shape))
names = [name for name, _ in net.named_parameters()], [name for name, _ in net.named_buffers()], list(net.state_dict())
out = net($X), net.eval().training, names, seen, repr(net)"""


@case("nn.Module")
def module(d: Draw) -> str:
    n = d.size(1, 6)
    rows = d.shape(most=2, elements=40)
    x = d.floats("x", (*rows, n))
    depth = d.integer(0, 3)
    d.terms, d.gradient_terms = 2, 2 * max(1, depth) * max(1, volume(rows))  # derived twice: a term for each layer
    values = {"SCALE": d.choose(2.0, -0.5), "PERSISTENT": d.flag(), "TRAINED": d.flag()}
    return Template(MODULE).substitute(values, N=n, X=x, DEPTH=depth)


module.refuses(
    "nn.Module()(torch.ones(2))",
    "m = nn.Module()\nm.weight",
    "m = nn.Module()\nm.register_parameter('a.b', None)",
    "m = nn.Module()\nm.register_buffer('a', 3)",
    "m = nn.Module()\nm.add_module('a', torch.ones(2))",
    "class Net(nn.Module):\n    def __init__(self):\n        self.layer = nn.Tanh()\n\nNet()",
)

OPTIMIZER = """class Plain(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1, power=1):
        super().__init__(params, dict(lr=lr, power=power))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group['params']:
                if p.grad is not None:
                    state = self.state[p]
                    state['step'] = state.get('step', 0) + 1
                    p.sub_(group['lr'] / state['step'] ** group['power'] * p.grad)

params = [a.detach().clone().requires_grad_(), b.detach().clone().requires_grad_()]
optimizer = Plain($PARAMS)
for _ in range(3):
    optimizer.zero_grad($NONE)
    with torch.enable_grad():
        (params[0] ** 2).sum().backward()
    optimizer.step()
optimizer.add_param_group({'params': torch.ones(2, requires_grad=True)})
optimizer.load_state_dict(optimizer.state_dict())
out = params[0].detach(), params[1].grad is None, optimizer.state_dict(), len(optimizer.param_groups), repr(optimizer)"""


@case("optim.Optimizer")
def optimizer(d: Draw) -> str:
    d.floats("a", d.shape(most=2, elements=40), "normal", grad=False)
    d.floats("b", (2,), "normal", grad=False)
    d.terms = 4
    params = d.choose("params", "params, 0.3", "iter(params), power=2", "[{'params': p, 'power': 0.5} for p in params]")
    return Template(OPTIMIZER).substitute(PARAMS=params, NONE=d.choose("", "set_to_none=True"))


optimizer.refuses(
    "torch.optim.Optimizer([], {})",
    "torch.optim.Optimizer(torch.ones(2), {})",
    "torch.optim.Optimizer([1.0], {})",
    "torch.optim.Optimizer([torch.ones(2, requires_grad=True) * 2], {})",
)

SCHEDULER = """class Saw(torch.optim.lr_scheduler.LRScheduler):
    def __init__(self, optimizer, teeth, last_epoch=-1):
        self.teeth = teeth
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [base * (1 + self.last_epoch % self.teeth) for base in self.base_lrs]

params = [torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)]
optimizer = torch.optim.SGD([{'params': params[:1]}, {'params': params[1:], 'lr': $LR}], lr=0.05)
scheduler = Saw(optimizer, $TEETH)
out = []
for _ in range(10):
    optimizer.step()
    scheduler.step()
    out.append((scheduler.get_last_lr(), scheduler.last_epoch))
again = Saw(optimizer, 1)
again.load_state_dict(scheduler.state_dict())
out += [again.teeth, again.state_dict(), [group['initial_lr'] for group in optimizer.param_groups]]"""


@case("optim.lr_scheduler.LRScheduler", exact=True)
def scheduler(d: Draw) -> str:
    return Template(SCHEDULER).substitute(LR=d.integer(1, 99) / 100, TEETH=d.integer(1, 9))


scheduler.refuses(
    "torch.optim.lr_scheduler.LRScheduler(3)",
)

DISTRIBUTION = """class Point(torch.distributions.Distribution):
    arg_constraints = {}

    def __init__(self, at):
        self.at = at
        super().__init__(at.shape[:$BATCH], at.shape[$BATCH:], validate_args=False)

    def sample(self, sample_shape=()):
        return self.at.expand(self._extended_shape(torch.Size(sample_shape)))

    def log_prob(self, value):
        return torch.where(value == self.at, 0.0, -inf)

class Far(Point):
    pass

@torch.distributions.register_kl(Point, Point)
def kl(p, q):
    return (p.at - q.at).abs()

p, q = Point($X), Far($Y)
kl_divergence = torch.distributions.kl_divergence
out = p.sample($SHAPE), p.log_prob(p.at), p.batch_shape, p.event_shape, kl_divergence(p, q), kl_divergence(q, q)"""


@case("distributions.Distribution", also=["distributions.register_kl"])
def distribution(d: Draw) -> str:
    shape = d.shape(least=1, most=3, elements=40)
    x, y = d.floats("x", shape), d.floats("y", shape)
    d.terms, d.gradient_terms = 2, 6
    batch, more = d.integer(0, len(shape)), d.choose("", "(3,)", "(2, 1)")
    return Template(DISTRIBUTION).substitute(X=x, Y=y, BATCH=batch, SHAPE=more)


distribution.refuses(
    "torch.distributions.Distribution(validate_args=False).sample()",
    "torch.distributions.Distribution(validate_args=False).log_prob(torch.ones(1))",
    "torch.distributions.Distribution(validate_args=False).mean",
    "torch.distributions.Distribution(validate_args=False).entropy()",
    "torch.distributions.Distribution(validate_args=False).expand((2,))",
)
