"""The cases, by family. Importing this package registers them all."""

from parity.cases import elementwise as elementwise
