#!/bin/sh
# Every test, or those that pytest's arguments choose. Without arguments in two passes: what needs no
# servers on all cores at once, then what shares one Kafka and one Elasticsearch, a test at a time.
# Both are run whatever the first says. Rights on secured servers take ten minutes and rarely change:
# `make attack` tries them.
set -u
cd "$(dirname "$0")/.."

if [ $# -gt 0 ]; then
    exec .venv/bin/python -m pytest "$@"
fi
failed=0
.venv/bin/python -m pytest -n logical --dist loadscope tests/unit tests/fuzz tests/quality || failed=1
.venv/bin/python -m pytest --ignore=tests/unit --ignore=tests/fuzz --ignore=tests/quality \
    --ignore=tests/integration/access || failed=1
echo "not run: tests/integration/access (rights on secured servers); make attack runs them"
exit $failed
