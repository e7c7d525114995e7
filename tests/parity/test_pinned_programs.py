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
    "index functions of 0-d and empty tensors, lists of lists": """
        r = torch.arange(4.).view(2,2)[[[0,1],[1,0]]]
        r = torch.arange(4.).view(2,2)[[[0,1]]]
        r = torch.arange(4.).view(2,2)[[0,1]]
        r = torch.arange(4.)[[[0,1],[1,0]]]
        r = torch.arange(4.)[[[0,1]]]
        r = torch.arange(4.)[[torch.tensor([0,1]),torch.tensor([1])]]
        r = torch.arange(4.).view(2,2)[[torch.tensor([0,1]),torch.tensor([1])]]
        r = torch.arange(4.).view(2,2)[[slice(1),1]]
        r = torch.arange(4.).view(2,2)[[None,1]]
        r = torch.arange(4.).view(2,2)[[...,1]]
        a = torch.arange(4.).view(2,2); a.__setitem__([[0,1],[1,0]],5)
        a = torch.arange(4.).view(2,2); a.__setitem__([slice(1),1],5)
        a = torch.arange(4.); a.__setitem__([[0,1],[1,0]],5)
        r = torch.take_along_dim(torch.tensor([True]),torch.tensor([2]),-1)
        r = torch.take_along_dim(torch.tensor([1.,2.]),torch.tensor([2]),-1)
        r = torch.take_along_dim(torch.tensor([1.,2.]),torch.tensor([-2]),-1)
        r = torch.take_along_dim(torch.tensor([1.,2.]),torch.tensor([-3]),-1)
        r = torch.take_along_dim(torch.tensor([1.,2.]),torch.tensor([5]),-1)
        r = torch.take_along_dim(torch.tensor([1.,2.]),torch.tensor([5]))
        r = torch.take_along_dim(torch.tensor([1.,2.]),torch.tensor([3]))
        r = torch.tensor([1.,2.,3.]).index_fill(0,torch.tensor([-1]),5)
        r = torch.tensor([1.,2.,3.]).index_fill(0,torch.tensor([-4]),5)
        r = torch.tensor([1.,2.,3.]).index_copy(0,torch.tensor([-1]),torch.tensor([5.]))
        r = torch.tensor([1.,2.,3.]).index_add(0,torch.tensor([-1]),torch.tensor([5.]))
        r = torch.tensor([1.,2.,3.]).index_select(0,torch.tensor([-1]))
        r = torch.tensor(1.).movedim(0,0)
        r = torch.tensor(1.).movedim(-1,0)
        r = torch.tensor(1.).movedim((0,),(0,))
        r = torch.tensor(1.).movedim((),())
        r = torch.tensor(1.).movedim(1,0)
        r = torch.tensor(1.).index_select(0,torch.tensor([0,0]))
        r = torch.tensor(1.).index_select(0,torch.tensor([0]))
        r = torch.tensor(1.).index_select(0,torch.tensor(0))
        r = torch.tensor(1.).index_select(0,torch.tensor([1]))
        r = torch.tensor(1.).index_select(0,torch.tensor([],dtype=torch.int64))
        r = torch.tensor([]).view(1,0).index_select(0,torch.tensor([0]))
        r = torch.tensor([]).view(1,0).index_select(1,torch.tensor([0]))
        r = torch.tensor([]).view(1,0).index_select(1,torch.tensor([],dtype=torch.int64))
        r = torch.tensor([]).index_select(0,torch.tensor([0]))
        r = torch.tensor([]).view(1,0).index_select(0,torch.tensor([1]))
        r = torch.zeros(0,2).index_copy(0,torch.tensor([0]),torch.tensor([[1.]]))
        r = torch.zeros(0,2).index_copy(0,torch.tensor([0]),torch.tensor([[1.,2.]]))
        r = torch.zeros(2,2).index_copy(0,torch.tensor([0]),torch.tensor([[1.]]))
        r = torch.zeros(2,2).index_copy(0,torch.tensor([5]),torch.tensor([[1.,1.]]))
        r = torch.zeros(2,2).index_copy(0,torch.tensor([0,1]),torch.tensor([[1.,1.]]))
        r = torch.zeros(2,2).index_copy(0,torch.tensor([0]),torch.tensor(1.))
        r = torch.zeros(2,2).index_copy(0,torch.tensor(0),torch.tensor([1.,1.]))
        r = torch.zeros(2,2).index_copy(0,torch.tensor(0),torch.tensor([[1.,1.]]))
        r = torch.zeros(2).index_copy(0,torch.tensor(0),torch.tensor(1.))
        r = torch.zeros(2).index_copy(0,torch.tensor([0]),torch.tensor(1.))
        r = torch.tensor(1.).index_copy(0,torch.tensor([0]),torch.tensor(1.))
        r = torch.tensor(1.).index_copy(0,torch.tensor([0]),torch.tensor([1.]))
        r = torch.tensor(1.).index_copy(0,torch.tensor(0),torch.tensor([[1.]]))
        r = torch.tensor(1.).index_copy(0,torch.tensor([0,0]),torch.tensor([1.,2.]))
        r = torch.tensor(1.).index_add(0,torch.tensor([0]),torch.tensor([1.]))
        r = torch.tensor(1.).index_add(0,torch.tensor([0]),torch.tensor(1.))
        r = torch.tensor(1.).index_add(0,torch.tensor(0),torch.tensor(1.))
        r = torch.tensor(1.).index_add(0,torch.tensor([0,0]),torch.tensor(1.))
        r = torch.tensor(1.).index_add(0,torch.tensor(1),torch.tensor(1.))
        r = torch.zeros(2).index_add(0,torch.tensor(0),torch.tensor(1.))
        r = torch.zeros(2).index_add(0,torch.tensor([0]),torch.tensor(1.))
        r = torch.zeros(2).index_add(0,torch.tensor([0,1]),torch.tensor([1.]))
        r = torch.zeros(2).index_add(0,torch.tensor([7]),torch.tensor([1.]))
        r = torch.zeros(2,2).index_add(0,torch.tensor([0]),torch.tensor([1.,1.]))
        r = torch.zeros(2,2).index_add(0,torch.tensor([0]),torch.tensor([[1.]]))
        r = torch.tensor(1.).index_fill(0,torch.tensor([0]),2)
        r = torch.tensor(1.).index_fill(0,torch.tensor([0,0]),2)
        r = torch.tensor(1.).index_fill(0,torch.tensor([1]),2)
        r = torch.tensor(1.).index_fill(0,torch.tensor([-1]),2)
        r = torch.tensor(1.).index_fill(0,torch.tensor([],dtype=torch.int64),2)
        r = torch.tensor([1.,2.,3.]).index_fill(0,torch.tensor([[1]]),5)
        r = torch.zeros(1,1,0).scatter(-1,torch.zeros((0,1,1),dtype=torch.int64),torch.tensor(0.25))
        r = torch.zeros(1,1,0).scatter(-1,torch.zeros((0,1,1),dtype=torch.int64),0.25)
        r = torch.zeros(2,2).scatter(-1,torch.zeros((0,),dtype=torch.int64),0.25)
        r = torch.zeros(2,2).scatter(-1,torch.zeros((0,),dtype=torch.int64),torch.zeros(3,3,3))
        r = torch.zeros(2,2).scatter_add(-1,torch.zeros((0,),dtype=torch.int64),torch.zeros(3,3,3))
        r = torch.zeros(1,1,1).scatter(-1,torch.zeros((1,1,1),dtype=torch.int64),torch.tensor([[2.]]))
        r = torch.zeros(1,1,1).scatter(-1,torch.zeros((1,1,1),dtype=torch.int64),torch.tensor(2.))
        r = torch.zeros(1,1).scatter(-1,torch.zeros((1,1),dtype=torch.int64),torch.tensor([2.]))
        r = torch.zeros(2,2).scatter(-1,torch.zeros((1,2),dtype=torch.int64),torch.tensor([[2.]]))
        r = torch.zeros(2,2).scatter(-1,torch.zeros((1,2),dtype=torch.int64)+3,torch.tensor([[2.,2.]]))
        r = torch.zeros(2,2).scatter(-1,torch.zeros((3,2),dtype=torch.int64),torch.ones(3,2))
        r = torch.zeros(2,2).scatter(5,torch.zeros((0,2),dtype=torch.int64),torch.ones(3,2))
        r = torch.zeros(2,2).scatter_add(-1,torch.zeros((1,2),dtype=torch.int64),torch.tensor([2.]))
        r = torch.zeros(()).scatter(-1,torch.tensor(0),torch.tensor(2.))
        r = torch.zeros(()).scatter(-1,torch.tensor([0]),torch.tensor([2.]))
        r = torch.zeros(()).scatter(-1,torch.tensor([0]),torch.tensor(2.))
        r = torch.zeros(()).scatter(-1,torch.tensor([0,0]),torch.tensor([2.,3.]))
        r = torch.zeros(1).scatter(-1,torch.tensor(0),torch.tensor(2.))
        r = torch.zeros(1).gather(0,torch.zeros((1,0),dtype=torch.int64))
        r = torch.zeros(1).gather(0,torch.zeros((0,2),dtype=torch.int64))
        r = torch.zeros(1).gather(1,torch.zeros((0,2),dtype=torch.int64))
        r = torch.zeros(()).gather(0,torch.zeros((0,2),dtype=torch.int64))
        r = torch.zeros(2,3).gather(0,torch.zeros((0,),dtype=torch.int64))
        r = torch.zeros(2,3).gather(0,torch.zeros((1,),dtype=torch.int64))
        r = torch.zeros(2,3).gather(0,torch.zeros((5,4),dtype=torch.int64))
        r = torch.zeros(2,0).gather(1,torch.zeros((2,1),dtype=torch.int64))
        r = torch.zeros(()).gather(0,torch.tensor([0,0]))
        r = torch.zeros(()).gather(0,torch.tensor(0))
        r = torch.zeros(1).gather(0,torch.tensor(0))
        r = torch.tensor([-2.]).masked_scatter(torch.tensor([[False]]),torch.tensor([1.]))
        r = torch.tensor([-2.]).masked_scatter(torch.tensor([[True]]),torch.tensor([1.]))
        r = torch.tensor([-2.]).masked_scatter(torch.tensor([[True],[False],[True]]),torch.tensor([1.,2.]))
        r = torch.tensor([-2.]).masked_scatter_(torch.tensor([[True]]),torch.tensor([1.]))
        r = torch.tensor([-2.,3.]).masked_scatter_(torch.tensor([True]),torch.tensor([1.,2.]))
        r = torch.tensor([1.]).index_put((torch.tensor([0]),),-1)
        r = torch.tensor(1.)[torch.tensor([0])]
        r = torch.tensor(1.).index_put((torch.tensor([0]),),torch.tensor(2.))
        r = torch.tensor([1.]).index_put((torch.tensor([7]),),torch.tensor(2.))
        r = torch.tensor([1.]).index_put((torch.tensor([0]),),torch.tensor(2))
        r = torch.tensor([1.]).index_put([torch.tensor([0])],torch.tensor(2.))
        r = torch.tensor([1.]).index_put(torch.tensor([0]),torch.tensor(2.))
        r = torch.tensor([1.]).index_put((0,),torch.tensor(2.))
        r = torch.tensor([1.]).index_put(([0],),torch.tensor(2.))
        r = torch.tensor([[1.,2.],[3.,4.]]).index_put((None,torch.tensor([0])),torch.tensor(2.))
        r = torch.tensor([[1.,2.],[3.,4.]]).index_put((torch.tensor([True,False]),),torch.tensor(2.))
        r = torch.tensor([[1.,2.],[3.,4.]]).index_put((),torch.tensor(2.))
        r = torch.tensor([[1.,2.],[3.,4.]]).index_put((torch.tensor([0,1]),),torch.tensor([1.,2.,3.]))
    """,
    "a number where a tensor belongs": """
        a = torch.tensor([1.0], requires_grad=True); r = a.atan2_(-2)
        a = torch.tensor([1.0]); r = a.addcmul_(0.,a)
        a = torch.tensor([1.0]); r = a.addcdiv_(a,2)
        a = torch.tensor([1.0]); r = a.addcdiv_(-1,a)
        r = torch.outer(torch.tensor([[1.0]]),-1)
        a = torch.tensor([1.0]); r = a.lerp_(2.0,0.5)
        a = torch.tensor([1.0]); r = a.masked_fill_(True,0.5)
        a = torch.tensor([1.0]); r = a.where(True,0.5)
        a = torch.tensor([1.0]); r = a.scatter_add_(0,torch.tensor([0]),2.)
        a = torch.tensor([1.0]); r = a.index_add_(0,torch.tensor([0]),2.)
        a = torch.tensor([1.0]); r = a.index_copy_(0,torch.tensor([0]),2.)
        a = torch.tensor([1.0]); r = a.index_fill_(0,0,2.)
        a = torch.tensor([1.0]); r = a.masked_scatter_(torch.tensor([True]),2.)
        a = torch.tensor([1.0]); r = a.fmod_(a,2)
        a = torch.tensor([1.0]); del a.grad
        a = torch.tensor([1.0],requires_grad=True); a.sum().backward(); del a.grad; r = a.grad
    """,
}


@pytest.mark.parametrize("cause", PROGRAMS)
def test_pinned_programs(cause: str) -> None:
    for line in PROGRAMS[cause].strip().splitlines():
        text = tuple(line.strip().split("; "))
        finding = examine(text, differences.ALL)[1]
        assert finding is None, report(text, finding)
