"""The HTTP API, and pages made of the same answers. Reads Elasticsearch, never writes."""
