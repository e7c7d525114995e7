"""The comparison of minitorch with torch: cases, generic checks, and the error budget. ``python -m parity`` prints it.

See `parity.compare.case` for how to add a case, `parity.compare.budget` for how close is close.
"""
