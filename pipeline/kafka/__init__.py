"""Kafka as the line sees it: messages with CloudEvents headers, delivered or not."""
