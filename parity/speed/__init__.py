"""``python -m parity speed``: minitorch's times compared with torch's, and with those of similar libraries."""
