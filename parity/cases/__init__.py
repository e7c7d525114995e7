"""The cases, by family. Importing this package registers them all."""

from parity.cases import elementwise as elementwise  # isort: split

from parity.cases import reduction as reduction  # isort: split

from parity.cases import linear_algebra as linear_algebra  # isort: split

from parity.cases import shape as shape  # isort: split

from parity.cases import tensor as tensor  # isort: split

from parity.cases import indexing as indexing  # isort: split

from parity.cases import creation as creation  # isort: split

from parity.cases import random as random  # isort: split

from parity.cases import activation as activation  # isort: split

from parity.cases import conv as conv  # isort: split

from parity.cases import pooling as pooling  # isort: split

from parity.cases import loss as loss  # isort: split

from parity.cases import normalization as normalization  # isort: split

from parity.cases import nonlinearity as nonlinearity  # isort: split

from parity.cases import more_losses as more_losses  # isort: split

from parity.cases import more_layers as more_layers  # isort: split

from parity.cases import upsampling as upsampling  # isort: split

from parity.cases import inquiry as inquiry  # isort: split

from parity.cases import rnn as rnn  # isort: split

from parity.cases import modules as modules  # isort: split

from parity.cases import nn_utils as nn_utils  # isort: split

from parity.cases import init as init  # isort: split

from parity.cases import optim as optim  # isort: split

from parity.cases import lr_scheduler as lr_scheduler  # isort: split

from parity.cases import data as data  # isort: split

from parity.cases import distributions as distributions  # isort: split

from parity.cases import subclasses as subclasses
