"""``python -m parity speed``: how long minitorch takes beside torch, and beside the libraries people use instead."""
