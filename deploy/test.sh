#!/bin/sh
# Every test, or those that pytest's arguments choose. Without arguments in two passes: what needs no
# servers on all cores at once, then what shares one Kafka and one Elasticsearch, a test at a time.
# Both are run whatever the first says. What takes minutes and rarely changes is left to `make attack`:
# rights on secured servers, and slow sites beside good ones over real sockets.
set -u
cd "$(dirname "$0")/.."

if [ $# -gt 0 ]; then
    exec .venv/bin/python -m pytest "$@"
fi
failed=0
.venv/bin/python -m pytest -n logical --dist loadscope tests/unit tests/fuzz tests/quality || failed=1
.venv/bin/python -m pytest --ignore=tests/unit --ignore=tests/fuzz --ignore=tests/quality \
    --ignore=tests/integration/access --ignore=tests/integration/feeds || failed=1
echo "not run: tests/integration/access (rights on secured servers) and tests/integration/feeds (slow sites);" \
    "make attack runs them"
exit $failed
