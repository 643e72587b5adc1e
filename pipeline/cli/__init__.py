"""The command line: one module a group of commands, each adding its own with ``register``.

``main`` is the entry point of both ``pipeline`` and ``python -m pipeline``.
"""
