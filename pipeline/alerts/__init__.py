"""Saved searches, what they find in new articles, and how that reaches people and programs.

:mod:`searches` keeps them, :mod:`match` asks them of what was just indexed and makes alerts of the
answers, :mod:`ledger` knows which were made before. :mod:`plan` decides what becomes of a delivery,
:mod:`webhook` and :mod:`mail` write it, :mod:`channels` carries it, :mod:`book` remembers how far
each is and :mod:`courier` tries what is due. :mod:`atom` is for those who come and look.
"""
