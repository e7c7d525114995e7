"""Random programs: each is one text, run with ``torch`` bound to torch and then to minitorch, and compared.

- `program`: a program, how it is run, and the script that shows it to a reader.
- `compare`: the first thing in which the two runs differ.
- `fields` and `statements`: the statements that programs are made of; a new feature is one more line there.
- `generator`: programs by seed.
- `shrink`: the smallest program that still differs in the same way.
- `difference`: a cause of differences; `differences`: the deliberate ones, each with its reason; `unmended`: those that
  are still to be mended.
- `examine`: what a program finds that is not known.
- `parity.commands.programs`: the command.
"""
