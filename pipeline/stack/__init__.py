"""Kafka and Elasticsearch as two plain processes on loopback: ``up``, ``down``, ``status``.

::

    preflight       jdk ──▶ distribution ──▶ kafka_server, elasticsearch_server ──▶ control
    what lacks?     found   fetched once,    configuration, command,                up, down,
                            checked          "are you there?"                       status

The whole package needs nothing but the standard library, so that ``python3 -m
pipeline.stack.preflight`` can say what a machine lacks before anything is installed.
:mod:`pipeline.stack.control` is the API.
"""
