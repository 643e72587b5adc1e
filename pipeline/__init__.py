"""Follow the news as it appears: who said what, about whom, when, in which source.

::

    feeds ─▶ [news.articles.v1] ─▶ enrich ─▶ [news.enriched.v1] ─▶ index ─▶ Elasticsearch ─▶ search
      │           Kafka         Faust agent        Kafka        Faust agent
      └─────────────┴──────────────┴─────────────────┴───────▶ [news.dead-letters.v1]

    index ─▶ [news.indexed.v1] ─▶ alert ─▶ [news.alerts.v1] ─▶ webhooks, mail

Each station is a pure function over the records of :mod:`pipeline.records`; what touches the
network lives at the edges. :mod:`pipeline.bootstrap` is the only place where they are wired.
"""
