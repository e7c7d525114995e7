"""``parity diff``: where a script's runs under minitorch and under torch part, call by call and gradient by gradient.

`script` runs a script with another library in the place of torch, `watch` notes what its calls return and the gradients
that arrive there, `precision` makes torch's runs in float64 and beside the script's numbers, `judge` finds the first
entry that is past its budget, and `report` says so.
"""
