#!/bin/sh
# Installs the real programs of `make test-real` (Debian and Ubuntu only): mail and name servers that it compares
# with; a browser, ssh and tmux, with which it plays an exercise; a spreadsheet, which opens a list of injects.
# The tests run private instances on loopback. Postfix is installed without a configuration, so it
# does not start; where systemd runs, Debian starts unbound on loopback: stop it if you do not want it.
set -eu
PATH=$PATH:/usr/sbin:/sbin
missing=""
for pair in postfix:postfix unbound:unbound swaks:swaks curl:curl bind9-dnsutils:dig \
    chromium:chromium nodejs:node npm:npm openssh-client:ssh tmux:tmux procps:pgrep poppler-utils:pdftotext \
    libreoffice-calc:soffice; do
    command -v "${pair#*:}" >/dev/null 2>&1 || missing="$missing ${pair%%:*}"
done
driver() { # drives the browser; it brings no browser of its own
    [ -d .venv/node/node_modules/playwright-core ] ||
        npm install --prefix .venv/node --no-save --no-audit --no-fund --silent playwright-core@1.65.1
}
if [ -z "$missing" ]; then
    driver
    echo "test-real: every program is installed"
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "test-real: install$missing with your package manager, then run make test-real again" >&2
    exit 1
fi
# Installing Postfix removes any other mail server from a Debian machine: never do that unasked.
other=$(dpkg-query -W -f '${Package} ${Provides} ${db:Status-Status}\n' 2>/dev/null |
    awk '/mail-transport-agent/ && $NF == "installed" && $1 != "postfix" {print $1; exit}')
case "$missing" in *postfix*)
    if [ -n "$other" ]; then
        echo "test-real: this machine's mail server is $other, and installing postfix would remove it; use a container" >&2
        exit 1
    fi ;;
esac
echo "test-real: installing$missing (apt-get)"
as_root=""
[ "$(id -u)" = 0 ] || as_root=sudo
echo "postfix postfix/main_mailer_type select No configuration" | $as_root debconf-set-selections
$as_root apt-get update --quiet  # a fresh system has no package lists
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends $missing
driver
