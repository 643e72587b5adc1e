"""Write the schema files anew from the records."""

from pipeline.records.schemas import RECORDS, schema, schema_file, to_json

for topic in RECORDS:
    schema_file(topic).write_bytes(to_json(schema(topic)))
