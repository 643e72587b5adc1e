#!/bin/sh
# Name every image of deploy/compose.yaml and deploy/Dockerfile by the digest that its tag has now: tag@sha256:...
# What comes is looked at by people (git diff) before it is committed. Needs docker, and an image registry.
set -eu
cd "$(dirname "$0")/../.."

command -v docker >/dev/null || { echo "no docker on PATH: digests cannot be looked up here" >&2; exit 3; }
files="deploy/compose.yaml deploy/Dockerfile"
images=$(sed -n 's/^ *image: *\([^ @]*\).*/\1/p; s/^FROM \([^ @]*\).*/\1/p' $files | grep -v '^news-pipeline$' | sort -u)
for image in $images; do
    digest=$(docker buildx imagetools inspect "$image" --format '{{.Manifest.Digest}}') ||
        { echo "$image: its digest cannot be looked up" >&2; exit 3; }
    sed -i "s#\(image: *\|FROM \)$image\(@sha256:[0-9a-f]*\)\{0,1\}\( \|\$\)#\1$image@$digest\3#" $files
    echo "$image@$digest"
done
