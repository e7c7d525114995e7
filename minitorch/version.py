"""The version of the distribution. It is written only here."""

__version__ = "0.1.0"
