"""Programs in which minitorch once differed from torch, by cause: they may differ in nothing but what is deliberate.

A program is one line; its statements are separated by ``; ``. What is compared is what random programs compare.
"""

from __future__ import annotations

import pytest

from parity.programs import differences
from parity.programs.examine import examine, report

pytestmark = pytest.mark.host(reason="programs make their tensors on the default device of either library")

PROGRAMS = {
    "layout of views after their base has another shape": """
        a = torch.tensor([1.0]); b = a.chunk(2, -1)[-1]; a.squeeze_()
        a = torch.arange(6.0).view(2, 3) * 1; b = a[1]; a.t_(); c = b[1:]
        a = torch.arange(6.0).view(2, 1, 3) * 1; b = a[1]; c = b[0, 1:]; a.squeeze_(); d = a[1, 1:]
        a = torch.arange(6.0).view(2, 3); b = a[1]; a.transpose_(0, 1); c = a[1]
        a = torch.zeros(0, 3); a.t_(); a.unsqueeze_(0); b = a[:, 1:]
        a = torch.zeros(1, 0, 3); b = a[0]; a.squeeze_(); c = a.t(); d = c[1]
        a = torch.ones(2, 1); b = a.expand(2, 3); a.resize_(1)
        a = torch.ones(1, 2); b = a.unsqueeze(0); a.data = torch.ones(3); c = b[0]
        a = torch.ones(4, 3); b = a[1:]; c = a[2:]; b.data = torch.ones(3).expand(2, 3); d = b[1:]
        a = torch.ones(4, 3); b = a[1:]; a.data = b; c = a[1:]
        a = torch.ones(4, 3); b = a[1:]; b.data = a; c = b[1:]
        a = torch.ones(1, 2); b = a.unsqueeze(0); a.set_(torch.ones(3)); c = b[0]
        a = torch.ones(4, 3); b = a[1:]; a.set_(b); c = a[1:]
    """,
    "out= and resize_ keep the memory that is large enough": """
        a = torch.arange(6.0); b = a[1:]; torch.add(torch.ones(3), 1, out=a)
        a = torch.arange(6.0); b = a[1:]; torch.add(torch.ones(3), 1, out=b)
        a = torch.arange(6.0); b = a.view(2, 3).t(); torch.add(torch.ones(2, 2), 1, out=b)
        a = torch.arange(6.0); b = a[1:]; a.resize_(2, 2); a[0, 1] = 9.0
        a = torch.arange(6.0); b = a[1:3]; b.resize_(2, 2); b[0, 1] = 9.0
        a = torch.arange(6.0); b = a[1:3]; b.resize_(5)
        a = torch.arange(6.0); b = a.view(2, 3).t(); b.resize_(6)
        a = torch.arange(6.0); b = a.view(2, 3).t(); b.resize_(3, 2)
        a = torch.arange(6.0); b = a.view(2, 3).t(); b.resize_(0); b.resize_(2, 2)
        a = torch.arange(6.0); b = a[::2]; b.resize_(3, 1); b.mul_(2)
        a = torch.arange(6.0); b = a[4:]; c = b.data; b.resize_(1); b.fill_(3.0)
        a = torch.arange(6.0); a.resize_(0); b = a.clone(); a.resize_(4)
    """,
}


@pytest.mark.parametrize("cause", PROGRAMS)
def test_pinned_programs(cause: str) -> None:
    for line in PROGRAMS[cause].strip().splitlines():
        text = tuple(line.strip().split("; "))
        finding = examine(text, differences.ALL)[1]
        assert finding is None, report(text, finding)
