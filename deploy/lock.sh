#!/bin/sh
# Resolve every dependency anew: requirements/*.txt and the hashes of the servers' jars.
# No index address is written down, so that the locks serve whatever mirror an installation uses.
set -eu
cd "$(dirname "$0")/.."

python=$(deploy/environment.sh python)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$python" -m venv "$scratch/uv"
"$scratch/uv/bin/python" -m pip -q --disable-pip-version-check install uv

compile() {
    "$scratch/uv/bin/uv" pip compile -q --universal --generate-hashes \
        --no-emit-index-url --no-annotate --no-header --upgrade "$@"
}
echo "resolving the Python packages"
compile --python-version 3.11 requirements/runtime.in -o requirements/runtime.txt
compile --python-version 3.11 requirements/dev.in -c requirements/runtime.txt -o requirements/dev.txt
compile --no-deps --python-version 3.12 requirements/model.in -o requirements/model.txt

echo "hashing the servers' jars"
mvn -B -q -f deploy/local/pom.xml dependency:copy-dependencies "-Dservers.directory=$scratch/jars"
(cd "$scratch/jars" && "$python" -c '
import hashlib, pathlib
for jar in sorted(pathlib.Path().glob("*/*.jar")):
    print(hashlib.sha256(jar.read_bytes()).hexdigest(), "", jar.as_posix())
') >deploy/local/jars.sha256
