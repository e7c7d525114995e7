"""The cases, by family. Importing this package registers them all."""

from parity.cases import elementwise as elementwise
from parity.cases import indexing as indexing
from parity.cases import linear_algebra as linear_algebra
from parity.cases import reduction as reduction
from parity.cases import shape as shape
