"""``make fuzz``: made inputs for every function that reads what comes from outside.

``targets`` is the table of functions, what each may raise and what must hold of its result. A
campaign mutates seeds and what once failed, keeps an input that led to an outcome not seen before,
and says what it tried. What fails is minimised and kept in ``corpus``, which ``make test`` replays.
"""
