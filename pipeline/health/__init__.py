"""How the line is doing, in the index beside the news: what each process polled and counted, and
how far the stations are behind. For Kibana; a line without it works the same.
"""

from pipeline.health.reporter import Reporter, reporting

__all__ = ["Reporter", "reporting"]
