#!/usr/bin/env bash
# Fetches the linters of the API's document, which only the tests need.
set -euo pipefail
cd "$(dirname "$0")/../e2e/lint"

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "==> fetching the linters of the API (npm ci)"
  npm ci --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi
