"""The cases: a file for each family, with the name of torch's module. Importing this package registers them all.

The table lists them in the order of registration, which is the order of the imports here.
"""

from __future__ import annotations

from parity.cases import elementwise as elementwise  # isort: split

from parity.cases import operators as operators  # isort: split

from parity.cases import reduction as reduction  # isort: split

from parity.cases import linear_algebra as linear_algebra  # isort: split

from parity.cases import shape as shape  # isort: split

from parity.cases import tensor as tensor  # isort: split

from parity.cases import indexing as indexing  # isort: split

from parity.cases import creation as creation  # isort: split

from parity.cases import dtypes as dtypes  # isort: split

from parity.cases import random as random  # isort: split

from parity.cases import linear as linear  # isort: split

from parity.cases import activation as activation  # isort: split

from parity.cases import softmax as softmax  # isort: split

from parity.cases import dropout as dropout  # isort: split

from parity.cases import padding as padding  # isort: split

from parity.cases import conv as conv  # isort: split

from parity.cases import pooling as pooling  # isort: split

from parity.cases import fold as fold  # isort: split

from parity.cases import upsampling as upsampling  # isort: split

from parity.cases import normalization as normalization  # isort: split

from parity.cases import distance as distance  # isort: split

from parity.cases import embedding as embedding  # isort: split

from parity.cases import loss as loss  # isort: split

from parity.cases import cross_entropy as cross_entropy  # isort: split

from parity.cases import rnn as rnn  # isort: split

from parity.cases import flatten as flatten  # isort: split

from parity.cases import container as container  # isort: split

from parity.cases import module as module  # isort: split

from parity.cases import parameters as parameters  # isort: split

from parity.cases import init as init  # isort: split

from parity.cases import optim as optim  # isort: split

from parity.cases import lr_scheduler as lr_scheduler  # isort: split

from parity.cases import data as data  # isort: split

from parity.cases import distributions as distributions  # isort: split

from parity.compare.case import CASES, Case


def select(pattern: str = "") -> list[Case]:
    """The cases whose name contains `pattern`, in order of registration; all cases for an empty pattern."""
    return [c for c in CASES.values() if pattern in c.name]
