#!/usr/bin/env bash
# Installs Debian packages that are missing, as root or through sudo without a password;
# without such rights it says in one sentence what to install.
#   scripts/packages.sh postgresql poppler-utils
set -euo pipefail

missing=()
for package in "$@"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
  if ! { command -v sudo && sudo -n true; } >/dev/null 2>&1; then
    echo "some programs are missing and need root rights to install: sudo apt-get install ${missing[*]}" >&2
    exit 1
  fi
  sudo="sudo -n"
fi
command -v apt-get >/dev/null || { echo "this machine has no apt-get: install by its own means ${missing[*]}" >&2; exit 1; }

echo "==> installing ${missing[*]} (apt-get)"
case " ${missing[*]} " in *" postgresql "*)
  # The program runs a private server; a cluster of the system is not wanted beside it.
  $sudo mkdir -p /etc/postgresql-common/createcluster.d
  echo "create_main_cluster = false" | $sudo tee /etc/postgresql-common/createcluster.d/datmui.conf >/dev/null ;;
esac
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
{ $sudo apt-get update -q && $sudo apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 &
apt=$!
seen=
while kill -0 $apt 2>/dev/null; do
  sleep 1
  now=$(grep -ac '^\(Unpacking\|Setting up\) ' "$log" || true)
  [ "$now" = "$seen" ] || [ "$now" = 0 ] || echo "    $now steps done: $(grep -a '^\(Unpacking\|Setting up\) ' "$log" | tail -n 1 | cut -c 1-60)"
  seen=$now
done
wait $apt || { tail -n 5 "$log" >&2; echo "the packages could not be installed: ${missing[*]}" >&2; exit 1; }
