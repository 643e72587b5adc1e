"""The Faust agents: they move bytes and acknowledge, and know no more.

A worker process has one agent. It takes a batch of raw messages, hands it to a handler and
acknowledges the batch, in order, only when the handler has returned: all that the batch led to is
delivered by then. A handler never raises for bad data; when it raises, the process dies without
acknowledging, and whoever supervises it starts a new one.
"""
