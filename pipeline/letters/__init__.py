"""Dead letters found again, shown, sent back and thrown away.

:mod:`filters` says which of them are meant, :mod:`known` holds what is on their topic, without the
payloads, :mod:`replay` decides what may be sent back where, and :mod:`desk` does it.
"""
