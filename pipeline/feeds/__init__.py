"""The start of the line: feeds, their pages and files become articles.

::

    subscriptions ─▶ schedule ─▶ fetch ─▶ parse ─▶ decide ─▶ fetch, page ─▶ articles ─▶ Kafka

:mod:`~pipeline.feeds.consumer` is the loop; ``fetch`` and ``parser_pool`` touch the world, the
rest is pure.
"""
