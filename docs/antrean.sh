#!/bin/sh
# A command of Antrean as its service would run it: as the same user, with the same settings. As root it would leave
# files behind that the service cannot write. Copy to /usr/local/bin/antrean; see docs/panduan/teknisi.md.

[ "$(id -un)" = antrean ] || exec sudo -u antrean "$0" "$@"
cd /opt/antrean || exit
set -a
[ ! -e /etc/antrean.env ] || . /etc/antrean.env
exec .venv/bin/antrean "$@"
