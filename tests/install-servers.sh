#!/usr/bin/env bash
# Sees to it that Debian's servers are on this machine: install-servers.sh PACKAGE...
#
# The tests start their own private copies on high loopback ports. As root, what is missing is installed, without
# starting or enabling any service and without a PostgreSQL cluster; nothing is printed unless that fails. As a normal
# user (or without apt-get) one line says what is missing, and the script fails.
set -euo pipefail

present() {
  case $1 in
    dovecot-imapd) [ -x /usr/lib/dovecot/imap ] ;;
    postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
    postfix) [ -x /usr/sbin/smtp-sink ] ;;
    systemd) [ -x /usr/bin/systemd-analyze ] ;;
    libreoffice-*) [ -x /usr/bin/soffice ] ;;
    *) [ -x "/usr/bin/$1" ] ;;
  esac
}

missing=()
for package in "$@"; do
  present "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "Missing Debian packages: ${missing[*]} (as root: apt-get install --no-install-recommends ${missing[*]})" >&2
  exit 1
fi

echo "Installing Debian packages: ${missing[*]} ..."
log=$(mktemp)
policy=/usr/sbin/policy-rc.d # Debian asks this program before it starts a service
made_policy=
trap 'rm -f "$log"; [ -z "$made_policy" ] || rm -f "$policy"' EXIT
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
  made_policy=yes
fi

quietly() { "$@" >>"$log" 2>&1 </dev/null || { cat "$log" >&2; exit 1; }; }
export DEBIAN_FRONTEND=noninteractive
get=(apt-get -o DPkg::Lock::Timeout=300)
quietly "${get[@]}" update
install=("${get[@]}" install --yes --no-install-recommends)
if [[ " ${missing[*]} " == *" postgresql "* ]]; then
  quietly "${install[@]}" postgresql-common
  mkdir -p /etc/postgresql-common/createcluster.d
  echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/no-main-cluster.conf
fi
quietly "${install[@]}" "${missing[@]}"

# Installed for the tests alone: not to be started at the next boot either.
if command -v systemctl >/dev/null; then
  for package in "${missing[@]}"; do
    case $package in
      dovecot-imapd) systemctl disable dovecot.service dovecot.socket ;;
      postgresql) systemctl disable postgresql.service ;;
      postfix) systemctl disable postfix.service ;;
    esac >/dev/null 2>&1 || true
  done
fi
