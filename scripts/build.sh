#!/usr/bin/env bash
# Builds assets and programs: bin/datmui and bin/datmui-sim. Says how far it is.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "==> fetching the packages of the pages (npm ci)"
  npm ci --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi
built=assets/dist/manifest.json
if [ ! -f $built ] || [ -n "$(find assets package-lock.json -path assets/dist -prune -o -type f -newer $built -print -quit)" ]; then
  echo "==> building styles and scripts"
  node assets/build.mjs
fi

echo "==> fetching Go modules"
go mod download
echo "==> compiling"
export CGO_ENABLED=0
compile() { # -v names each package as it is compiled
  go build -v -trimpath -buildvcs=false -ldflags='-s -w' -o "$1" "$2" 2>&1 | awk '
    /^[A-Za-z0-9.\/_-]+(\/v[0-9]+)?$/ { n++; if (n % 50 == 0) { print "    " n " packages compiled, now " $0; fflush() } ; next }
    { print; fflush() }'
}
compile bin/datmui ./cmd/datmui
compile bin/datmui-sim ./cmd/datmui-sim
