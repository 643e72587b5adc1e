"""Whether all that was handed to the line is where it belongs, once: what ``pipeline check`` asks.

:mod:`produced` reads the topics and :mod:`indexed` the index into a :mod:`scratch` database;
:mod:`compare` finds there what does not fit; :mod:`report` says it; :mod:`repair` mends it;
:mod:`checker` joins them. The line may run meanwhile.
"""
