"""Random programs: each is one text, run with ``torch`` bound to torch and then to minitorch, and compared.

- `program`: a program, how it is run, and its script for a reader.
- `compare`: the first thing in which the two runs differ.
- `fields` and `statements`: the statements that programs are made of; a new feature is one more line there.
- `generator`: programs by seed.
- `shrink`: finds the smallest program that still differs in the same way.
- `difference`: a cause of differences; `differences`: the deliberate ones, each with its reason, from `accepted`,
  `missing` and `shown`.
- `examine`: finds unknown differences.
- `parity.commands.programs`: the command.
"""
