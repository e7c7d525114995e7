"""All checks of this code on a GPU, within a given time: the command ``parity gpu``.

- `section`: what a section of the report is: a list of items, and a function that checks one of them.
- `checks`, `comparisons`, `steps`, `suite`: the sections.
- `worker`: the process that checks items; `processes`: starts workers, gives them items, ends them when time is up.
- `report`: the Markdown file, which is written again and again while the sections run.
"""
