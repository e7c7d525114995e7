"""Programs in which minitorch once differed from torch, by cause. Each must now give what it gives with torch.

Nearly the whole file is `PROGRAMS`: by cause, one program in a line, its statements separated by ``; ``. `examine` runs
each with torch and with minitorch and compares what `parity programs` compares (see `parity.programs.compare`): errors,
and of each tensor its values, memory layout and gradient. Only the differences of `parity.programs.differences`, each
with its reason there, are accepted.

When a difference that `parity programs` has found is mended, its smallest program goes to the end of the text of its
cause, or under a new key if there is no such cause yet. The lines of a cause differ in the function, the dtype, the
memory order or the argument that once took a path of its own: a line that looks like its neighbour is not its copy.
"""

from __future__ import annotations

import pytest

from parity.programs import differences
from parity.programs.examine import examine, report

pytestmark = pytest.mark.host(reason="programs make their tensors on the default device of either library")

_INDEXED = """
    a = torch.arange(6.0).view(2, 3); i = torch.tensor([0, 1], dtype=DTYPE); b = a[i]; a[i] = 5.0; a[i] = torch.ones(3)
    a = torch.arange(6.0).view(2, 3); i = torch.tensor([0, 1], dtype=DTYPE); a.index_put_((i,), torch.ones(3))
    a = torch.arange(6.0).view(2, 3); i = torch.tensor([0, 1], dtype=DTYPE); b = a.take(i)
    a = torch.arange(6.0).view(2, 3); i = torch.tensor([0, 1], dtype=DTYPE); b = a.index_fill(0, i, 5.0)
    a = torch.arange(6.0).view(2, 3); i = torch.tensor([], dtype=DTYPE); b = a.index_copy(0, i, a[:0])
    a = torch.arange(6.0).view(2, 3); i = torch.tensor([0, 1], dtype=DTYPE); b = a.index_select(0, i); c = a.index_add(0, i, a)
"""
"""Programs for each dtype that a tensor of indices may have."""

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
    "writing to memory that is read": """
        a = torch.arange(1.,7.); a[1:].add_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.add_(a.t())
        a = torch.arange(1.,7.); a.add_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.add_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].add_(a[:,1])
        a = torch.arange(1.,2.); a.add_(a[0])
        a = torch.arange(1.,2.); a[0].add_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().add_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].mul_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.mul_(a.t())
        a = torch.arange(1.,7.); a.mul_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.mul_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].mul_(a[:,1])
        a = torch.arange(1.,2.); a.mul_(a[0])
        a = torch.arange(1.,2.); a[0].mul_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().mul_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].sub_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.sub_(a.t())
        a = torch.arange(1.,7.); a.sub_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.sub_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].sub_(a[:,1])
        a = torch.arange(1.,2.); a.sub_(a[0])
        a = torch.arange(1.,2.); a[0].sub_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().sub_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].div_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.div_(a.t())
        a = torch.arange(1.,7.); a.div_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.div_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].div_(a[:,1])
        a = torch.arange(1.,2.); a.div_(a[0])
        a = torch.arange(1.,2.); a[0].div_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().div_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].gt_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.gt_(a.t())
        a = torch.arange(1.,7.); a.gt_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.gt_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].gt_(a[:,1])
        a = torch.arange(1.,2.); a.gt_(a[0])
        a = torch.arange(1.,2.); a[0].gt_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().gt_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].eq_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.eq_(a.t())
        a = torch.arange(1.,7.); a.eq_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.eq_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].eq_(a[:,1])
        a = torch.arange(1.,2.); a.eq_(a[0])
        a = torch.arange(1.,2.); a[0].eq_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().eq_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].ne_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.ne_(a.t())
        a = torch.arange(1.,7.); a.ne_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.ne_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].ne_(a[:,1])
        a = torch.arange(1.,2.); a.ne_(a[0])
        a = torch.arange(1.,2.); a[0].ne_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().ne_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].lt_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.lt_(a.t())
        a = torch.arange(1.,7.); a.lt_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.lt_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].lt_(a[:,1])
        a = torch.arange(1.,2.); a.lt_(a[0])
        a = torch.arange(1.,2.); a[0].lt_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().lt_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].le_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.le_(a.t())
        a = torch.arange(1.,7.); a.le_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.le_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].le_(a[:,1])
        a = torch.arange(1.,2.); a.le_(a[0])
        a = torch.arange(1.,2.); a[0].le_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().le_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].ge_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.ge_(a.t())
        a = torch.arange(1.,7.); a.ge_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.ge_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].ge_(a[:,1])
        a = torch.arange(1.,2.); a.ge_(a[0])
        a = torch.arange(1.,2.); a[0].ge_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().ge_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].copy_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.copy_(a.t())
        a = torch.arange(1.,7.); a.copy_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.copy_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].copy_(a[:,1])
        a = torch.arange(1.,2.); a.copy_(a[0])
        a = torch.arange(1.,2.); a[0].copy_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().copy_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].pow_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.pow_(a.t())
        a = torch.arange(1.,7.); a.pow_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.pow_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].pow_(a[:,1])
        a = torch.arange(1.,2.); a.pow_(a[0])
        a = torch.arange(1.,2.); a[0].pow_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().pow_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].atan2_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.atan2_(a.t())
        a = torch.arange(1.,7.); a.atan2_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.atan2_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].atan2_(a[:,1])
        a = torch.arange(1.,2.); a.atan2_(a[0])
        a = torch.arange(1.,2.); a[0].atan2_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().atan2_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].fmod_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.fmod_(a.t())
        a = torch.arange(1.,7.); a.fmod_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.fmod_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].fmod_(a[:,1])
        a = torch.arange(1.,2.); a.fmod_(a[0])
        a = torch.arange(1.,2.); a[0].fmod_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().fmod_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].remainder_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.remainder_(a.t())
        a = torch.arange(1.,7.); a.remainder_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.remainder_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].remainder_(a[:,1])
        a = torch.arange(1.,2.); a.remainder_(a[0])
        a = torch.arange(1.,2.); a[0].remainder_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().remainder_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].floor_divide_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.floor_divide_(a.t())
        a = torch.arange(1.,7.); a.floor_divide_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.floor_divide_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].floor_divide_(a[:,1])
        a = torch.arange(1.,2.); a.floor_divide_(a[0])
        a = torch.arange(1.,2.); a[0].floor_divide_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().floor_divide_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].logical_and_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.logical_and_(a.t())
        a = torch.arange(1.,7.); a.logical_and_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.logical_and_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].logical_and_(a[:,1])
        a = torch.arange(1.,2.); a.logical_and_(a[0])
        a = torch.arange(1.,2.); a[0].logical_and_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().logical_and_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].logical_or_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.logical_or_(a.t())
        a = torch.arange(1.,7.); a.logical_or_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.logical_or_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].logical_or_(a[:,1])
        a = torch.arange(1.,2.); a.logical_or_(a[0])
        a = torch.arange(1.,2.); a[0].logical_or_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().logical_or_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].logical_xor_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.logical_xor_(a.t())
        a = torch.arange(1.,7.); a.logical_xor_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.logical_xor_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].logical_xor_(a[:,1])
        a = torch.arange(1.,2.); a.logical_xor_(a[0])
        a = torch.arange(1.,2.); a[0].logical_xor_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().logical_xor_(a[0:1].data[0])
        a = torch.arange(1.,7.); a[1:].xlogy_(a[:-1])
        a = torch.arange(1.,5.).view(2,2); a.xlogy_(a.t())
        a = torch.arange(1.,7.); a.xlogy_(a[:])
        a = torch.arange(1.,5.).view(2,2); a.xlogy_(a[0])
        a = torch.arange(1.,5.).view(2,2); a[:,0].xlogy_(a[:,1])
        a = torch.arange(1.,2.); a.xlogy_(a[0])
        a = torch.arange(1.,2.); a[0].xlogy_(a.squeeze())
        a = torch.arange(1.,2.); a.squeeze().xlogy_(a[0:1].data[0])
        a = torch.arange(1.,2.).view(1,1); a[None]=a
        a = torch.arange(1.,5.).view(2,2); a[:]=a
        a = torch.arange(1.,5.).view(2,2); a[:]=a.t()
        a = torch.arange(1.,5.); a[1:]=a[:-1]
        a = torch.arange(1.,5.).view(2,2); a[0]=a[1]
        a = torch.arange(1.,5.).view(2,2); a[:,0]=a[0]
        a = torch.arange(1.,5.).view(2,2); a[a>1]=a
        a = torch.arange(1.,5.); a[a>0]=a
        a = torch.arange(1.,5.); a[torch.tensor([0,1])]=a[2:]
        a = torch.arange(1.,5.); a[torch.tensor([0,1])]=a[0]
        a = torch.arange(1.,5.); a[[0,1,2,3]]=a
        a = torch.tensor([]); a[torch.tensor([0])]=a
        a = torch.tensor([]); a[torch.tensor([],dtype=torch.int64)]=a
        a = torch.arange(4); a[a]=a
        a = torch.arange(4); a[a]=5
        a = torch.arange(4); a[a]=torch.tensor(5)
        a = torch.arange(4); a[a[:2]]=torch.tensor(5)
        a = torch.tensor([True,False]); a[a]=False
        a = torch.tensor([True,False]); a[a]=torch.tensor(False)
        a = torch.tensor([[True,False],[True,True]]); a[a[0]]=torch.tensor(False)
        a = torch.tensor([[True,False],[True,True]]); a[0][a[0]]=False
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_copy_(0,i,a[:2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_copy_(0,i,a[2:])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_copy_(0,i,a[::2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_copy_(0,i,a.data[:2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_copy_(0,i,a[1:3])
        a = torch.arange(2.); i = torch.tensor([0,1]); a.index_copy_(0,i,a)
        a = torch.arange(2.); i = torch.tensor([0,1]); b = torch.ones(2,requires_grad=True)*1; b.index_copy_(0,i,b)
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_add_(0,i,a[:2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_add_(0,i,a[2:])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_add_(0,i,a[::2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_add_(0,i,a.data[:2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_add_(0,i,a[1:3])
        a = torch.arange(2.); i = torch.tensor([0,1]); a.index_add_(0,i,a)
        a = torch.arange(2.); i = torch.tensor([0,1]); b = torch.ones(2,requires_grad=True)*1; b.index_add_(0,i,b)
        a = torch.arange(4.); i = torch.tensor([0,1]); a.scatter_(0,i,a[:2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.scatter_(0,i,a[2:])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.scatter_(0,i,a[::2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.scatter_(0,i,a.data[:2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.scatter_(0,i,a[1:3])
        a = torch.arange(2.); i = torch.tensor([0,1]); a.scatter_(0,i,a)
        a = torch.arange(2.); i = torch.tensor([0,1]); b = torch.ones(2,requires_grad=True)*1; b.scatter_(0,i,b)
        a = torch.arange(4.); i = torch.tensor([0,1]); a.scatter_add_(0,i,a[:2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.scatter_add_(0,i,a[2:])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.scatter_add_(0,i,a[::2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.scatter_add_(0,i,a.data[:2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.scatter_add_(0,i,a[1:3])
        a = torch.arange(2.); i = torch.tensor([0,1]); a.scatter_add_(0,i,a)
        a = torch.arange(2.); i = torch.tensor([0,1]); b = torch.ones(2,requires_grad=True)*1; b.scatter_add_(0,i,b)
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_put_((i,),a[:2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_put_((i,),a[2:])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_put_((i,),a[::2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_put_((i,),a.data[:2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_put_((i,),a[1:3])
        a = torch.arange(2.); i = torch.tensor([0,1]); a.index_put_((i,),a)
        a = torch.arange(2.); i = torch.tensor([0,1]); b = torch.ones(2,requires_grad=True)*1; b.index_put_((i,),b)
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_put_((i,),a[:2],accumulate=True)
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_put_((i,),a[2:],accumulate=True)
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_put_((i,),a[::2],accumulate=True)
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_put_((i,),a.data[:2],accumulate=True)
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_put_((i,),a[1:3],accumulate=True)
        a = torch.arange(2.); i = torch.tensor([0,1]); a.index_put_((i,),a,accumulate=True)
        a = torch.arange(2.); i = torch.tensor([0,1]); b = torch.ones(2,requires_grad=True)*1; b.index_put_((i,),b,accumulate=True)
        a = torch.arange(4.); i = torch.tensor([0,1]); a.masked_scatter_(a>1,a[:2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.masked_scatter_(a>1,a[2:])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.masked_scatter_(a>1,a[::2])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.masked_scatter_(a>1,a.data[:2])
        a = torch.arange(2.); i = torch.tensor([0,1]); a.masked_scatter_(a>1,a)
        a = torch.arange(2.); i = torch.tensor([0,1]); b = torch.ones(2,requires_grad=True)*1; b.masked_scatter_(a>1,b)
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_fill_(0,i,a[:2][0])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_fill_(0,i,a[2:][0])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_fill_(0,i,a[::2][0])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_fill_(0,i,a.data[:2][0])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.index_fill_(0,i,a[1:3][0])
        a = torch.arange(2.); i = torch.tensor([0,1]); a.index_fill_(0,i,a[0])
        a = torch.arange(2.); i = torch.tensor([0,1]); b = torch.ones(2,requires_grad=True)*1; b.index_fill_(0,i,b[0])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.masked_fill_(a>1,a[:2][0])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.masked_fill_(a>1,a[2:][0])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.masked_fill_(a>1,a[::2][0])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.masked_fill_(a>1,a.data[:2][0])
        a = torch.arange(4.); i = torch.tensor([0,1]); a.masked_fill_(a>1,a[1:3][0])
        a = torch.arange(2.); i = torch.tensor([0,1]); a.masked_fill_(a>1,a[0])
        a = torch.arange(2.); i = torch.tensor([0,1]); b = torch.ones(2,requires_grad=True)*1; b.masked_fill_(a>1,b[0])
        a = torch.arange(4); a.index_copy_(0,a[:2],torch.ones(2,dtype=torch.int64))
        a = torch.arange(4); a.index_add_(0,a[:2],torch.ones(2,dtype=torch.int64))
        a = torch.arange(4); a.scatter_(0,a[:2],torch.ones(2,dtype=torch.int64))
        a = torch.arange(4); a.scatter_(0,a[:2],7)
        a = torch.arange(4); a.scatter_add_(0,a[:2],torch.ones(2,dtype=torch.int64))
        a = torch.arange(4); a.index_put_((a[:2],),torch.tensor(7))
        a = torch.arange(4); a.index_fill_(0,a[:2],7)
        a = torch.arange(4); a.index_fill_(0,a[:2],torch.tensor(7))
        a = torch.tensor([True,False,True]); a.masked_fill_(a,False)
        a = torch.tensor([True,False,True]); a.masked_fill_(a,torch.tensor(False))
        a = torch.tensor([True,False,True]); a.masked_scatter_(a,torch.tensor([False]*3))
        a = torch.tensor([True,False,True]); a.masked_scatter_(a,a)
        a = torch.tensor([True,False,True]); a.masked_fill_(a[:1],False)
        a = torch.tensor([True,False,True]); a.masked_fill_(a[[0,1,2]],False)
        a = torch.tensor([True,False,True]); a.where(a,a)
        a = torch.tensor([True,False,True]); a.logical_not_()
        a = torch.tensor([True,False,True]); a.bitwise_and_(a)
        a = torch.tensor([True,False,True]); a.masked_fill_(a.flip(0),False)
        a = torch.arange(1.,5.); a[1:].lerp_(a[:-1],0.5)
        a = torch.arange(1.,5.); a[1:].lerp_(torch.ones(3),a[:-1])
        a = torch.arange(1.,5.); a[1:].addcmul_(a[:-1],torch.ones(3))
        a = torch.arange(1.,5.); a[1:].addcdiv_(torch.ones(3),a[:-1])
        a = torch.arange(1.,5.); a[1:].clamp_(a[:-1])
        a = torch.arange(1.,5.); a[1:].clamp_(max=a[:-1])
        a = torch.arange(1.,5.); a[1:].clamp_min_(a[:-1])
        a = torch.arange(1.,5.); a[1:].clip_(a[:-1],a[:-1])
        a = torch.arange(1.,5.); a[1:].bernoulli_(a[:-1]/9)
        a = torch.arange(1.,5.)/9; a[1:].bernoulli_(a[:-1])
        a = torch.arange(1.,5.)/9; a.bernoulli_(a)
    """,
    "random draws into and from tensors in other memory orders": """
        a = torch.zeros(4,5).t(); a.normal_()
        a = torch.zeros(4,5).t(); a.random_()
        a = torch.zeros(4,5).t(); a.random_(10)
        a = torch.zeros(4,5).t(); a.random_(3,9)
        a = torch.zeros(4,5).t(); a.exponential_()
        a = torch.zeros(4,5).t(); a.log_normal_()
        a = torch.zeros(4,5).t(); a.bernoulli_()
        a = torch.zeros(4,5).t(); a.bernoulli_(0.3)
        a = torch.zeros(4,5).t(); a.bernoulli_(torch.full(a.shape,0.4))
        a = torch.zeros(4,5).t(); a.bernoulli_(torch.full(a.shape[::-1],0.4).permute(*range(a.dim()))[...] if 0 else torch.full_like(a,0.4))
        a = torch.zeros(4,5).t()+0.4; r = torch.bernoulli(a)
        a = torch.zeros(4,5).t()+0.4; r = torch.bernoulli(a,0.3)
        a = torch.zeros(4,5).t()+1; r = torch.normal(a,1.)
        a = torch.zeros(4,5).t()+1; r = torch.normal(a,a)
        a = torch.zeros(4,5).t()+1; r = torch.normal(1.,a)
        a = torch.zeros(4,5).t()+1; r = torch.normal(torch.zeros(a.shape),a)
        a = torch.zeros(4,5).t()+1; r = torch.normal(a,torch.ones(a.shape))
        a = torch.zeros(4,5).t().abs()+1; r = torch.multinomial(a,2)
        a = torch.zeros(4,5).t().abs()+1; r = torch.multinomial(a,9,True)
        a = torch.zeros(4,5).t(); r = torch.distributions.Bernoulli(logits=a).sample()
        a = torch.zeros(4,5).t(); r = torch.distributions.Bernoulli(logits=a).sample((2,))
        a = torch.zeros(4,5).t(); r = torch.distributions.Bernoulli(probs=a+0.4).sample()
        a = torch.zeros(4,5).t(); r = torch.distributions.Bernoulli(probs=a+0.4).sample((2,))
        a = torch.zeros(4,5).t(); r = torch.distributions.Categorical(logits=a).sample()
        a = torch.zeros(4,5).t(); r = torch.distributions.Categorical(logits=a).sample((2,))
        a = torch.zeros(4,5).t(); r = torch.distributions.Categorical(probs=a+1).sample()
        a = torch.zeros(4,5).t(); r = torch.distributions.Categorical(probs=a+1).sample((2,))
        a = torch.zeros(3,4,5).permute(2,0,1); a.normal_()
        a = torch.zeros(3,4,5).permute(2,0,1); a.random_()
        a = torch.zeros(3,4,5).permute(2,0,1); a.random_(10)
        a = torch.zeros(3,4,5).permute(2,0,1); a.random_(3,9)
        a = torch.zeros(3,4,5).permute(2,0,1); a.exponential_()
        a = torch.zeros(3,4,5).permute(2,0,1); a.log_normal_()
        a = torch.zeros(3,4,5).permute(2,0,1); a.bernoulli_()
        a = torch.zeros(3,4,5).permute(2,0,1); a.bernoulli_(0.3)
        a = torch.zeros(3,4,5).permute(2,0,1); a.bernoulli_(torch.full(a.shape,0.4))
        a = torch.zeros(3,4,5).permute(2,0,1); a.bernoulli_(torch.full(a.shape[::-1],0.4).permute(*range(a.dim()))[...] if 0 else torch.full_like(a,0.4))
        a = torch.zeros(3,4,5).permute(2,0,1)+0.4; r = torch.bernoulli(a)
        a = torch.zeros(3,4,5).permute(2,0,1)+0.4; r = torch.bernoulli(a,0.3)
        a = torch.zeros(3,4,5).permute(2,0,1)+1; r = torch.normal(a,1.)
        a = torch.zeros(3,4,5).permute(2,0,1)+1; r = torch.normal(a,a)
        a = torch.zeros(3,4,5).permute(2,0,1)+1; r = torch.normal(1.,a)
        a = torch.zeros(3,4,5).permute(2,0,1)+1; r = torch.normal(torch.zeros(a.shape),a)
        a = torch.zeros(3,4,5).permute(2,0,1)+1; r = torch.normal(a,torch.ones(a.shape))
        a = torch.zeros(3,4,5).permute(2,0,1).abs()+1; r = torch.multinomial(a,2)
        a = torch.zeros(3,4,5).permute(2,0,1).abs()+1; r = torch.multinomial(a,9,True)
        a = torch.zeros(3,4,5).permute(2,0,1); r = torch.distributions.Bernoulli(logits=a).sample()
        a = torch.zeros(3,4,5).permute(2,0,1); r = torch.distributions.Bernoulli(logits=a).sample((2,))
        a = torch.zeros(3,4,5).permute(2,0,1); r = torch.distributions.Bernoulli(probs=a+0.4).sample()
        a = torch.zeros(3,4,5).permute(2,0,1); r = torch.distributions.Bernoulli(probs=a+0.4).sample((2,))
        a = torch.zeros(3,4,5).permute(2,0,1); r = torch.distributions.Categorical(logits=a).sample()
        a = torch.zeros(3,4,5).permute(2,0,1); r = torch.distributions.Categorical(logits=a).sample((2,))
        a = torch.zeros(3,4,5).permute(2,0,1); r = torch.distributions.Categorical(probs=a+1).sample()
        a = torch.zeros(3,4,5).permute(2,0,1); r = torch.distributions.Categorical(probs=a+1).sample((2,))
        a = torch.zeros(6,8)[::2,1::3]; a.normal_()
        a = torch.zeros(6,8)[::2,1::3]; a.random_()
        a = torch.zeros(6,8)[::2,1::3]; a.random_(10)
        a = torch.zeros(6,8)[::2,1::3]; a.random_(3,9)
        a = torch.zeros(6,8)[::2,1::3]; a.exponential_()
        a = torch.zeros(6,8)[::2,1::3]; a.log_normal_()
        a = torch.zeros(6,8)[::2,1::3]; a.bernoulli_()
        a = torch.zeros(6,8)[::2,1::3]; a.bernoulli_(0.3)
        a = torch.zeros(6,8)[::2,1::3]; a.bernoulli_(torch.full(a.shape,0.4))
        a = torch.zeros(6,8)[::2,1::3]; a.bernoulli_(torch.full(a.shape[::-1],0.4).permute(*range(a.dim()))[...] if 0 else torch.full_like(a,0.4))
        a = torch.zeros(6,8)[::2,1::3]+0.4; r = torch.bernoulli(a)
        a = torch.zeros(6,8)[::2,1::3]+0.4; r = torch.bernoulli(a,0.3)
        a = torch.zeros(6,8)[::2,1::3]+1; r = torch.normal(a,1.)
        a = torch.zeros(6,8)[::2,1::3]+1; r = torch.normal(a,a)
        a = torch.zeros(6,8)[::2,1::3]+1; r = torch.normal(1.,a)
        a = torch.zeros(6,8)[::2,1::3]+1; r = torch.normal(torch.zeros(a.shape),a)
        a = torch.zeros(6,8)[::2,1::3]+1; r = torch.normal(a,torch.ones(a.shape))
        a = torch.zeros(6,8)[::2,1::3].abs()+1; r = torch.multinomial(a,2)
        a = torch.zeros(6,8)[::2,1::3].abs()+1; r = torch.multinomial(a,9,True)
        a = torch.zeros(6,8)[::2,1::3]; r = torch.distributions.Bernoulli(logits=a).sample()
        a = torch.zeros(6,8)[::2,1::3]; r = torch.distributions.Bernoulli(logits=a).sample((2,))
        a = torch.zeros(6,8)[::2,1::3]; r = torch.distributions.Bernoulli(probs=a+0.4).sample()
        a = torch.zeros(6,8)[::2,1::3]; r = torch.distributions.Bernoulli(probs=a+0.4).sample((2,))
        a = torch.zeros(6,8)[::2,1::3]; r = torch.distributions.Categorical(logits=a).sample()
        a = torch.zeros(6,8)[::2,1::3]; r = torch.distributions.Categorical(logits=a).sample((2,))
        a = torch.zeros(6,8)[::2,1::3]; r = torch.distributions.Categorical(probs=a+1).sample()
        a = torch.zeros(6,8)[::2,1::3]; r = torch.distributions.Categorical(probs=a+1).sample((2,))
        a = torch.zeros(6,8)[::2,1::3].t(); a.normal_()
        a = torch.zeros(6,8)[::2,1::3].t(); a.random_()
        a = torch.zeros(6,8)[::2,1::3].t(); a.random_(10)
        a = torch.zeros(6,8)[::2,1::3].t(); a.random_(3,9)
        a = torch.zeros(6,8)[::2,1::3].t(); a.exponential_()
        a = torch.zeros(6,8)[::2,1::3].t(); a.log_normal_()
        a = torch.zeros(6,8)[::2,1::3].t(); a.bernoulli_()
        a = torch.zeros(6,8)[::2,1::3].t(); a.bernoulli_(0.3)
        a = torch.zeros(6,8)[::2,1::3].t(); a.bernoulli_(torch.full(a.shape,0.4))
        a = torch.zeros(6,8)[::2,1::3].t(); a.bernoulli_(torch.full(a.shape[::-1],0.4).permute(*range(a.dim()))[...] if 0 else torch.full_like(a,0.4))
        a = torch.zeros(6,8)[::2,1::3].t()+0.4; r = torch.bernoulli(a)
        a = torch.zeros(6,8)[::2,1::3].t()+0.4; r = torch.bernoulli(a,0.3)
        a = torch.zeros(6,8)[::2,1::3].t()+1; r = torch.normal(a,1.)
        a = torch.zeros(6,8)[::2,1::3].t()+1; r = torch.normal(a,a)
        a = torch.zeros(6,8)[::2,1::3].t()+1; r = torch.normal(1.,a)
        a = torch.zeros(6,8)[::2,1::3].t()+1; r = torch.normal(torch.zeros(a.shape),a)
        a = torch.zeros(6,8)[::2,1::3].t()+1; r = torch.normal(a,torch.ones(a.shape))
        a = torch.zeros(6,8)[::2,1::3].t().abs()+1; r = torch.multinomial(a,2)
        a = torch.zeros(6,8)[::2,1::3].t().abs()+1; r = torch.multinomial(a,9,True)
        a = torch.zeros(6,8)[::2,1::3].t(); r = torch.distributions.Bernoulli(logits=a).sample()
        a = torch.zeros(6,8)[::2,1::3].t(); r = torch.distributions.Bernoulli(logits=a).sample((2,))
        a = torch.zeros(6,8)[::2,1::3].t(); r = torch.distributions.Bernoulli(probs=a+0.4).sample()
        a = torch.zeros(6,8)[::2,1::3].t(); r = torch.distributions.Bernoulli(probs=a+0.4).sample((2,))
        a = torch.zeros(6,8)[::2,1::3].t(); r = torch.distributions.Categorical(logits=a).sample()
        a = torch.zeros(6,8)[::2,1::3].t(); r = torch.distributions.Categorical(logits=a).sample((2,))
        a = torch.zeros(6,8)[::2,1::3].t(); r = torch.distributions.Categorical(probs=a+1).sample()
        a = torch.zeros(6,8)[::2,1::3].t(); r = torch.distributions.Categorical(probs=a+1).sample((2,))
        a = torch.zeros(5,20)[:,2:]; a.bernoulli_(torch.full(a.shape[::-1],0.4).permute(*range(a.dim()))[...] if 0 else torch.full_like(a,0.4))
        a = torch.zeros(20)[::2]; a.normal_()
        a = torch.zeros(20)[::2]; a.random_()
        a = torch.zeros(20)[::2]; a.random_(10)
        a = torch.zeros(20)[::2]; a.random_(3,9)
        a = torch.zeros(20)[::2]; a.exponential_()
        a = torch.zeros(20)[::2]; a.log_normal_()
        a = torch.zeros(20)[::2]; a.bernoulli_()
        a = torch.zeros(20)[::2]; a.bernoulli_(0.3)
        a = torch.zeros(20)[::2]; a.bernoulli_(torch.full(a.shape,0.4))
        a = torch.zeros(20)[::2]; a.bernoulli_(torch.full(a.shape[::-1],0.4).permute(*range(a.dim()))[...] if 0 else torch.full_like(a,0.4))
        a = torch.zeros(20)[::2]+0.4; r = torch.bernoulli(a)
        a = torch.zeros(20)[::2]+0.4; r = torch.bernoulli(a,0.3)
        a = torch.zeros(20)[::2]+1; r = torch.normal(a,1.)
        a = torch.zeros(20)[::2]+1; r = torch.normal(a,a)
        a = torch.zeros(20)[::2]+1; r = torch.normal(1.,a)
        a = torch.zeros(20)[::2]+1; r = torch.normal(torch.zeros(a.shape),a)
        a = torch.zeros(20)[::2]+1; r = torch.normal(a,torch.ones(a.shape))
        a = torch.zeros(20)[::2].abs()+1; r = torch.multinomial(a,2)
        a = torch.zeros(20)[::2].abs()+1; r = torch.multinomial(a,9,True)
        a = torch.zeros(20)[::2]; r = torch.distributions.Bernoulli(logits=a).sample()
        a = torch.zeros(20)[::2]; r = torch.distributions.Bernoulli(logits=a).sample((2,))
        a = torch.zeros(20)[::2]; r = torch.distributions.Bernoulli(probs=a+0.4).sample()
        a = torch.zeros(20)[::2]; r = torch.distributions.Bernoulli(probs=a+0.4).sample((2,))
        a = torch.zeros(20)[::2]; r = torch.distributions.Categorical(logits=a).sample()
        a = torch.zeros(20)[::2]; r = torch.distributions.Categorical(logits=a).sample((2,))
        a = torch.zeros(20)[::2]; r = torch.distributions.Categorical(probs=a+1).sample()
        a = torch.zeros(20)[::2]; r = torch.distributions.Categorical(probs=a+1).sample((2,))
        a = torch.zeros(4,8).half().t(); a.normal_()
        a = torch.zeros(4,8).half().t(); a.random_()
        a = torch.zeros(4,8).half().t(); a.random_(10)
        a = torch.zeros(4,8).half().t(); a.random_(3,9)
        a = torch.zeros(4,8).half().t(); a.exponential_()
        a = torch.zeros(4,8).half().t(); a.log_normal_()
        a = torch.zeros(4,8).half().t(); a.bernoulli_()
        a = torch.zeros(4,8).half().t(); a.bernoulli_(0.3)
        a = torch.zeros(4,8).half().t(); a.bernoulli_(torch.full(a.shape,0.4))
        a = torch.zeros(4,8).half().t(); a.bernoulli_(torch.full(a.shape[::-1],0.4).permute(*range(a.dim()))[...] if 0 else torch.full_like(a,0.4))
        a = torch.zeros(4,8).half().t()+0.4; r = torch.bernoulli(a)
        a = torch.zeros(4,8).half().t()+0.4; r = torch.bernoulli(a,0.3)
        a = torch.zeros(4,8).half().t()+1; r = torch.normal(a,1.)
        a = torch.zeros(4,8).half().t()+1; r = torch.normal(a,a)
        a = torch.zeros(4,8).half().t()+1; r = torch.normal(1.,a)
        a = torch.zeros(4,8).half().t()+1; r = torch.normal(torch.zeros(a.shape),a)
        a = torch.zeros(4,8).half().t()+1; r = torch.normal(a,torch.ones(a.shape))
        a = torch.zeros(4,8).half().t().abs()+1; r = torch.multinomial(a,2)
        a = torch.zeros(4,8).half().t().abs()+1; r = torch.multinomial(a,9,True)
        a = torch.zeros(4,8).half().t(); r = torch.distributions.Bernoulli(logits=a).sample()
        a = torch.zeros(4,8).half().t(); r = torch.distributions.Bernoulli(logits=a).sample((2,))
        a = torch.zeros(4,8).half().t(); r = torch.distributions.Bernoulli(probs=a+0.4).sample()
        a = torch.zeros(4,8).half().t(); r = torch.distributions.Bernoulli(probs=a+0.4).sample((2,))
        a = torch.zeros(4,8).half().t(); r = torch.distributions.Categorical(logits=a).sample()
        a = torch.zeros(4,8).half().t(); r = torch.distributions.Categorical(logits=a).sample((2,))
        a = torch.zeros(4,8).half().t(); r = torch.distributions.Categorical(probs=a+1).sample()
        a = torch.zeros(4,8).half().t(); r = torch.distributions.Categorical(probs=a+1).sample((2,))
        a = torch.zeros(4,8).double().t(); a.normal_()
        a = torch.zeros(4,8).double().t(); a.random_()
        a = torch.zeros(4,8).double().t(); a.random_(10)
        a = torch.zeros(4,8).double().t(); a.random_(3,9)
        a = torch.zeros(4,8).double().t(); a.exponential_()
        a = torch.zeros(4,8).double().t(); a.log_normal_()
        a = torch.zeros(4,8).double().t(); a.bernoulli_()
        a = torch.zeros(4,8).double().t(); a.bernoulli_(0.3)
        a = torch.zeros(4,8).double().t(); a.bernoulli_(torch.full(a.shape,0.4))
        a = torch.zeros(4,8).double().t(); a.bernoulli_(torch.full(a.shape[::-1],0.4).permute(*range(a.dim()))[...] if 0 else torch.full_like(a,0.4))
        a = torch.zeros(4,8).double().t()+0.4; r = torch.bernoulli(a)
        a = torch.zeros(4,8).double().t()+0.4; r = torch.bernoulli(a,0.3)
        a = torch.zeros(4,8).double().t()+1; r = torch.normal(a,1.)
        a = torch.zeros(4,8).double().t()+1; r = torch.normal(a,a)
        a = torch.zeros(4,8).double().t()+1; r = torch.normal(1.,a)
        a = torch.zeros(4,8).double().t()+1; r = torch.normal(torch.zeros(a.shape),a)
        a = torch.zeros(4,8).double().t()+1; r = torch.normal(a,torch.ones(a.shape))
        a = torch.zeros(4,8).double().t().abs()+1; r = torch.multinomial(a,2)
        a = torch.zeros(4,8).double().t().abs()+1; r = torch.multinomial(a,9,True)
        a = torch.zeros(4,8).double().t(); r = torch.distributions.Bernoulli(logits=a).sample()
        a = torch.zeros(4,8).double().t(); r = torch.distributions.Bernoulli(logits=a).sample((2,))
        a = torch.zeros(4,8).double().t(); r = torch.distributions.Bernoulli(probs=a+0.4).sample()
        a = torch.zeros(4,8).double().t(); r = torch.distributions.Bernoulli(probs=a+0.4).sample((2,))
        a = torch.zeros(4,8).double().t(); r = torch.distributions.Categorical(logits=a).sample()
        a = torch.zeros(4,8).double().t(); r = torch.distributions.Categorical(logits=a).sample((2,))
        a = torch.zeros(4,8).double().t(); r = torch.distributions.Categorical(probs=a+1).sample()
        a = torch.zeros(4,8).double().t(); r = torch.distributions.Categorical(probs=a+1).sample((2,))
        a = torch.zeros(4,1,5).permute(2,1,0); a.normal_()
        a = torch.zeros(4,1,5).permute(2,1,0); a.random_()
        a = torch.zeros(4,1,5).permute(2,1,0); a.random_(10)
        a = torch.zeros(4,1,5).permute(2,1,0); a.random_(3,9)
        a = torch.zeros(4,1,5).permute(2,1,0); a.exponential_()
        a = torch.zeros(4,1,5).permute(2,1,0); a.log_normal_()
        a = torch.zeros(4,1,5).permute(2,1,0); a.bernoulli_()
        a = torch.zeros(4,1,5).permute(2,1,0); a.bernoulli_(0.3)
        a = torch.zeros(4,1,5).permute(2,1,0); a.bernoulli_(torch.full(a.shape,0.4))
        a = torch.zeros(4,1,5).permute(2,1,0); a.bernoulli_(torch.full(a.shape[::-1],0.4).permute(*range(a.dim()))[...] if 0 else torch.full_like(a,0.4))
        a = torch.zeros(4,1,5).permute(2,1,0)+0.4; r = torch.bernoulli(a)
        a = torch.zeros(4,1,5).permute(2,1,0)+0.4; r = torch.bernoulli(a,0.3)
        a = torch.zeros(4,1,5).permute(2,1,0)+1; r = torch.normal(a,1.)
        a = torch.zeros(4,1,5).permute(2,1,0)+1; r = torch.normal(a,a)
        a = torch.zeros(4,1,5).permute(2,1,0)+1; r = torch.normal(1.,a)
        a = torch.zeros(4,1,5).permute(2,1,0)+1; r = torch.normal(torch.zeros(a.shape),a)
        a = torch.zeros(4,1,5).permute(2,1,0)+1; r = torch.normal(a,torch.ones(a.shape))
        a = torch.zeros(4,1,5).permute(2,1,0).abs()+1; r = torch.multinomial(a,2)
        a = torch.zeros(4,1,5).permute(2,1,0).abs()+1; r = torch.multinomial(a,9,True)
        a = torch.zeros(4,1,5).permute(2,1,0); r = torch.distributions.Bernoulli(logits=a).sample()
        a = torch.zeros(4,1,5).permute(2,1,0); r = torch.distributions.Bernoulli(logits=a).sample((2,))
        a = torch.zeros(4,1,5).permute(2,1,0); r = torch.distributions.Bernoulli(probs=a+0.4).sample()
        a = torch.zeros(4,1,5).permute(2,1,0); r = torch.distributions.Bernoulli(probs=a+0.4).sample((2,))
        a = torch.zeros(4,1,5).permute(2,1,0); r = torch.distributions.Categorical(logits=a).sample()
        a = torch.zeros(4,1,5).permute(2,1,0); r = torch.distributions.Categorical(logits=a).sample((2,))
        a = torch.zeros(4,1,5).permute(2,1,0); r = torch.distributions.Categorical(probs=a+1).sample()
        a = torch.zeros(4,1,5).permute(2,1,0); r = torch.distributions.Categorical(probs=a+1).sample((2,))
    """,
    "out=: dtypes, gradients, overlapping memory, resizing": """
        a = torch.ones(3); b = torch.ones(3,requires_grad=True); torch.eq(a,1,out=b)
        b = torch.ones(3,requires_grad=True); torch.arange(3,out=b)
        b = torch.ones(3,requires_grad=True)*2; torch.arange(3,out=b)
        b = torch.ones(3,requires_grad=True)*2; torch.arange(3,out=b); r = b.grad_fn is None
        b = torch.ones(2,requires_grad=True)*2; torch.arange(3,out=b)
        b = torch.ones(2,requires_grad=True); torch.zeros(3,out=b)
        b = torch.ones(3,requires_grad=True); torch.rand(3,out=b)
        b = torch.ones(3,requires_grad=True); torch.full((3,),2.,out=b)
        b = torch.ones(3,requires_grad=True); torch.eye(3,out=b)
        b = torch.ones(3,requires_grad=True); torch.linspace(0,1,3,out=b)
        b = torch.ones(3,requires_grad=True); torch.sign(torch.ones(3),out=b)
        b = torch.ones(3,requires_grad=True); torch.floor(torch.ones(3),out=b)
        b = torch.ones(3,requires_grad=True); torch.isnan(torch.ones(3),out=b)
        b = torch.ones(3,requires_grad=True); torch.logical_not(torch.ones(3),out=b)
        b = torch.ones(3,requires_grad=True); torch.logical_and(b,b,out=b)
        b = torch.ones(3,requires_grad=True); torch.floor_divide(torch.ones(3),2,out=b)
        b = torch.ones(3,requires_grad=True); torch.add(torch.tensor([1,2,3]),2,out=b)
        b = torch.ones(3,requires_grad=True); torch.bernoulli(torch.ones(3),out=b)
        b = torch.ones(3,requires_grad=True); torch.normal(torch.ones(3),1.,out=b)
        b = torch.ones((),requires_grad=True); torch.all(torch.ones(3),0,out=torch.tensor(True))
        b = torch.ones(3,requires_grad=True); i = torch.zeros((),dtype=torch.int64); torch.argmax(b,0,out=i)
        b = torch.ones(3,requires_grad=True); i = torch.zeros((3,1),dtype=torch.int64); torch.nonzero(b,out=i)
        b = torch.ones(3,requires_grad=True); r = with torch.no_grad(): torch.add(b,1,out=b)
        b = torch.ones(2,requires_grad=True); r = with torch.no_grad(): torch.arange(3,out=b)
        b = torch.ones(2,requires_grad=True); r = with torch.no_grad(): torch.add(torch.ones(3),1,out=b)
        a = torch.tensor([1,2]); r = torch.mean(a,0,out=torch.empty(0))
        a = torch.tensor([1,2]); r = torch.mean(a,0,dtype=torch.float32,out=torch.empty(0))
        a = torch.tensor([1,2]); r = torch.sum(a,0,out=torch.empty(0))
        a = torch.tensor([1.,2]); r = torch.mean(a,0,out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.sum(a,0,out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.sum(a,0,out=torch.empty(0,dtype=torch.int64))
        a = torch.tensor([1.,2]); r = torch.sum(a,0,dtype=torch.float64,out=torch.empty(0))
        a = torch.tensor([1.,2]); r = torch.prod(a,0,out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.nansum(a,0,out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.cumsum(a,0,out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.cumsum(a,0,out=torch.empty(0,dtype=torch.int64))
        a = torch.tensor([1.,2]); r = torch.softmax(a,0,out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.log_softmax(a,0,out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.amax(a,0,out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.std(a,0,out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.norm(a,out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.all(a,0,out=torch.empty(0,dtype=torch.uint8))
        a = torch.tensor([1.,2]); r = torch.all(a,out=torch.empty(0,dtype=torch.bool))
        a = torch.tensor([1.,2]); r = torch.any(a,0,out=torch.empty(0))
        a = torch.tensor([1.,2]); r = torch.max(a,out=torch.empty(0))
        a = torch.tensor([1.,2]); r = torch.amax(a,out=torch.empty(0))
        a = torch.tensor([1.,2]); r = torch.argmax(a,0,out=torch.empty(0,dtype=torch.int32))
        a = torch.tensor([1.,2]); r = torch.mean(a,out=torch.empty(0))
        a = torch.tensor([1.,2]); r = torch.std(a,out=torch.empty(0))
        a = torch.tensor([1.,2]); r = torch.var(a,out=torch.empty(0))
        a = torch.tensor([1.,2]); r = torch.nansum(a,out=torch.empty(0))
        a = torch.tensor([1.,2]); r = torch.gather(a,0,torch.tensor([0]),out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.cat([a,a],out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.cat([a,a],out=torch.empty(0,dtype=torch.int64))
        a = torch.tensor([1.,2]); r = torch.stack([a,a],out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.index_select(a,0,torch.tensor([0]),out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.masked_select(a,a>1,out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.take(a,torch.tensor([0]),out=torch.empty(0,dtype=torch.float64))
        a = torch.tensor([1.,2]); r = torch.matmul(a,a,out=torch.empty(0,dtype=torch.float64))
        a = torch.ones(2,2); r = torch.mm(a,a,out=torch.empty(0,dtype=torch.float64))
        a = torch.ones(2,2); r = torch.tril(a,out=torch.empty(0,dtype=torch.float64))
        a = torch.ones(2,2); r = torch.diag(a,out=torch.empty(0,dtype=torch.float64))
        a = torch.ones(2,2); r = torch.sort(a,out=(torch.empty(0,dtype=torch.float64),torch.empty(0,dtype=torch.int64)))
        a = torch.ones(2,2); r = torch.topk(a,1,out=(torch.empty(0,dtype=torch.float64),torch.empty(0,dtype=torch.int64)))
        a = torch.ones(2,2); r = torch.max(a,1,out=(torch.empty(0,dtype=torch.float64),torch.empty(0,dtype=torch.int64)))
        a = torch.ones(2,2); r = torch.max(a,1,out=(torch.empty(0),torch.empty(0)))
        a = torch.ones(2,2); r = torch.where(a>0,a,a,out=torch.empty(0,dtype=torch.float64))
        a = torch.ones(2,2); r = torch.where(a>0,a,1.,out=torch.empty(0))
        a = torch.ones(2,2); r = torch.clamp(a,0,1,out=torch.empty(0,dtype=torch.float64))
        a = torch.ones(2,2); r = torch.eq(a,1,out=torch.empty(0,dtype=torch.int64))
        a = torch.ones(2,2); r = torch.eq(a,1,out=torch.ones(3,2,1))
        a = torch.ones(2,2); o = torch.ones(3,dtype=torch.int64); r = torch.add(a,1,out=o)
        b = torch.ones(2,requires_grad=True); with torch.no_grad(): torch.arange(3,out=b)
        b = torch.ones(2,requires_grad=True); with torch.no_grad(): torch.arange(2,out=b)
        b = torch.ones(4,requires_grad=True); with torch.no_grad(): torch.arange(2,out=b)
        b = torch.ones(2,requires_grad=True)*1; with torch.no_grad(): torch.arange(3,out=b)
        b = torch.ones(2); c = b[:]; torch.arange(1,3,out=b)
        b = torch.ones(2,2); c = b[:]; torch.arange(1,5,out=b)
        b = torch.ones(2,2); c = b.t(); torch.arange(1,5,out=c)
        b = torch.ones(2,2); c = b.t(); torch.arange(1,4,out=c)
        b = torch.ones(4); c = b[::2]; torch.arange(1,3,out=c)
        b = torch.ones(4); c = b[::2]; torch.arange(1,4,out=c)
        b = torch.ones(1).expand(3); torch.arange(3,out=b)
        b = torch.ones(1).expand(3); torch.add(torch.ones(3),1,out=b)
        b = torch.ones(1).expand(3); torch.add(torch.ones(2),1,out=b)
        b = torch.ones(1).expand(3); torch.sum(torch.ones(2),0,out=b)
        b = torch.ones(1).expand(3); torch.cat([torch.ones(2),torch.ones(1)],out=b)
        b = torch.ones(1).expand(3); torch.zeros(3,out=b)
        b = torch.ones(1).expand(3); torch.full((3,),2.,out=b)
        b = torch.ones(1).expand(3); torch.gather(torch.ones(3),0,torch.tensor([0,1,2]),out=b)
    """,
    "one number written where elements share memory": """
        a = torch.ones(1).expand(3); a.fill_(3.)
        a = torch.ones(1).expand(3); a.zero_()
        a = torch.ones(1).expand(3); a.fill_(torch.tensor(2.))
        a = torch.ones(1).expand(3); a.masked_fill_(torch.tensor(True),5.)
        a = torch.ones(1).expand(3); a.masked_fill_(torch.tensor(True),torch.tensor(5.))
        a = torch.ones(1).expand(3); a.masked_fill_(torch.tensor(False),5.)
        a = torch.ones(1).expand(3); a.index_fill_(0,torch.tensor([0]),4.)
        a = torch.ones(1).expand(3); a.index_fill_(0,torch.tensor([0]),torch.tensor(4.))
        a = torch.ones(1).expand(3); a.index_fill_(0,torch.tensor([],dtype=torch.int64),4.)
        a = torch.ones(1).expand(3); a.fill_diagonal_(4.)
        a = torch.ones(1).expand(3); a.scatter_(0,torch.zeros(a.shape,dtype=torch.int64)[:1],2.)
        a = torch.ones(1).expand(3); a.scatter_add_(0,torch.zeros(a.shape,dtype=torch.int64)[:1],torch.ones(a.shape))
        a = torch.ones(1).expand(3); r = a[0] = 5.
        a = torch.ones(1).expand(3); r = a[Ellipsis] = 5.
        a = torch.ones(1).expand(3); r = a[torch.tensor([0])] = 5.
        a = torch.ones(1).expand(3); r = a[torch.tensor(True)] = 5.
        a = torch.ones(1).expand(3); r = a[a>0] = 5.
        a = torch.ones(1).expand(3); r = a[a>0] = torch.tensor(4.)
        a = torch.ones(1).expand(3); r = a[slice(None)] = torch.tensor(3.)
        a = torch.ones(1).expand(3); r = a[[0]] = 3.
        a = torch.ones(1,2).expand(3,2); a.fill_(3.)
        a = torch.ones(1,2).expand(3,2); a.zero_()
        a = torch.ones(1,2).expand(3,2); a.fill_(torch.tensor(2.))
        a = torch.ones(1,2).expand(3,2); a.masked_fill_(torch.tensor(True),5.)
        a = torch.ones(1,2).expand(3,2); a.masked_fill_(torch.tensor(True),torch.tensor(5.))
        a = torch.ones(1,2).expand(3,2); a.masked_fill_(torch.tensor(False),5.)
        a = torch.ones(1,2).expand(3,2); a.index_fill_(0,torch.tensor([0]),4.)
        a = torch.ones(1,2).expand(3,2); a.index_fill_(0,torch.tensor([0]),torch.tensor(4.))
        a = torch.ones(1,2).expand(3,2); a.index_fill_(0,torch.tensor([],dtype=torch.int64),4.)
        a = torch.ones(1,2).expand(3,2); a.fill_diagonal_(4.)
        a = torch.ones(1,2).expand(3,2); a.scatter_(0,torch.zeros(a.shape,dtype=torch.int64)[:1],2.)
        a = torch.ones(1,2).expand(3,2); a.scatter_add_(0,torch.zeros(a.shape,dtype=torch.int64)[:1],torch.ones(a.shape))
        a = torch.ones(1,2).expand(3,2); r = a[0] = 5.
        a = torch.ones(1,2).expand(3,2); r = a[Ellipsis] = 5.
        a = torch.ones(1,2).expand(3,2); r = a[torch.tensor([0])] = 5.
        a = torch.ones(1,2).expand(3,2); r = a[torch.tensor(True)] = 5.
        a = torch.ones(1,2).expand(3,2); r = a[a>0] = 5.
        a = torch.ones(1,2).expand(3,2); r = a[a>0] = torch.tensor(4.)
        a = torch.ones(1,2).expand(3,2); r = a[slice(None)] = torch.tensor(3.)
        a = torch.ones(1,2).expand(3,2); r = a[[0]] = 3.
        a = torch.arange(5.).unfold(0,3,1); a.fill_(3.)
        a = torch.arange(5.).unfold(0,3,1); a.zero_()
        a = torch.arange(5.).unfold(0,3,1); a.fill_(torch.tensor(2.))
        a = torch.arange(5.).unfold(0,3,1); a.masked_fill_(torch.tensor(True),5.)
        a = torch.arange(5.).unfold(0,3,1); a.masked_fill_(torch.tensor(True),torch.tensor(5.))
        a = torch.arange(5.).unfold(0,3,1); a.masked_fill_(torch.tensor(False),5.)
        a = torch.arange(5.).unfold(0,3,1); a.index_fill_(0,torch.tensor([0]),4.)
        a = torch.arange(5.).unfold(0,3,1); a.index_fill_(0,torch.tensor([0]),torch.tensor(4.))
        a = torch.arange(5.).unfold(0,3,1); a.index_fill_(0,torch.tensor([],dtype=torch.int64),4.)
        a = torch.arange(5.).unfold(0,3,1); a.fill_diagonal_(4.)
        a = torch.arange(5.).unfold(0,3,1); a.scatter_(0,torch.zeros(a.shape,dtype=torch.int64)[:1],2.)
        a = torch.arange(5.).unfold(0,3,1); a.scatter_add_(0,torch.zeros(a.shape,dtype=torch.int64)[:1],torch.ones(a.shape))
        a = torch.arange(5.).unfold(0,3,1); r = a[0] = 5.
        a = torch.arange(5.).unfold(0,3,1); r = a[Ellipsis] = 5.
        a = torch.arange(5.).unfold(0,3,1); r = a[torch.tensor([0])] = 5.
        a = torch.arange(5.).unfold(0,3,1); r = a[torch.tensor(True)] = 5.
        a = torch.arange(5.).unfold(0,3,1); r = a[a>0] = 5.
        a = torch.arange(5.).unfold(0,3,1); r = a[a>0] = torch.tensor(4.)
        a = torch.arange(5.).unfold(0,3,1); r = a[slice(None)] = torch.tensor(3.)
        a = torch.arange(5.).unfold(0,3,1); r = a[[0]] = 3.
        a = torch.tensor(2.).expand(2,2); a.fill_(3.)
        a = torch.tensor(2.).expand(2,2); a.zero_()
        a = torch.tensor(2.).expand(2,2); a.fill_(torch.tensor(2.))
        a = torch.tensor(2.).expand(2,2); a.masked_fill_(torch.tensor(True),5.)
        a = torch.tensor(2.).expand(2,2); a.masked_fill_(torch.tensor(True),torch.tensor(5.))
        a = torch.tensor(2.).expand(2,2); a.masked_fill_(torch.tensor(False),5.)
        a = torch.tensor(2.).expand(2,2); a.index_fill_(0,torch.tensor([0]),4.)
        a = torch.tensor(2.).expand(2,2); a.index_fill_(0,torch.tensor([0]),torch.tensor(4.))
        a = torch.tensor(2.).expand(2,2); a.index_fill_(0,torch.tensor([],dtype=torch.int64),4.)
        a = torch.tensor(2.).expand(2,2); a.fill_diagonal_(4.)
        a = torch.tensor(2.).expand(2,2); a.scatter_(0,torch.zeros(a.shape,dtype=torch.int64)[:1],2.)
        a = torch.tensor(2.).expand(2,2); a.scatter_add_(0,torch.zeros(a.shape,dtype=torch.int64)[:1],torch.ones(a.shape))
        a = torch.tensor(2.).expand(2,2); r = a[0] = 5.
        a = torch.tensor(2.).expand(2,2); r = a[Ellipsis] = 5.
        a = torch.tensor(2.).expand(2,2); r = a[torch.tensor([0])] = 5.
        a = torch.tensor(2.).expand(2,2); r = a[torch.tensor(True)] = 5.
        a = torch.tensor(2.).expand(2,2); r = a[a>0] = 5.
        a = torch.tensor(2.).expand(2,2); r = a[a>0] = torch.tensor(4.)
        a = torch.tensor(2.).expand(2,2); r = a[slice(None)] = torch.tensor(3.)
        a = torch.tensor(2.).expand(2,2); r = a[[0]] = 3.
        a = torch.ones(1).expand(0,1); a.fill_(3.)
        a = torch.ones(1).expand(0,1); a.zero_()
        a = torch.ones(1).expand(0,1); a.fill_(torch.tensor(2.))
        a = torch.ones(1).expand(0,1); a.masked_fill_(torch.tensor(True),5.)
        a = torch.ones(1).expand(0,1); a.masked_fill_(torch.tensor(True),torch.tensor(5.))
        a = torch.ones(1).expand(0,1); a.masked_fill_(torch.tensor(False),5.)
        a = torch.ones(1).expand(0,1); a.index_fill_(0,torch.tensor([],dtype=torch.int64),4.)
        a = torch.ones(1).expand(0,1); a.fill_diagonal_(4.)
        a = torch.ones(1).expand(0,1); a.scatter_(0,torch.zeros(a.shape,dtype=torch.int64)[:1],2.)
        a = torch.ones(1).expand(0,1); a.scatter_add_(0,torch.zeros(a.shape,dtype=torch.int64)[:1],torch.ones(a.shape))
        a = torch.ones(1).expand(0,1); r = a[0] = 5.
        a = torch.ones(1).expand(0,1); r = a[Ellipsis] = 5.
        a = torch.ones(1).expand(0,1); r = a[torch.tensor([0])] = 5.
        a = torch.ones(1).expand(0,1); r = a[torch.tensor(True)] = 5.
        a = torch.ones(1).expand(0,1); r = a[a>0] = 5.
        a = torch.ones(1).expand(0,1); r = a[a>0] = torch.tensor(4.)
        a = torch.ones(1).expand(0,1); r = a[slice(None)] = torch.tensor(3.)
        a = torch.ones(1).expand(0,1); r = a[[0]] = 3.
        a = torch.ones(3,1).expand(3,1); a.fill_(3.)
        a = torch.ones(3,1).expand(3,1); a.zero_()
        a = torch.ones(3,1).expand(3,1); a.fill_(torch.tensor(2.))
        a = torch.ones(3,1).expand(3,1); a.masked_fill_(torch.tensor(True),5.)
        a = torch.ones(3,1).expand(3,1); a.masked_fill_(torch.tensor(True),torch.tensor(5.))
        a = torch.ones(3,1).expand(3,1); a.masked_fill_(torch.tensor(False),5.)
        a = torch.ones(3,1).expand(3,1); a.index_fill_(0,torch.tensor([0]),4.)
        a = torch.ones(3,1).expand(3,1); a.index_fill_(0,torch.tensor([0]),torch.tensor(4.))
        a = torch.ones(3,1).expand(3,1); a.index_fill_(0,torch.tensor([],dtype=torch.int64),4.)
        a = torch.ones(3,1).expand(3,1); a.fill_diagonal_(4.)
        a = torch.ones(3,1).expand(3,1); a.scatter_(0,torch.zeros(a.shape,dtype=torch.int64)[:1],2.)
        a = torch.ones(3,1).expand(3,1); a.scatter_add_(0,torch.zeros(a.shape,dtype=torch.int64)[:1],torch.ones(a.shape))
        a = torch.ones(3,1).expand(3,1); r = a[0] = 5.
        a = torch.ones(3,1).expand(3,1); r = a[Ellipsis] = 5.
        a = torch.ones(3,1).expand(3,1); r = a[torch.tensor([0])] = 5.
        a = torch.ones(3,1).expand(3,1); r = a[torch.tensor(True)] = 5.
        a = torch.ones(3,1).expand(3,1); r = a[a>0] = 5.
        a = torch.ones(3,1).expand(3,1); r = a[a>0] = torch.tensor(4.)
        a = torch.ones(3,1).expand(3,1); r = a[slice(None)] = torch.tensor(3.)
        a = torch.ones(3,1).expand(3,1); r = a[[0]] = 3.
    """,
    "matmul into out=": """
        o = torch.ones((1,1)); r = torch.matmul(torch.ones((2,3,2)),torch.ones((2,2)),out=o)
        o = torch.ones((0,)); r = torch.matmul(torch.ones((2,3,2)),torch.ones((2,)),out=o)
        o = torch.ones((5,)); r = torch.matmul(torch.ones((2,1)),torch.ones((1,)),out=o)
        o = torch.ones((1,1)); r = torch.matmul(torch.ones((1,2)),torch.ones((2,)),out=o)
        o = torch.ones((5,)); r = torch.matmul(torch.ones((2,2)),torch.ones((2,)),out=o)
        o = torch.ones((5,)); r = torch.matmul(torch.ones((3,2)),torch.ones((2,2)),out=o)
        o = torch.ones((1, 2)); r = torch.matmul(torch.ones((3,)),torch.ones((1,3,2)),out=o)
        o = torch.ones((0,)); r = torch.matmul(torch.ones((3,)),torch.ones((3,2)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((2,1)),torch.ones((1,2)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((3,2)),torch.ones((2,3)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((1,1)),torch.ones((1,1)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((2,3)),torch.ones((1,3,2)),out=o)
        o = torch.ones((0,)); r = torch.matmul(torch.ones((2,)),torch.ones((2,)),out=o)
        o = torch.ones((5,)); r = torch.matmul(torch.ones((2,3,2)),torch.ones((4,2,2,3)),out=o)
        o = torch.ones((5,)); r = torch.matmul(torch.ones((4,2,2,3)),torch.ones((1,3,2)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((2,2)),torch.ones((4,2,2,3)),out=o)
        o = torch.ones((1,1)); r = torch.matmul(torch.ones((3,2)),torch.ones((2,2,3)),out=o)
        o = torch.ones((1,1)); r = torch.matmul(torch.ones((1,3,2)),torch.ones((2,2,3)),out=o)
        o = torch.ones((0,)); r = torch.matmul(torch.ones((2,3,2)),torch.ones((2,2,3)),out=o)
        o = torch.ones((0,)); r = torch.matmul(torch.ones((1,2)),torch.ones((2,2,3)),out=o)
        o = torch.ones((1,)); r = torch.matmul(torch.ones((1,)),torch.ones((1,1)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((2,)),torch.ones((2,1)),out=o)
        o = torch.ones((5,)); r = torch.matmul(torch.ones((2,2)),torch.ones((2,2,3)),out=o)
        o = torch.ones((2, 3)); r = torch.matmul(torch.ones((2,2)),torch.ones((2,3)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((4,2,2,3)),torch.ones((2,3,2)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((2,2)),torch.ones((2,2)),out=o)
        o = torch.ones((0,)); r = torch.matmul(torch.ones((2,3)),torch.ones((2,3,2)),out=o)
        o = torch.ones((0,)); r = torch.matmul(torch.ones((2,2)),torch.ones((2,)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((2,3,2)),torch.ones((2,3)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((3,2)),torch.ones((2,2)),out=o)
        o = torch.ones((5,)); r = torch.matmul(torch.ones((1,1)),torch.ones((1,)),out=o)
        o = torch.ones((2, 2)); r = torch.matmul(torch.ones((2,3)),torch.ones((3,2)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((1,1)),torch.ones((1,)),out=o)
        o = torch.ones((1,1)); r = torch.matmul(torch.ones((3,2)),torch.ones((2,2)),out=o)
        o = torch.ones((5,)); r = torch.matmul(torch.ones((1,3,2)),torch.ones((2,1)),out=o)
        o = torch.ones((0,)); r = torch.matmul(torch.ones((2,1)),torch.ones((1,1)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((2,2)),torch.ones((2,3)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((1,3,2)),torch.ones((2,1)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((2,3,2)),torch.ones((2,)),out=o)
        o = torch.ones((5,)); r = torch.matmul(torch.ones((1,1)),torch.ones((1,1)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((3,)),torch.ones((2,3,2)),out=o)
        o = torch.ones((5,)); r = torch.matmul(torch.ones((2,2,3)),torch.ones((3,)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((2,3)),torch.ones((3,)),out=o)
        o = torch.ones((5,)); r = torch.matmul(torch.ones((1,2)),torch.ones((2,)),out=o)
        o = torch.ones((0,)); r = torch.matmul(torch.ones((1,2)),torch.ones((2,)),out=o)
        o = torch.ones((0,)); r = torch.matmul(torch.ones((4,2,2,3)),torch.ones((2,3,2)),out=o)
        o = torch.ones((5,)); r = torch.matmul(torch.ones((2,2)),torch.ones((2,1)),out=o)
        o = torch.ones((1,1)); r = torch.matmul(torch.ones((3,2)),torch.ones((2,)),out=o)
        o = torch.ones((0,)); r = torch.matmul(torch.ones((2,)),torch.ones((2,2,3)),out=o)
        o = torch.ones((1,1)); r = torch.matmul(torch.ones((1,3,2)),torch.ones((2,)),out=o)
        o = torch.ones((5,)); r = torch.matmul(torch.ones((3,2)),torch.ones((4,2,2,3)),out=o)
        o = torch.ones((0,)); r = torch.matmul(torch.ones((2,3,2)),torch.ones((4,2,2,3)),out=o)
        o = torch.ones((1,1)); r = torch.matmul(torch.ones((2,1)),torch.ones((1,)),out=o)
        o = torch.ones((0,)); r = torch.matmul(torch.ones((1,1)),torch.ones((1,)),out=o)
        o = torch.ones((1,1)); r = torch.matmul(torch.ones((2,2)),torch.ones((2,2)),out=o)
        o = torch.ones((1,1)); r = torch.matmul(torch.ones((2,3)),torch.ones((3,2)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((2,)),torch.ones((2,)),out=o)
        o = torch.ones((5,)); r = torch.matmul(torch.ones((2,)),torch.ones((2,2)),out=o)
        o = torch.ones((1, 3, 2)); r = torch.matmul(torch.ones((1,3,2)),torch.ones((2,2)),out=o)
        o = torch.ones((7,2)); r = torch.matmul(torch.ones((2,3,2)),torch.ones((2,2,3)),out=o)
    """,
    "assignments through an index, dims of 0-d and empty tensors": """
        a = torch.zeros(3); a[torch.tensor([0])]=torch.tensor([1])
        a = torch.zeros(3); a[torch.tensor([0])]=torch.tensor(1)
        a = torch.zeros(3); a[torch.tensor([0])]=torch.tensor([1.],dtype=torch.float64)
        a = torch.zeros(3); a[torch.tensor([0])]=torch.tensor(1.,dtype=torch.float64)
        a = torch.zeros(3); a[a==0]=torch.tensor(1)
        a = torch.zeros(3); a[a==0]=torch.tensor([1])
        a = torch.zeros(3); a[a==0]=torch.tensor([1,2,3])
        a = torch.zeros(3,dtype=torch.int64); a[a==0]=torch.tensor(1.5)
        a = torch.zeros(3,dtype=torch.int64); a[a==0]=torch.tensor([1.5])
        a = torch.zeros(3,dtype=torch.int64); a[[0]]=1.5
        a = torch.tensor(True); a[torch.tensor(True)]=torch.tensor(1.0)
        a = torch.tensor(True); a[True]=torch.tensor(1.0)
        a = torch.zeros(3); a[0]=torch.tensor(1)
        a = torch.zeros(3); a[None]=torch.tensor([1,2,3])
        a = torch.zeros(3); a[True]=torch.tensor([1,2,3])
        a = torch.zeros(3); a[torch.tensor([],dtype=torch.int64)]=torch.tensor(1)
        a = torch.zeros(3); a[torch.tensor([],dtype=torch.int64)]=torch.tensor([],dtype=torch.int64)
        a = torch.zeros(2,2); a[a==0]=torch.ones(1,4)
        a = torch.zeros(2,2); a[a==0]=torch.ones(1,1)
        a = torch.zeros(2,2); a[a==0]=torch.ones(2,2)
        a = torch.zeros(2,2); a[a==0]=torch.ones(4)
        a = torch.zeros(2,2); a[a==0]=torch.ones(3)
        a = torch.zeros(2,2); a[a==0]=torch.ones(1,1,4)
        a = torch.zeros(2,2); a[torch.tensor([True,False])]=torch.ones(1,2)
        a = torch.zeros(2,2); a[torch.tensor([True,False])]=torch.ones(2,2)
        a = torch.zeros(2,2); a[torch.tensor([True,False])]=torch.ones(1,1,2)
        a = torch.zeros(2,2); a[[0,1]]=torch.ones(1,1,2)
        a = torch.zeros(2,2); a[0]=torch.ones(1,1,2)
        a = torch.zeros(2,2); a[0]=torch.ones(2,1,2)
        a = torch.zeros(0,4); r = a[[0],torch.tensor([],dtype=torch.int64)]
        a = torch.zeros(3,4); r = a[[7],torch.tensor([],dtype=torch.int64)]
        a = torch.zeros(3,0); r = a[[7]]
        a = torch.zeros(3,0); a[[7]]=1.
        a = torch.zeros(0,4); r = a[[0]]
        a = torch.zeros(0,4)[torch.tensor([0]),False,1]
        a = torch.zeros(0,4); r = a[torch.tensor([0]),False]
        a = torch.zeros(0,4,1); r = a[torch.tensor([0]),False,1,0]
        a = torch.zeros(3,4); r = a[torch.tensor([7]),False]
        a = torch.zeros(3,4); r = a[7,False]
        a = torch.zeros(3,4,2); r = a[[7],:,0:0]
        a = torch.zeros(3,4,2); r = a[[7],:,torch.zeros(2)>1]
        a = torch.ones(3).expand(2,3); a[True]=5.
        a = torch.tensor(1.); a[a>1]=a
        a = torch.ones(3); a[a>1]=a[0]
        a = torch.ones(3); a[a>1]=a
        a = torch.ones(3); a[torch.tensor(False)]=a
        a = torch.ones(3,1); b = a.index_select(-1,torch.tensor([0])); b[None]=b
        a = torch.ones(3,3); a[None]=a
        a = torch.ones(1,3); a[None]=a
        a = torch.ones(3,3); a[:]=a[:1]
        a = torch.ones(1); a[:]=a
        a = torch.ones(1); a[...]=a
        a = torch.ones(1,1); a[...]=a
        a = torch.ones(1,1); a[0]=a
        a = torch.ones(()); a[...]=a
        a = torch.ones(()); a[None]=a
        a = torch.ones(2); a[0]=a[0]
        a = torch.ones(2); a[0:1]=a[0]
        a = torch.ones(2); a[0]=a[0:1]
        a = torch.tensor([1.],requires_grad=True); a[False]=1.
        a = torch.tensor([1.],requires_grad=True); a[False,]=1.
        a = torch.tensor([1.],requires_grad=True); a[torch.tensor(False)]=1.
        a = torch.tensor([1.],requires_grad=True); a[False]=torch.ones(7,7)
        a = torch.ones(2,3,4); a.fill_diagonal_(1)
        a = torch.ones(2,2,2); a.fill_diagonal_(3)
        a = torch.ones(2); a.fill_diagonal_(3)
        a = torch.ones(0,2); a.fill_diagonal_(3)
        a = torch.tensor([]); r = a.index_fill(0,torch.tensor([0]),.5)
        a = torch.zeros(2,0); r = a.index_fill(1,torch.tensor([0]),.5)
        a = torch.zeros(2,0); r = a.index_fill(0,torch.tensor([0]),.5)
        a = torch.zeros(2,0); r = a.index_fill(0,torch.tensor([5]),.5)
        r = torch.tensor(0.).index_add(0,torch.tensor([0,0]),torch.tensor([2.]))
        r = torch.tensor(0.).index_add(0,torch.tensor([0,0]),torch.tensor([4]))
        r = torch.tensor(0.).index_add(0,torch.tensor([0,0]),torch.tensor(4))
        r = torch.tensor(0.).index_add(0,torch.tensor([0,0]),torch.tensor([2.,3.]))
        a = torch.tensor([1.],requires_grad=True); r = a.copy_(0)
        a = torch.tensor([1.]); torch.cat([a,a],out=a)
        a = torch.tensor([1.]); torch.cat([a,a],out=a); r = a.shape
        a = torch.tensor([1.]); torch.hstack([a,a],out=a); r = a.shape
        a = torch.tensor([1.,2.]); torch.gather(a,0,torch.tensor([0]),out=a); r = a.shape
        a = torch.tensor([1.,2.]); torch.index_select(a,0,torch.tensor([0]),out=a); r = a.shape
        a = torch.tensor([1.,2.]); torch.take(a,torch.tensor([0]),out=a); r = a.shape
        a = torch.tensor([1.,2.]); torch.masked_select(a,a>1,out=a); r = a.shape
        a = torch.ones(0,3).roll(1,-3)
        a = torch.ones(0,3); r = a.roll(1,5)
        a = torch.ones(1,3); r = a.roll(1,5)
        r = torch.tensor(1.).roll(1,0)
        r = torch.tensor(1.).roll(1,3)
        r = torch.tensor(1.).sort(1)[0]
        r = torch.tensor(1.).argsort(1)
        r = torch.tensor(1.).topk(1,1)[0]
        r = torch.tensor(1.).cumsum(1)
        r = torch.tensor(1.).cumprod(1)
        r = torch.tensor(1.).cummax(1)[0]
        r = torch.tensor(1.).softmax(1)
        r = torch.tensor(1.).flip(1)
        r = torch.tensor(1.).median(1)[0]
        r = torch.tensor(1.).argmax(1)
        r = torch.tensor(1.).sum(1)
        r = torch.tensor(1.).norm(dim=1)
        r = torch.tensor(1.).logsumexp(1)
        r = torch.tensor(1.).var(1)
        r = torch.tensor(1.).max(1)[0]
        r = torch.tensor(1.).all(1)
        r = torch.tensor(1.).unbind(1)
        r = torch.tensor(1.).split(1,1)
        r = torch.tensor(1.).chunk(1,1)
        r = torch.tensor(1.).narrow(0,0,1)
        r = torch.tensor(1.).select(0,0)
        r = torch.tensor(1.).repeat_interleave(2,1)
        r = torch.tensor(1.).index_select(1,torch.tensor([0]))
        r = torch.tensor(1.).gather(1,torch.tensor([0]))
        r = torch.cat([torch.tensor(1.)])
        r = torch.stack([torch.tensor(1.)],2)
        r = torch.tensor(1.).unflatten(1,(1,))
        r = torch.tensor(1.).flatten(1)
        r = torch.tensor(1.).transpose(0,1)
        r = torch.tensor(1.).squeeze(1)
        r = torch.tensor(1.).unsqueeze(2)
    """,
    "memory order of einsum": """
        r = torch.einsum('ab,bc->ca',torch.ones(2,3),torch.ones(3,4))
        r = torch.einsum('dc,cf->fd',torch.ones(2,3),torch.ones(3,4))
        r = torch.einsum(torch.ones(2,3),[3,2],torch.ones(3,4),[2,5],[5,3])
        r = torch.einsum('ab,bc->ac',torch.ones(2,3),torch.ones(3,4))
        r = torch.einsum('ab,bc',torch.ones(2,3),torch.ones(3,4))
        r = torch.einsum('ab,ac->cb',torch.ones(2,3),torch.ones(2,4))
        r = torch.einsum('ba,ac->cb',torch.ones(2,3),torch.ones(3,4))
        r = torch.einsum('ab,cb->ca',torch.ones(2,3),torch.ones(4,3))
        r = torch.einsum('ab,c->cab',torch.ones(2,3),torch.ones(4))
        r = torch.einsum('ab,c->acb',torch.ones(2,3),torch.ones(4))
        r = torch.einsum('abc,acd->adb',torch.ones(2,3,4),torch.ones(2,4,5))
        r = torch.einsum('abc,acd->bda',torch.ones(2,3,4),torch.ones(2,4,5))
        r = torch.einsum('abc->cab',torch.ones(2,3,4))
        r = torch.einsum('abc->ca',torch.ones(2,3,4))
        r = torch.einsum('i,j->ji',torch.ones(2),torch.ones(3))
        r = torch.einsum('i,j->ij',torch.ones(2),torch.ones(3))
        r = torch.einsum('ij,ij->ji',torch.ones(2,3),torch.ones(2,3))
        r = torch.einsum('ij,ij->ij',torch.ones(2,3),torch.ones(2,3))
        r = torch.einsum('ij,kj,l->lki',torch.ones(2,3),torch.ones(4,3),torch.ones(5))
        r = torch.einsum('bij,bjk->kbi',torch.ones(2,3,4),torch.ones(2,4,5))
        r = torch.einsum('bhi,bhj->bij',torch.ones(2,3,4),torch.ones(2,3,5))
        r = torch.einsum('bqhd,bkhd->bhqk',torch.ones(2,3,4,5),torch.ones(2,6,4,5))
        r = torch.einsum('a...,a...->...',torch.ones(3),torch.ones(3,4,5))
        r = torch.einsum('a...,a...->...',torch.ones(3,4,5),torch.ones(3))
        r = torch.einsum('...a,a->...',torch.ones(3,4,5),torch.ones(5))
        r = torch.einsum('i...,i...->...',torch.ones(3,2),torch.ones(3,4,2))
        r = torch.einsum('ii->i',torch.ones(3,3))
        r = torch.einsum('ij,j->i',torch.ones(2,3),torch.ones(3))
        r = torch.einsum('ji,j->i',torch.ones(3,2),torch.ones(3))
    """,
    "keys with ... between indices": """
        b = torch.arange(9.).view(3,3,1); r = b[None,::1,torch.tensor([2]),...,torch.tensor([0])]
        b = torch.arange(4.).view(2,1,2); r = b[:-4,True,...,torch.tensor([-1]),[-2]]
        b = torch.arange(24.).view(2,3,4); r = b[[0,1],...,[0,1]]
        b = torch.arange(24.).view(2,3,4); r = b[...,[0,1],[0,1]]
        b = torch.arange(24.).view(2,3,4); r = b[[0,1],[0,1],...]
        b = torch.arange(24.).view(2,3,4); r = b[...,[0,1],None,[0,1]]
        b = torch.arange(24.).view(2,3,4); r = b[0,...,[0,1]]
        b = torch.arange(24.).view(2,3,4); r = b[[0,1],...,0]
        b = torch.arange(24.).view(2,3,4); r = b[[0,1],:,0]
        b = torch.arange(24.).view(2,3,4); r = b[[0,1],...,[0,1],0]
        b = torch.arange(24.).view(2,3,4); r = b[...,b[0,0]>1]
        b = torch.arange(24.).view(2,3,4); r = b[b[...,0]>1,...]
        b = torch.arange(24.).view(2,3,4); r = b[True,...,[0]]
        b = torch.arange(24.).view(2,3,4); r = b[...,True]
        b = torch.arange(24.).view(2,3,4); b[...,[0,1],[0,1]]=5.
        b = torch.arange(24.).view(2,3,4); b[[0,1],...,[0,1]]=torch.ones(2,3)
        b = torch.arange(24.).view(2,3,4); b[0,...,[0,1]]=torch.ones(3,2)
        b = torch.arange(24.).view(2,3,4); b[[0,1],[1,0],...,[0,1]]=torch.tensor([7.,8.])
    """,
    "powers of numbers are row-major": """
        c = torch.ones(2,3).T; r = 0.5**c
        c = torch.ones(2,3).T; r = torch.pow(2,c)
        c = torch.ones(2,3).T; r = 1**c
        c = torch.ones(2,3).T.int(); r = 2**c
    """,
    "functions of no elements": """
        a = torch.zeros(0,3); r = a.index_add(0,torch.tensor([0]),torch.tensor([[1.,2.,3.]]))
        a = torch.zeros(0,3); a.index_add_(0,torch.tensor([0]),torch.tensor([[1.,2.,3.]]))
        a = torch.tensor(.97); r = a.expand(2,0).scatter(1,torch.tensor([]),a)
        a = torch.ones(2,3); r = a.scatter(1,torch.tensor([]),5.)
        a = torch.ones(2,3); r = a.scatter(1,torch.tensor([]),a)
        a = torch.ones(2,3); r = a.scatter_add(1,torch.tensor([]),a)
        a = torch.ones(2,3); r = a.gather(1,torch.tensor([]))
        a = torch.ones(2,3); r = a.gather(1,torch.tensor([],dtype=torch.int32))
        a = torch.ones(2,3); r = a.gather(1,torch.tensor([[]]))
        a = torch.ones(2,3); r = a.gather(1,torch.tensor([],dtype=torch.bool))
        b = torch.tensor([[]]); torch.cat([b,b],out=b)
        b = torch.tensor([[]]); torch.hstack([b,b],out=b)
        b = torch.zeros(0,4,0); r = b.index_fill(-3,torch.tensor([0]),.5)
        b = torch.zeros(0,4,1); r = b.index_fill(-3,torch.tensor([0]),.5)
    """,
    "gradients added to grad, and hooks of the gradient that is passed": """
        b = torch.tensor([1.0], requires_grad=True); b.sum().backward(create_graph=True); F.mish(b).sum().backward(create_graph=True); b.mean().backward()
        a = torch.tensor([-2.0], requires_grad=True); a.grad = a.view_as(a); a.backward(torch.tensor([1.0]))
        b = torch.tensor([1.0], requires_grad=True); d = b.exp(); b.grad = d; b.sum().backward(); c = b.grad
        a = torch.tensor([2.0], requires_grad=True); b = torch.zeros(1); a.grad = b; c = b[:]; a.sum().backward()
        a = torch.tensor([2.0, 1.0], requires_grad=True); a.grad = torch.ones(1).expand(2); a.sum().backward()
        a = torch.tensor([[-1.0, -2.0], [2.0, -2.0]], requires_grad=True); a.grad = a.mT; a.sum().backward()
        a = torch.tensor([2.0], requires_grad=True); b = a.exp(); a.grad = torch.ones(1); c = a.grad * b; a.sum().backward(); c.sum().backward()
        a = torch.tensor([1.0, 2.0], requires_grad=True); a.register_hook(lambda g: seen.append(g)); a.backward(a)
        a = torch.tensor([1.0, 2.0], requires_grad=True); b = a + 0; b.register_hook(lambda g: seen.append(g)); c = torch.autograd.grad(b, [a], b)
        a = torch.tensor([1.0, 2.0], requires_grad=True); b = torch.ones(2); a.register_hook(lambda g: g.mul_(2)); a.backward(b)
        a = torch.tensor([2.0], requires_grad=True) * 2; a.retain_grad(); a.detach_(); a.requires_grad_(); (a * 3).sum().backward()
        a = torch.ones((2, 3), requires_grad=True); b, = torch.autograd.grad(a.sum(), a); c = b.transpose(0, 1); b.requires_grad = True; d = c.log()
    """,
    "hooks of leaves, one after the other with what is added to grad": """
        a = torch.ones(2, requires_grad=True); b = torch.ones(2, requires_grad=True); b.register_hook(lambda g: g.mul_(2)); (a + b).backward(torch.ones(2))
        a = torch.ones(2, requires_grad=True); b = torch.ones(2, requires_grad=True); b.register_hook(lambda g: g.mul_(2)); ((a + b) * 3).sum().backward()
        a = torch.ones(2, requires_grad=True); b = torch.ones(2, requires_grad=True); a.register_hook(lambda g: g.mul_(2)); ((a + b) * 3).sum().backward()
        a = torch.ones(2, requires_grad=True); b = torch.ones(2, requires_grad=True); a.register_hook(lambda g: g[5]); (a * 2 + b * 3).sum().backward()
        a = torch.ones(2, requires_grad=True); b = torch.ones(2, requires_grad=True); a.register_hook(lambda g: seen.append(b.grad)); b.register_hook(lambda g: seen.append(a.grad)); (b * 3 + a * 2).sum().backward()
        a = torch.tensor([0.0], requires_grad=True); b = a.prod(-1); b.sum().backward(create_graph=True)
    """,
    "views whose base has left the graph, or whose history is refused": """
        a = torch.tensor([[1.0]], requires_grad=True); b = a.mT; b.register_hook(lambda g: g * 2); a.requires_grad_(False); a.sqrt_(); c, = torch.autograd.grad(b.sum(), b)
        a = torch.tensor([2.0, -1.0, 1.0]); c = a.view(-1); c.requires_grad_(); g = c.expand((2, 3)); a.fill_(0.5); g.backward(torch.ones_like(g))
        a = torch.tensor([1.0], requires_grad=True); with torch.no_grad(): b = a.narrow(0, 0, 0); with torch.no_grad(): a.reciprocal_(); b.retain_grad()
        w = torch.ones(3, requires_grad=True); a = torch.zeros(3); b = a[:]; a.mul_(w); b.retain_grad(); (b * 2).sum().backward()
        a = torch.zeros((0, 2), requires_grad=True); with torch.no_grad(): b = a.reshape((0,)); with torch.no_grad(): a.mul_(torch.tensor(-1.04)); c = b.ge(2)
        a = torch.tensor([[1.0, 1.0], [1.0, 1.0]]); b = a[1]; with torch.no_grad(): b.squeeze_(); a.requires_grad_(); c = torch.sub(b, -1)
        b = torch.tensor([2.0], requires_grad=True); e = -1.5 * b; e[...] = 1.0; a, = torch.autograd.grad(e.square().sum(), b, create_graph=True)
        b = torch.tensor([2.0], requires_grad=True); e = b.square(); c, = torch.autograd.grad(e.sum(), b, create_graph=True); d, = torch.autograd.grad(c.sum(), b, create_graph=True); a, = torch.autograd.grad(d.sum(), b)
        b = torch.tensor([1.0], requires_grad=True); e = b.repeat((0,)); g = torch.xlogy(e, torch.tensor(-0.5)); a, = torch.autograd.grad(g.square().sum(), b, create_graph=True)
    """,
    "inference tensors": """
        with torch.inference_mode(): e = torch.tensor([1.0], requires_grad=True); a = e.repeat((2,)); b = e * 2
        with torch.inference_mode(): e = torch.rand((2, 4), requires_grad=True); a = e.diagonal(); b = e[0] + 1; c = e.sum()
        with torch.inference_mode(): e = torch.tensor([1.0], requires_grad=True); e.sum().backward()
        a = torch.tensor([1.0]); with torch.inference_mode(): d = a * -0.5; torch.add(a, a, out=d)
        a = torch.tensor([1.0]); with torch.inference_mode(): d = a.cumsum(-1); torch.exp(a, out=d)
        a = torch.tensor([1.0], requires_grad=True); with torch.inference_mode(): d = torch.ones(1); a.grad = d; a.sum().backward()
    """,
    "index_add, index_copy and index_select without elements, masks among other indices": """
        a = torch.zeros((0, 2)); b = a.index_add(0, torch.tensor([0, 0]), torch.tensor([[1.0, 1.0], [-2.0, 1.0]]))
        a = torch.tensor([[]]); b = a.index_add(0, torch.tensor([0, 7]), torch.tensor([[], []]))
        a = torch.zeros((2, 0)); a.index_add_(0, torch.tensor([0, 0]), torch.zeros((2, 0))); b = torch.zeros(0).index_add(0, torch.tensor([0]), torch.ones(1))
        a = torch.zeros((2, 0)); b = a.index_copy(0, torch.tensor([0, 7]), torch.zeros((2, 0)))
        a = torch.zeros((2, 0)); b = a.index_select(0, torch.tensor([0, 1, 1])); c = a.index_select(0, torch.tensor([7]))
        a = torch.zeros((3, 3)); b = a.index_select(1, torch.tensor([-2])); c = a.index_select(0, torch.tensor([-2]))
        a = torch.tensor([-1.0]); a[torch.tensor([True]), None, None] = torch.tensor(3); b = torch.tensor([-1.0]); b[torch.tensor([True]), None] = torch.tensor([3])
        a = torch.tensor([[1.0]]); a[-1, torch.tensor([True])] = a
        a = torch.tensor([[1.0]]); a[torch.tensor([0]), -1:-1:2] = a
        a = torch.zeros((4, 4)); b = a.scatter(0, torch.tensor([[3, 3], [2, 0]]), torch.ones(1)); c = a.scatter(0, torch.tensor([[3, 3], [2, 0]]), torch.ones(2))
        a = torch.ones(3); b = a.repeat_interleave(torch.tensor([1.0, 2.0, 3.0])); c = torch.repeat_interleave(torch.tensor([]), torch.tensor([], dtype=torch.int64), dim=0)
        a = torch.tensor([False]); b = torch.tensor([1.0], requires_grad=True); e = b.exp(); torch.cat([a, a], out=e)
    """,
    "half precision is computed in single": """
        a = torch.tensor([-11.5, -12.0, 12.0, 7.28]).half(); b = torch.sigmoid(a); c = torch.tensor(-11.5).half().sigmoid()
        a = torch.tensor([-11.5, 7.28, 2.4], dtype=torch.float16, requires_grad=True); torch.sigmoid(a).sum().backward()
        a = torch.tensor([-2.4, 2.4, 3.6], dtype=torch.float16, requires_grad=True); torch.tanh(a).sum().backward()
        a = torch.tensor([50.0, 300.0, -300.0, 65504.0], dtype=torch.float16, requires_grad=True); F.gelu(a, approximate="tanh").sum().backward()
        a = torch.tensor([300.0, -1.5, -0.8], dtype=torch.float16, requires_grad=True); b = F.gelu(a, approximate="tanh"); c, = torch.autograd.grad(b.sum(), a, create_graph=True)
        a = torch.tensor([-0.8, 0.8], dtype=torch.float16, requires_grad=True); F.gelu(a).sum().backward()
        a = torch.tensor([-1.28, 1.28], dtype=torch.float16, requires_grad=True); F.silu(a).sum().backward()
        a = torch.tensor([-11.12, -5.6], dtype=torch.float16, requires_grad=True); F.softplus(a, 2.0).sum().backward()
        a = torch.tensor([-11.12, -5.6], dtype=torch.float16, requires_grad=True); F.elu(a, 0.7).sum().backward()
        a = torch.tensor([[-1.28, 3.5, 0.3]], dtype=torch.float16, requires_grad=True); F.softmax(a, 1)[0, 1].backward()
        a = torch.tensor([[-1.28, 3.5, 0.3]], dtype=torch.float16, requires_grad=True); F.log_softmax(a, 1)[0, 1].backward()
        a = torch.tensor([[-1.28, 3.5, 0.3]], dtype=torch.float16, requires_grad=True); F.cross_entropy(a, torch.tensor([1])).backward()
        a = torch.tensor([[0.01, 0.02]], dtype=torch.float16, requires_grad=True); b = F.rms_norm(a, (2,)); b.sum().backward()
    """,
    "the gradient of a convolution's weight is contiguous": """
        a = torch.ones((2, 3, 3, 1), requires_grad=True); b, = torch.autograd.grad(F.conv2d(torch.ones((5, 3, 13, 3)), a, padding=(2, 1)).square().sum(), a); c = b.view(-1)
        a = torch.ones((3, 8, 3, 1), requires_grad=True); b, = torch.autograd.grad(F.conv2d(torch.ones((2, 8, 13, 13)), a, padding=1).sum(), a, create_graph=True); c = b.view(-1)
        a = torch.ones((2, 3, 3, 3), requires_grad=True); b, = torch.autograd.grad(F.conv2d(torch.ones((3, 3, 1, 13)), a, padding=1).sum(), a); c = b.view(-1)
        a = torch.ones((2, 8, 3, 3), requires_grad=True); b, = torch.autograd.grad(F.conv2d(torch.ones((2, 8, 13, 13)), a, padding=1, stride=2).sum(), a); c = b.view(-1)
    """,
    "the gradients of what numbers are drawn with are 0": """
        a = torch.tensor([0.2, 0.7], requires_grad=True); b = torch.bernoulli(a); b.sum().backward()
        a = torch.tensor([0.2, 0.7], requires_grad=True); b = (a * 1).bernoulli(); c, = torch.autograd.grad(b.sum() + (a * a).sum(), a, create_graph=True)
        a = torch.tensor([0.2, 0.7], requires_grad=True); b = torch.normal(a, 1.0); b.sum().backward()
        a = torch.tensor([0.2, 0.7], requires_grad=True); b = torch.normal(0.0, a); b.sum().backward()
        a = torch.tensor([0.2, 0.7], requires_grad=True); b = torch.normal(torch.ones((3, 2)), a); b.sum().backward()
        a = torch.tensor([0.2, 0.7], requires_grad=True); b = torch.bernoulli(a, out=torch.zeros(2))
        a = torch.tensor([0.2, 0.7, 0.5]); b = torch.bernoulli(a, torch.tensor(0.3)); c = torch.rand(2)
        a = torch.tensor([0.2, 0.7, 0.5]); b = torch.bernoulli(a, torch.tensor([0.3, 0.4]))
    """,
    "batch_norm refuses an eps of 0 in training": """
        a = torch.ones((2, 3)); b = F.batch_norm(a, None, None, training=True, eps=0.0)
        a = torch.ones((0, 3)); b = F.batch_norm(a, None, None, training=True, eps=-1.0)
        a = torch.ones((2, 3)); b = F.batch_norm(a, a[0], a[0], eps=0.0)
        a = torch.ones((2, 3)); b = F.batch_norm(a, a[0], a[0], eps=-0.5)
        a = torch.ones((2, 3)); b = F.layer_norm(a, (3,), eps=0.0); c = F.group_norm(a, 3, eps=0.0)
    """,
    "no dimensions at all": """
        a = torch.tensor([[1.0, 0.0]]); b = a.any(dim=()); c = a.all(dim=[], keepdim=True); d = torch.zeros((2, 0)).any(())
        a = torch.tensor([2, 0], dtype=torch.uint8); b = a.any(dim=()); c = a.all(dim=())
        a = torch.ones((1, 2)); b = a.squeeze([]); c = a.squeeze(()); d = a.sum(()); e = a.amax(dim=())
        a = torch.ones((2, 3)).logsumexp(dim=None)
    """,
    "NumPy's numbers where a number is expected, and what is none": """
        a = torch.arange(np.int64(3)); b = torch.arange(np.int32(1), np.int64(4)); c = torch.arange(np.float32(3)); d = torch.arange(0, np.float64(1.5), np.float32(0.5))
        a = F.leaky_relu(torch.tensor([-1.0]), np.int64(1)); b = F.leaky_relu(torch.tensor([-1.0]), torch.tensor(1)); c = F.elu(torch.tensor([-1.0]), np.float64(0.5))
        a = torch.tensor([1.25]).round(decimals=np.int64(1)); b = torch.tensor([1.25]).round(decimals=torch.tensor(1))
        a = torch.tensor([1.25]).round(decimals=1.0)
        a = torch.ones((2, 1)).squeeze(np.int64(1)); b = torch.ones((2, 3)).roll(1, np.int64(1)); c = torch.ones((2, 3)).roll(np.int64(1), None)
        a = torch.ones((2, 2)).cumsum(torch.tensor([1]))
        a = torch.ones((2, 2)).argmax(np.array(1))
        a = torch.ones((2, 2)).sum(torch.tensor([1])); b = torch.ones((2, 1)).squeeze(torch.tensor([1])); c = torch.ones((2, 2)).norm(2, torch.tensor([1]))
        a = torch.eye(np.array([1]))
        a = torch.randperm(np.int64(3)); b = torch.randperm(torch.tensor(3)); c = torch.rand(2)
        a = torch.randperm(3.0)
        a = torch.arange(5).chunk(np.int64(2)); b = torch.arange(5).chunk(torch.tensor(3)); c = torch.arange(5.0).topk(np.int64(2))
        a = torch.arange(5).chunk(True)
        a = torch.arange(5.0).topk(True)
        a = torch.multinomial(torch.ones(3), True)
        a = F.one_hot(torch.tensor([0]), 2.0)
        a = torch.ones((2, 2)).select(np.array(1), 0)
        a = torch.ones((2, 2)).tril(1.5)
        a = torch.ones((2, 2)).triu(True)
        a = torch.linspace(0, 1, 2.0)
        a = torch.linspace(0, 1, True)
        a = torch.randint(2.5, (2,))
        a = torch.randint(torch.tensor(2.0), (2,))
        a = torch.zeros(np.array([1]))
        a = torch.ones(1).reshape(np.array([1]))
    """,
    "what programs with other seeds found": """
        a = torch.zeros(0, dtype=torch.bool); a[[0, 0], ...] = 3
        a = torch.zeros(0); b = a[[0, 0], ...]
        a = torch.zeros(0); a[True, torch.tensor([], dtype=torch.int64)] = a
        a = torch.zeros((1, 0)); a[[0, -1, 0]] = a; a[torch.tensor([0])] = a
        a = torch.zeros(0); a[torch.tensor([], dtype=torch.int64)] = a
        a = torch.tensor([float("nan"), 1.0, float("nan")], requires_grad=True); a.median().backward()
        a = torch.tensor([1.0, 1.0, 3.0, 1.0], requires_grad=True); b, = torch.autograd.grad(a.median(), a, create_graph=True)
        a = torch.ones(2, requires_grad=True); b = a.exp().view(-1); a = b.exp(); with torch.inference_mode(): c, = torch.autograd.grad(b, b, a, retain_graph=True); d = c.is_inference()
        a = torch.ones(2, requires_grad=True); b = a.view(-1); with torch.inference_mode(): c, = torch.autograd.grad(b, a, b, retain_graph=True); d = c.is_inference()
        a = torch.tensor([float("inf"), 1.5]); a.frac_(); b = a.frac()
        a = torch.ones(2, requires_grad=True); a.register_post_accumulate_grad_hook(lambda p: p.grad.zero_()); a.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad.clone())); a.sum().backward()
        a = torch.ones(2, requires_grad=True); a.register_post_accumulate_grad_hook(lambda p: p * 1); a.register_post_accumulate_grad_hook(lambda p: a); a.sum().backward()
        a = torch.ones(2, requires_grad=True); a.register_post_accumulate_grad_hook(lambda p: p * 1); a.register_post_accumulate_grad_hook(lambda p: 5); a.sum().backward()
    """,
    "an infinite gradient of an extremum, a product or a norm": """
        a = torch.tensor([[0.0], [-0.8]], requires_grad=True); a.max().sqrt().backward()
        a = torch.tensor([[0.0], [0.0], [0.8]], requires_grad=True); a.min().sqrt().backward()
        a = torch.tensor([0.0, 1.0, -0.8], requires_grad=True); a.median().sqrt().backward()
        a = torch.zeros((2, 2), requires_grad=True); a.prod().sqrt().backward()
        a = torch.tensor([[0.0, 0.0], [0.0, 2.0]], requires_grad=True); a.norm(dim=0).sqrt().sum().backward()
        a = torch.tensor([[0.0, 2.0], [0.0, 0.9]], requires_grad=True); b, = torch.autograd.grad(a.prod(0).sum(), a, create_graph=True); c = b.stride()
    """,
    "gradients, views and errors that other seeds found": """
        a = torch.tensor([0.0], requires_grad=True); b = a.prod(-1); b.sum().backward(create_graph=True)
        a = torch.tensor([1.0], requires_grad=True); b = a.prod(0); b.sum().backward(create_graph=True)
        a = torch.ones(3, requires_grad=True); b = a.expand((3, 2, 3)); c, = torch.autograd.grad(a.sum(), b, materialize_grads=True); d = c.view(18)
        a = torch.ones((2, 3, 3), requires_grad=True); b, = torch.autograd.grad((a - 1).cumprod(1).sum(), a, create_graph=True); c = b.stride()
        a = torch.tensor([2.0], requires_grad=True); b = torch.tensor([False]); torch.mul(b, b, out=a)
        a = torch.eye(2, 3); b = a.reshape((2, 1, 3)); c = torch.ones(1, requires_grad=True); a.add_(c); b -= c
        a = torch.ones((1, 4), requires_grad=True); b = a.repeat_interleave(2, -1); b.sum().backward(); b.mean().backward()
        a = torch.tensor([3]).repeat_interleave(2); a.detach_()
        a = torch.ones((2, 3)).t().repeat_interleave(2, 1); b = a.stride(); c = torch.ones((0, 3)).repeat_interleave(0, 1); d = torch.ones((2, 1)).repeat_interleave(1, 1).add_(1)
        a = torch.tensor([], requires_grad=True); with torch.no_grad(): b = a.split(2, 0)[0]; b.data = torch.tensor([], dtype=torch.int64)
        a = torch.tensor([-0.0, -0.0, 1.0]); b = 1 / a.cumsum(0); c = 1 / a.double().cumsum_(0); d = 1 / a.half().cumsum(0)
        a = torch.ones((1, 2), requires_grad=True); b, = torch.autograd.grad(a.cumsum(0).sum(), a); c = b.stride()[1]
        a = torch.tensor([], requires_grad=True); a.var(0).sum().backward(create_graph=True)
        a = torch.zeros((1, 0)); b = torch.zeros((1, 0), requires_grad=True); c = a.scatter(-1, torch.tensor([]), b)
        a = torch.ones((1, 3)); b = torch.tensordot(a, a, 1); c = torch.tensordot(a.t(), a.t(), 1)
        a = torch.ones(2, requires_grad=True); a.set_(torch.zeros(3))
        a = torch.tensor(1.0).unflatten(0, (1, -1)); b = torch.ones((2, 2), dtype=torch.bool).trace()
        a = torch.norm(torch.tensor([1, 2]), dtype=torch.float32); b = torch.ones(2, dtype=torch.float64).norm(1, dtype=torch.float32)
        a = torch.ones(2, dtype=torch.float32).norm(1, dtype=torch.float64); b = torch.ones(2).norm(1, dtype=torch.float16)
    """,
    "errors of index_select, and a function that marks its input as dirty": """
        a = torch.ones((1, 1, 1)).index_select(2, torch.tensor([0, 1]))
        a = torch.ones((1, 2, 3)).index_select(1, torch.tensor([0, 4]))
        a = torch.ones((2, 3)).index_select(1, torch.tensor([0, 4]))
        a = torch.ones((1, 2, 3)).index_select(0, torch.tensor([4]))
        a = torch.tensor([1.0], requires_grad=True); with torch.inference_mode(): b = type('Double', (torch.autograd.Function,), {'forward': staticmethod(lambda ctx, x: (ctx.mark_dirty(x), x.mul_(2))[1]), 'backward': staticmethod(lambda ctx, g: g * 2)}).apply(a); b.square_(); c = b is a
    """,
    "sizes that are missing, and the variance of nothing": """
        a = torch.tensor(1.0).permute()
        a = torch.tensor(1.0).reshape()
        a = torch.tensor(1.0).expand()
        a = torch.tensor(1.0).repeat()
        a = torch.tensor(1.0).flip()
        a = torch.tensor(1.0).tile()
        a = torch.tensor(1.0).view()
        a = torch.tensor(1.0).new_ones()
        a = torch.zeros()
        a = torch.empty(dtype=torch.int64)
        a = torch.randn()
        a = torch.tensor([1.0]).count_nonzero()
        a = torch.zeros((0,)).var(correction=-1); b = torch.zeros((2, 0)).std(1, correction=-0.5)
    """,
    "hooks where no gradient arrives": """
        a = torch.tensor([2.0], requires_grad=True); a.register_hook(lambda g: seen.append(g)); a.norm(0).backward()
        a = torch.tensor([2.0], requires_grad=True); a.register_hook(lambda g: seen.append(g)); b = a.norm(0) + a.sum(); b.backward()
        a = torch.tensor([2.0], requires_grad=True); b = a * 2; b.retain_grad(); b.register_hook(lambda g: seen.append(g)); a.register_hook(lambda g: seen.append(g)); b.norm(0).backward()
        a = torch.tensor([2.0], requires_grad=True); b = a * 2; b.register_hook(lambda g: torch.ones(1)); b.norm(0).backward()
        a = torch.tensor([2.0], requires_grad=True); b = a * 2; b.register_hook(lambda g: g * 2); b.norm(0).backward()
        a = torch.tensor([2.0], requires_grad=True); b = a * 2; b.register_hook(lambda g: seen.append(g)); c = b.norm(0) + b.sum(); c.backward(create_graph=True)
        a = torch.tensor([2.0], requires_grad=True); b = a * 2; b.grad_fn.register_hook(lambda gi, go: seen.append((gi, go))); b.norm(0).backward()
        a = torch.tensor([2.0], requires_grad=True); b = a * 2; b.grad_fn.register_prehook(lambda go: seen.append(go)); b.norm(0).backward()
        a = torch.tensor([2.0], requires_grad=True); a.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad)); a.norm(0).backward()
        a = torch.tensor([2.0], requires_grad=True); a.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad)); a.norm(0).backward(create_graph=True)
        a = torch.tensor([2.0], requires_grad=True); a.grad = torch.ones(1); a.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad)); a.norm(0).backward()
        a = torch.tensor([2.0], requires_grad=True); b = torch.autograd.grad((a * 2).norm(0), a, allow_unused=True)
        a = torch.tensor([2.0], requires_grad=True); b = torch.autograd.grad((a * 2).norm(0), a)
        a = torch.tensor([2.0], requires_grad=True); b = F.relu(a); c, = torch.autograd.grad(b.norm(0) + b.sum(), a, create_graph=True); d = torch.autograd.grad(c.norm(0), a, allow_unused=True)
        a = torch.tensor([2.0], requires_grad=True); a.register_hook(lambda g: seen.append(g)); b = type('Double', (torch.autograd.Function,), {'forward': staticmethod(lambda ctx, x: x * 2), 'backward': staticmethod(lambda ctx, g: None)}).apply(a); b.backward()
        a = torch.tensor([2.0], requires_grad=True); b = type('Double', (torch.autograd.Function,), {'forward': staticmethod(lambda ctx, x: x * 2), 'backward': staticmethod(lambda ctx, g: (seen.append(g), g)[1])}).apply(a); b.norm(0).backward()
        a = torch.tensor([2.0], requires_grad=True); b = type('Double', (torch.autograd.Function,), {'forward': staticmethod(lambda ctx, x: (ctx.set_materialize_grads(False), x * 2)[1]), 'backward': staticmethod(lambda ctx, g: (seen.append(g), g)[1])}).apply(a); b.norm(0).backward()
    """,
    "the gradient of a variance without degrees of freedom": """
        a = torch.tensor([1.0], requires_grad=True); b = torch.autograd.grad(a.var(), a, create_graph=True)
        a = torch.tensor([1.0], requires_grad=True); b = torch.autograd.grad(a.std(), a, create_graph=True)
        a = torch.tensor([1.0], requires_grad=True); b = torch.autograd.grad(a.var(0), a, create_graph=True)
        a = torch.tensor(1.0, requires_grad=True); b = torch.autograd.grad(a.var(0), a, create_graph=True)
        a = torch.tensor([[1.0], [2.0]], requires_grad=True); b = torch.autograd.grad(a.var(1).sum(), a, create_graph=True)
        a = torch.tensor([1.0, 2.0, 4.0], requires_grad=True); b = torch.autograd.grad(a.var(correction=3), a, create_graph=True)
        a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True); b = torch.autograd.grad(a.var(correction=4), a, create_graph=True)
        a = torch.tensor([1.0, 2.0], requires_grad=True); b = torch.autograd.grad(a.var(0, correction=3), a, create_graph=True)
        a = torch.tensor([1.0, 2.0], requires_grad=True); b = torch.autograd.grad(a.std(0, correction=3), a, create_graph=True)
        a = torch.tensor([1.0, 2.0], requires_grad=True); b = torch.autograd.grad(torch.var_mean(a, correction=3)[0], a, create_graph=True)
        a = torch.tensor([1.0, 2.0], requires_grad=True); b = torch.autograd.grad(torch.std_mean(a, correction=2)[0], a, create_graph=True)
    """,
    "cat of vectors without elements": """
        a = torch.zeros(0, requires_grad=True); b = torch.ones((2, 2), requires_grad=True); c = torch.cat([a, b], 0); d = torch.autograd.grad(c.sum(), [a, b])
        a = torch.zeros(0, requires_grad=True); b = torch.cat([torch.ones((2, 2)), a], 1)
        a = torch.zeros(0, requires_grad=True); b = torch.cat([a, torch.ones(2)]); c, = torch.autograd.grad(b.square().sum(), a, create_graph=True)
        a = torch.zeros(0, requires_grad=True); b = torch.cat([a, a]); c, = torch.autograd.grad(b.square().sum(), a, create_graph=True)
        a = torch.zeros((0, 2), requires_grad=True); b = torch.cat([a, torch.ones((1, 2))]); c, = torch.autograd.grad(b.square().sum(), a, create_graph=True)
        a = torch.zeros(0, dtype=torch.float64, requires_grad=True); b = torch.cat([a, torch.ones(1, 2)], -1); b.sum().backward()
    """,
    "scatter without indices, index_add without a gradient of its source": """
        a = torch.zeros((0, 4)).scatter(1, torch.zeros((0, 8)), torch.zeros((0, 4)))
        a = torch.zeros((0, 2)).scatter(0, torch.zeros((1, 0)), torch.zeros((0, 2)))
        a = torch.zeros((0, 2)).scatter_add(0, torch.zeros((1, 0)), torch.zeros((0, 2)))
        a = torch.ones((3, 2)).scatter(-2, torch.zeros((1, 0)), torch.zeros((0, 3)))
        a = torch.ones((3, 0), requires_grad=True); b = a.scatter(-2, torch.zeros((1, 0)), torch.zeros((0, 3), requires_grad=True)); b.sum().backward()
        a = torch.ones(2, requires_grad=True); b = a.index_add(0, torch.tensor([0]), torch.ones(1)); b.sum().backward(); b.sum().backward()
        a = torch.ones(2, requires_grad=True); i = torch.tensor([0]); b = a.index_add(0, i, torch.ones(1)); i.zero_(); b.sum().backward()
        a = torch.ones(2, requires_grad=True); i = torch.tensor([0]); b = a.index_add(0, i, torch.ones(1, requires_grad=True)); i.zero_(); b.sum().backward()
        a = torch.ones(2, requires_grad=True); b = a.index_add(0, torch.tensor([0]), torch.ones(1, requires_grad=True)); b.sum().backward(); b.sum().backward()
    """,
    "a tensor assigned to itself through True and other indices": """
        a = torch.tensor([-1.0]); a[True] = a
        a = torch.tensor([-1.0]); a[None] = a
        a = torch.tensor([-1.0, 2.0]); a[True] = a.flip(0)
        a = torch.tensor([-1.0, 2.0]); a[True] = torch.tensor([1, 2])
        a = torch.tensor([-1.0, 2.0]); a[True] = torch.tensor([[1.0, 2.0]])
        a = torch.tensor([-1.0, 2.0]); a[True] = torch.tensor([1.0, 2.0, 3.0])
        a = torch.tensor([-1.0, 2.0], requires_grad=True) * 1; b = torch.ones(2, requires_grad=True); a[True] = b; a.sum().backward()
        a = torch.tensor([1.0]); a[True, ::1] = a
        a = torch.tensor([]); a[..., [0], False] = a
        a = torch.tensor([]); a[[]] = a
        a = torch.ones((2, 2)); a[[]] = a[:0]
    """,
    "out=: memory order, no_grad, an operand that requires a gradient": """
        a = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).t(); b = torch.sub(a, 1, out=torch.empty(0)); c = torch.rand_like(b)
        a = torch.ones((2, 3, 4)).permute(2, 0, 1); b = torch.exp(a, out=torch.empty(0)); c = torch.clamp(a, 0.5, 0.7, out=torch.empty(0))
        a = torch.ones((2, 3)).t(); b = torch.sum(a, 0, out=torch.empty(0)); c = torch.cat([a, a], out=torch.empty(0)); d = torch.matmul(a, a.t(), out=torch.empty(0))
        a = torch.ones((2, 3)).t(); b = torch.zeros(12); torch.exp(a, out=b); b[0, 1] = 5.0
        a = torch.tensor([1.0], requires_grad=True); with torch.no_grad(): torch.cat([a, a], out=a)
        a = torch.tensor([1.0], requires_grad=True); with torch.inference_mode(): torch.cat([a, torch.ones(1)], out=a)
        a = torch.ones((2, 2), requires_grad=True); with torch.no_grad(): b = a[:]; torch.sum(b, 1, out=torch.zeros(2, dtype=torch.int64))
        a = torch.ones((2, 2), requires_grad=True); torch.sum(a, 1, out=torch.zeros(2, dtype=torch.int64))
        a = torch.ones((2, 2), requires_grad=True); torch.cumsum(a, 1, out=torch.zeros((2, 2), dtype=torch.int64))
    """,
    "changes of shape under no_grad of a view whose history is refused": """
        a = torch.tensor([2.0], requires_grad=True); with torch.no_grad(): b = a[:]; with torch.no_grad(): a += 1.5; b.unsqueeze_(0)
        a = torch.tensor([2.0], requires_grad=True); with torch.no_grad(): b = a[:]; with torch.no_grad(): a += 1.5; with torch.no_grad(): b.unsqueeze_(0); c = 'Invalid' in repr(b)
        a = torch.ones((2, 3), requires_grad=True) * 1; with torch.no_grad(): a.t_(); a.sum().backward()
    """,
    "one element of half, logical functions in place, a grad without elements": """
        a = torch.tensor([[2.0]], dtype=torch.float16); a.fill_diagonal_(1e20)
        a = torch.tensor([[2.0, 3.0]], dtype=torch.float16); a.fill_diagonal_(1e20)
        a = torch.tensor([[2.0, 3.0], [4.0, 5.0]], dtype=torch.float16); a.fill_diagonal_(1e20)
        a = torch.tensor([[1, 2]]); a.fill_diagonal_(2.7)
        a = torch.ones(2, requires_grad=True); a.logical_not_()
        a = torch.ones(2, requires_grad=True) * 1; a.logical_and_(torch.zeros(2)); a.sum().backward()
        a = torch.ones(2, requires_grad=True); b = a.exp(); b.logical_xor_(torch.zeros(2)); b.sum().backward()
        a = torch.rand((0, 4), requires_grad=True); a.backward(torch.ones_like(a)); a.sum().backward(retain_graph=True)
    """,
    "a view made under no_grad of a leaf requires a gradient, as far as anybody asks": """
        a = torch.tensor([2.0], requires_grad=True); with torch.no_grad(): b = a[:]; b.numpy()
        a = torch.tensor([2.0], requires_grad=True); with torch.no_grad(): b = a[:]; b.__array__()
        a = torch.tensor([2.0], requires_grad=True); with torch.no_grad(): b = a[:]; b.resize_(3)
        a = torch.tensor([2.0], requires_grad=True); with torch.no_grad(): b = a[:]; c = b.sum(dtype=torch.int64)
        a = torch.tensor([2.0], requires_grad=True); with torch.no_grad(): b = a[:]; c = b.prod(dtype=torch.int64)
        a = torch.tensor([2.0], requires_grad=True); with torch.no_grad(): b = a[:]; c = torch.cumsum(b, 0, dtype=torch.int64)
        a = torch.tensor([2.0], requires_grad=True); with torch.no_grad(): b = a[0]; c = torch.full((2,), b)
        a = torch.tensor([2.0], requires_grad=True); with torch.no_grad(): b = a[0]; c = torch.ones(2).add(1, alpha=b)
        a = torch.tensor([2.0], requires_grad=True); with torch.no_grad(): b = a[:]; torch.mul(b, 1, out=torch.ones(1)); torch.mul(torch.ones(1), 1, out=b)
        a = torch.tensor([2.0], requires_grad=True); with torch.no_grad(): b = a[0]; c = float(b), b.item(), b.tolist()
    """,
    "hooks of a view whose shape is changed in place": """
        a = torch.tensor([2.0, 1.0], requires_grad=True); b = a * 2; c = b.view(2, 1); c.register_hook(lambda g: seen.append(g)); c.transpose_(0, -1); c.backward(torch.ones(1, 2))
        a = torch.tensor(2.0, requires_grad=True); b = a * 2; c = b.movedim(-1, 0); c.register_hook(lambda g: seen.append(g)); c.transpose_(0, -1); c.backward()
        a = torch.tensor([2.0, 1.0], requires_grad=True); b = a * 2; c = b.view(2, 1); c.register_hook(lambda g: g * 3); c.squeeze_(); c.mul_(2); c.backward(torch.ones(2)); d = b.grad_fn is None
        a = torch.tensor([[2.0, 1.0]], requires_grad=True); b = a * 2; c = b[0]; c.unsqueeze_(0); c.register_hook(lambda g: seen.append(g)); c.t_(); c.sum().backward()
    """,
    "what an assignment writes is what is left after slices": """
        a = torch.ones((2, 3)); a[False, -1:, :1] = a.diagonal()[:1]
        a = torch.ones((4, 3)); a[:2, torch.tensor([0, 1, 2])] = a[2:]
        a = torch.ones((4, 3)); a[:3, torch.tensor([0, 1, 2])] = a[1:]
        a = torch.zeros((2, 1, 0)); a[[1, 0], :-1:2] = a
        a = torch.ones((3, 3)); a[0, torch.tensor([1, 0, 2])] = a[0]
        a = torch.ones((3, 3)); a[0, torch.tensor([1, 0, 2])] = a[1]
    """,
    "False beside a mask is a second index": """
        a = torch.zeros((2, 3)); a[False, None, torch.tensor([False, False]), ...] = torch.tensor(-3)
        a = torch.zeros((2, 3)); a[True, torch.tensor([False, True])] = torch.tensor(-3)
        a = torch.zeros((2, 3)); a[True, torch.tensor([False, True])] = torch.tensor(-3.0)
        a = torch.zeros((2, 3)); a[None, torch.tensor([False, True])] = torch.tensor(-3)
    """,
    "activations with an infinite gradient": """
        a = torch.tensor([0.0, -0.0, -0.5, 3.0], requires_grad=True); b, = torch.autograd.grad(F.mish(a), a, torch.tensor([inf, -inf, inf, inf]))
        a = torch.tensor([0.0, -0.5, 3.0], requires_grad=True); b, = torch.autograd.grad(F.silu(a), a, torch.tensor([inf, -inf, inf]))
        a = torch.tensor([0.0, -0.5, 3.0], requires_grad=True); b, = torch.autograd.grad(F.softsign(a), a, torch.tensor([inf, -inf, inf]))
    """,
    "the gradient of repeat with ones is a new tensor": """
        a = torch.tensor([[1.0, 2.0], [-1.0, 1.0]], requires_grad=True); b = a.repeat((1, 1, 1)); c, = torch.autograd.grad(b.sum(), a); c.mul_(2); d = torch.autograd.grad(a.repeat((1, 1)).sum(), a)[0].stride()
        a = torch.ones((2, 3), requires_grad=True); b = a.prod(0, keepdim=True).prod(0); c, = torch.autograd.grad(b.sum(), a); c.mul_(2)
        a = torch.ones((1, 3), requires_grad=True); b = a.prod(0); c, = torch.autograd.grad(b.sum(), a); c.mul_(2)
    """,
    "one number assigned through a mask must fit": """
        a = torch.tensor([[1]], dtype=torch.uint8); a[torch.tensor([True]), ::2] = torch.tensor([-1.0])
        a = torch.tensor([[1]], dtype=torch.uint8); a[torch.tensor([True])] = torch.tensor([-1.0])
        a = torch.tensor([[1]], dtype=torch.uint8); a[torch.tensor([[True]])] = torch.tensor(-1)
        a = torch.tensor([[1]], dtype=torch.uint8); a[torch.tensor([[False]])] = torch.tensor(300)
        a = torch.tensor([[1.0]], dtype=torch.float16); a[torch.tensor([[True]])] = torch.tensor(1e20)
        a = torch.tensor([[1]]); a[torch.tensor([[True]])] = torch.tensor(inf)
        a = torch.tensor([[1]]); a[torch.tensor([[True]])] = torch.tensor(1.5)
    """,
    "integers of more than 64 bits": """
        a = torch.zeros((2**70, 1))
        a = torch.zeros(3).view((2**70, 1))
        a = torch.zeros(3).expand((2**70, 3))
        a = torch.zeros(3).repeat((2**70,))
        a = torch.randint(5, (2**70,))
        a = torch.zeros(3).permute((2**70,))
        a = torch.zeros(3).roll(2**70)
    """,
    "a second backward pass where an operand or an index was no tensor": """
        a = torch.ones(2, requires_grad=True); b = a * 2; b.sum().backward(); b.sum().backward()
        a = torch.ones(2, requires_grad=True); b = 2 / (a / 4); b.sum().backward(); b.sum().backward()
        a = torch.ones(2, requires_grad=True); b = (a + 1).mul_(3); b.sum().backward(); b.sum().backward()
        a = torch.ones(2, requires_grad=True); b = 2 * (a + 3); (b ** 2).sum().backward(); (b ** 3).sum().backward()
        a = torch.ones(2, requires_grad=True); b = torch.add(a, a, alpha=2); b.sum().backward(); b.sum().backward()
        a = torch.ones(2, requires_grad=True); b = a - 2; b.sum().backward(); b.sum().backward()
        a = torch.ones(2, 2, requires_grad=True); b = torch.addmm(a, a.data, a.data, beta=2); b.sum().backward(); b.sum().backward()
        a = torch.ones(2, requires_grad=True); b = a.lerp(a, 0.5); b.sum().backward(); b.sum().backward()
        a = torch.ones(2, requires_grad=True); b = a[[0, 1]]; b.sum().backward(); b.sum().backward()
        a = torch.ones(2, requires_grad=True); b = a * 1; b[[0]] = 5.0; b.sum().backward(); b.sum().backward()
        a = torch.ones(2, requires_grad=True); b = a * 2; b.sum().backward(retain_graph=True); b.sum().backward()
        a = torch.ones(2, requires_grad=True); b = (a * 2).sum(); b.backward(); b.backward()
        a = torch.ones(2, requires_grad=True); b = (2 * a).sum(); b.backward(); b.backward()
        a = torch.ones(2, requires_grad=True); b = (a / 2).sum(); b.backward(); b.backward()
        a = torch.ones(2, requires_grad=True); b = a * 1; b *= 2; b.sum().backward(); b.sum().backward()
        a = torch.ones(2, requires_grad=True); b = (a + 2).sum(); b.backward(); b.backward()
        a = torch.ones(2, requires_grad=True); b = a.mean(); b.backward(); b.backward()
        a = torch.ones(2, requires_grad=True); b = a[[0, 1]].sum(); b.backward(); b.backward()
        a = torch.ones(2, requires_grad=True); b = a[1:].sum(); b.backward(); b.backward()
        a = torch.ones(2, requires_grad=True); b = torch.zeros(3); b[[1, 2]] = a[[1, 1]]; c = b.sum(); c.backward(); c.backward()
        a = torch.ones(2, requires_grad=True); b = a.index_add(0, torch.tensor([1]), torch.ones(1)).sum(); b.backward(); b.backward()
    """,
    "dtypes of indices": """
        a = torch.arange(2.0); a[np.array([0, 1], dtype=np.uint8)] = 5.0
        a = torch.arange(2.0); a[torch.tensor([0, 1], dtype=torch.uint8)] = torch.ones(1)
        a = torch.arange(2.0); b = a[torch.tensor([0, 1], dtype=torch.uint8)]; c = a[np.array([0, 1], dtype=np.int16)]; d = a[torch.tensor(1, dtype=torch.int16)]
    """,
    **{
        f"{dtype} as the dtype of indices": _INDEXED.replace("DTYPE", f"torch.{dtype}")
        for dtype in ("int8", "int16", "uint8", "int32")
    },
    "old constructors: sizes, data, tensors on the same memory": """
        a = torch.ones(2, requires_grad=True); b = torch.Tensor(a); c = torch.FloatTensor(a * 2); (b + c).sum().backward()
        a = torch.ones(2); b = torch.Tensor(a); c = a.new(a); d = torch.FloatTensor(a); b[0] = 5.0; c[1] = 7.0; d *= 2
        a = torch.tensor([1, 2]); b = torch.Tensor(a); c = torch.LongTensor(a); b[0] = 5
        a = torch.LongTensor(torch.ones(2))
        a = torch.ones(2).new(torch.tensor([1]))
        a = torch.Tensor(2.5)
        a = torch.LongTensor(np.float32(2))
        a = torch.ones(2).new(None)
        a = torch.Tensor({1})
        a = torch.Tensor(np.int64(2)).shape; b = torch.LongTensor(np.int32(3)).shape; c = torch.ones(1).new(2, 3).shape
        a = torch.Tensor([1, 2.5]); b = torch.LongTensor((1, 2)); c = torch.ones(1).long().new([3]); d = torch.Tensor(np.arange(3))
        a = torch.Tensor(torch.Size([2])).shape; b = torch.Tensor().shape; c = torch.Tensor(range(3))
        a = torch.ones(2); b = torch.Tensor(a); b[0] = 5.0
        a = torch.ones(2, requires_grad=True); b = torch.Tensor(a); b.sum().backward()
        a = torch.ones(2, dtype=torch.int64); b = torch.Tensor(a)
        a = torch.tensor(3.0); b = torch.Tensor(a)
        a = torch.ones(2); b = torch.FloatTensor(a); b[0] = 5.0
        a = torch.ones(2, dtype=torch.int64); b = torch.LongTensor(a); b[0] = 5
        a = torch.ones(2, dtype=torch.int64); b = torch.FloatTensor(a)
        a = torch.ones(2); b = a.new(a); b[0] = 5.0
        a = torch.ones(2); b = a.new(torch.ones(2, dtype=torch.int64))
        a = torch.ones(2).new(size=(0, 3))
        a = torch.Tensor(3.5)
        a = torch.Tensor(np.float32(3))
        a = torch.LongTensor((6, 0), 1, 1, 0)
        a = type('Slots', (torch.Tensor,), {'__slots__': ['note']})(torch.ones(2)); a[0] = 5.0
        a = torch.ones(2, requires_grad=True); b = type('Sub', (torch.Tensor,), {})(a); b.sum().backward()
        a = type('Sub', (torch.FloatTensor,), {})
    """,
    "what can be assigned to elements": """
        a = torch.zeros(2, 3); a[0] = np.arange(3)
        a = torch.zeros(2, 3); a[torch.tensor([0])] = np.ones(3)
        a = torch.zeros(2, 3); a[:, 1] = np.array(2.0)
        a = torch.zeros(2, 3); a[0] = np.float32(2)
        a = torch.zeros(2, 3); a[0] = np.bool_(True)
        a = torch.zeros(2, 3); a[0] = np.float64(2); a[1, 0] = np.int64(3); a[:, 2] = np.uint8(4)
        a = torch.zeros(2, 3, dtype=torch.int64); a[0] = np.float64(2.5); a[1] = np.int8(3)
        a = torch.zeros(2, 3); a[0] = [1, 2, 3]
        a = torch.zeros(2, 3); a[False] = 'text'
        a = torch.zeros(2, 3); del a[0]
    """,
    "views of another dtype": """
        a = torch.arange(8).reshape(1, 8).t().view(torch.int8)
        a = torch.arange(8).reshape(1, 8).t().contiguous().view(torch.int32); b = torch.arange(8).reshape(8, 1).view(torch.int32)
        a = torch.ones(4)[::2].view(torch.int16)
        a = torch.ones(4)[:1:2].view(torch.int16)
        a = torch.ones(3, 3)[:, :2].view(torch.float64)
        a = torch.ones(3, 4)[:, 1:3].view(torch.float64)
        a = torch.ones(3, 4)[:, 2:].view(torch.float64); b = torch.ones(3, 4)[1:, :2].view(torch.float64)
        a = torch.ones(0, 4)[:, ::2].view(torch.float64)
        a = torch.ones(3, 4)[:, ::2].view(torch.int32); b = torch.tensor(1.0).view(torch.int32)
        a = torch.tensor(1.0).view(torch.int16)
    """,
    "NumPy's names of keyword arguments": """
        a = torch.arange(6.0).view(2, 3); b = a.sum(axis=0); c = torch.mean(a, axis=-1, keepdims=True); d = a.max(axis=1)[1]
        a = torch.arange(6.0).view(2, 3); b = torch.cat([a, a], axis=1); c = torch.stack([a, a], axis=1); d = torch.concat([a], axis=0)
        a = torch.arange(6.0).view(2, 3); b = a.unsqueeze(axis=0); c = b.squeeze_(axis=0); d = a.softmax(axis=0); a.cumsum_(axis=0)
        a = torch.arange(6.0).view(2, 3); b = torch.std_mean(a, axis=0)[0]; c = torch.linalg.norm(a, axis=0); d = torch.linalg.vector_norm(a, axis=1, keepdims=True)
        a = torch.arange(6.0).view(2, 3); b = a.topk(1, axis=0)[0]; c = a.chunk(2, axis=0)[1]; d = torch.mean(a, axis=0, out=torch.empty(3))
        a = torch.arange(6.0).view(2, 3); b = torch.sum(x=a); c = torch.sum(a=a, axis=1); d = torch.clamp(x=a, min=1)
        a = torch.arange(6.0).view(2, 3); b = a.sum(axis=0, dim=0)
        a = torch.arange(6.0).view(2, 3); b = a.flip(axis=0)
        a = torch.arange(6.0).view(2, 3); b = a.norm(axis=0)
        a = torch.arange(6.0).view(2, 3); b = torch.split(a, 1, axis=0)
        a = torch.arange(6.0).view(2, 3); b = F.softmax(a, axis=0)
        a = torch.arange(6.0).view(2, 3); b = a.sum(axis=2)
        a = torch.arange(6.0).view(2, 3); b = a.exp(axis=1)
        a = torch.arange(6.0).view(2, 3); b = a.sum(axes=1)
    """,
    "arguments that exclude each other, gradients for what needs none": """
        a = torch.arange(4.0); b = a.var(0, True, correction=1)
        a = torch.arange(4.0); b = torch.std(a, dim=0, unbiased=True, correction=1)
        a = torch.arange(4.0); b = torch.var_mean(a, 0, unbiased=False, correction=0)
        a = torch.arange(4.0); b = a.std(True, correction=0)
        a = torch.arange(4.0); b = a.std(correction=None); c = a.std(0, correction=None)
        a = torch.ones(2, requires_grad=True); b = torch.ones(2); (a * 2).sum().backward(inputs=[b])
        a = torch.ones(2, requires_grad=True); b = torch.ones(2, requires_grad=True); (a * 2).sum().backward(inputs=[b])
    """,
    "what cannot be deleted": """
        a = torch.ones(2, requires_grad=True); del a.data
        a = torch.ones(2, requires_grad=True); del a.requires_grad
        a = torch.ones(2, requires_grad=True); del a.shape
        a = torch.ones(2); del a[0]
    """,
    "torch.Size of other things than integers": """
        a = torch.Size(torch.ones(3))
        a = torch.Size(torch.arange(3))
        a = torch.Size([1.5])
        a = torch.Size(3)
        a = torch.Size([1]) + (2,)
        a = torch.Size([1]) + [2]
        a = torch.Size([1]) + type('Right', (), {'__radd__': lambda self, other: 42})()
    """,
    "sizes that no machine can hold": """
        a = torch.ones(1).new_zeros(2, 4, 2**29, 2**29)
        a = torch.zeros([0, 4, 2**61])
        a = torch.empty(2**40, 2**40)
        a = torch.zeros(0, 2**20)
        a = torch.randn(2**31, 2**31)
        a = F.interpolate(torch.ones(1, 1, 2, 2), scale_factor=1e20)
        a = F.interpolate(torch.ones(1, 1, 2, 2), scale_factor=-1e20)
        a = F.interpolate(torch.ones(1, 1, 2, 2), scale_factor=inf)
        a = F.interpolate(torch.ones(1, 1, 2, 2), scale_factor=nan)
        a = F.interpolate(torch.ones(1, 1, 2, 2), scale_factor=1e9, mode='bilinear')
        a = F.interpolate(torch.ones(1, 1, 2, 2), size=2**40)
    """,
    "writes that resize_ counts": """
        a = torch.rand(1); a.resize_(1, 2); b = a._version
        a = torch.rand(1, 2); a.resize_(2, 1); b = a._version
        a = torch.rand(1, 2); a.resize_(1, 2); b = a._version
        a = torch.rand(4); b = a[1:]; b.resize_(1); c = a._version
    """,
    "arguments that defaults of forward give to setup_context": """
        a = torch.ones(1, requires_grad=True); b = type('Power', (torch.autograd.Function,), {'forward': staticmethod(lambda x, n=3: x**n), 'setup_context': staticmethod(lambda ctx, inputs, output: setattr(ctx, 'n', inputs[1])), 'backward': staticmethod(lambda ctx, g: (g * ctx.n, None))}).apply(a); b.sum().backward()
        a = torch.ones(1, requires_grad=True); b = type('Power', (torch.autograd.Function,), {'forward': staticmethod(lambda x, n=3: x**n), 'setup_context': staticmethod(lambda ctx, inputs, output: setattr(ctx, 'n', inputs[1])), 'backward': staticmethod(lambda ctx, g: (g * ctx.n, None))}).apply(a, n=2); b.sum().backward()
    """,
    "materialized gradients can be differentiated again": """
        a = torch.ones(2, requires_grad=True); b = torch.ones(2, requires_grad=True); c, = torch.autograd.grad((a * 2).sum(), b, create_graph=True, materialize_grads=True); d, = torch.autograd.grad(c.sum(), b, materialize_grads=True)
        a = torch.ones(2, requires_grad=True); b = torch.ones(2, requires_grad=True); c, = torch.autograd.grad((a * 2).sum(), b, materialize_grads=True)
    """,
    "numpy() where gradients are not recorded": """
        a = torch.ones(2, requires_grad=True); b = a.numpy()
        a = torch.ones(2, requires_grad=True); torch.set_grad_enabled(False); b = torch.tensor(a.numpy()); torch.set_grad_enabled(True)
        a = torch.ones(2, requires_grad=True); torch.set_grad_enabled(False); b = torch.tensor(np.asarray(a)); torch.set_grad_enabled(True)
    """,
    "the index of take_along_dim is int64": """
        a = torch.zeros(2, 2).take_along_dim(torch.zeros(2, 2, dtype=torch.int32), 0)
        a = torch.zeros(2, 2).take_along_dim(torch.zeros(2, 2, dtype=torch.bool), 0)
        a = torch.zeros(2, 2).take_along_dim(torch.zeros(2, 2))
    """,
    "cumsum and cumprod of float32 add up in double precision": """
        a = torch.tensor([3e38, 3e38, -3e38]).cumsum(0)
        a = torch.tensor([3e38, 3e38, -3e38]).half().cumsum(0)
        a = torch.tensor([1e30, 1e30, 1e-30]).cumprod(0)
        a = torch.tensor([300.0, 300.0, 0.01]).half().cumprod(0)
        a = torch.tensor([1.0, 1e8, -1e8]).cumsum(0)
    """,
    "the order of the arguments of to": """
        a = torch.ones(2).to('cpu', True)
        a = torch.ones(2).to(None, True)
        a = torch.ones(2).to('cpu', None, True, True)
        a = torch.ones(2).to('cpu', torch.float64, True)
        a = torch.ones(2).to('cpu', dtype=torch.float64)
        a = torch.ones(2).to(torch.float64, device='cpu')
        a = torch.ones(2).to(torch.float64, True, True)
        a = torch.ones(2).to(torch.float64, True, True, True)
        a = torch.ones(2).to(torch.float64, 'cpu')
        a = torch.ones(2).to('cpu', 'cpu')
        a = torch.ones(2).to('cpu', device='cpu')
        a = torch.ones(2).to(torch.float64, torch.float32)
        a = torch.ones(2).to(torch.float64, dtype=torch.float32)
        a = torch.ones(2).to(torch.ones(1, dtype=torch.float64), True)
        a = torch.ones(2).to(torch.ones(1), dtype=torch.float64)
        a = torch.ones(2).to(True)
        a = torch.ones(2).to(3.5)
        a = torch.ones(2).to([])
        a = torch.nn.Linear(2, 2).to('cpu', True)
        a = torch.nn.Linear(2, 2).to('cpu', torch.float64, True); b = a.weight.dtype == torch.float64
        a = torch.nn.Linear(2, 2).to('cpu', torch.float64, True, True)
        a = torch.nn.Linear(2, 2).to('cpu', copy=False)
        a = torch.nn.Linear(2, 2).to(torch.float64, 'cpu')
        a = torch.nn.Linear(2, 2).to('cpu', torch.ones(1))
        a = torch.nn.Linear(2, 2).to(True)
        a = torch.nn.Linear(2, 2).to([])
    """,
    "data_ptr of tensors without elements": """
        a = torch.empty(0).data_ptr()
        a = torch.empty(2)[2:].data_ptr()
    """,
}


@pytest.mark.parametrize("cause", PROGRAMS)
def test_pinned_programs(cause: str) -> None:
    for line in PROGRAMS[cause].strip().splitlines():
        text = tuple(line.strip().split("; "))
        finding = examine(text, differences.ALL)[1]
        assert finding is None, report(text, finding)
