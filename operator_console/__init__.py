"""Operator Console: a command center for formal video sessions."""

__version__ = "0.1.0"
