#!/bin/sh
# Builds dist/kod-intake_VERSION_ARCH.deb for the Debian release that this runs on (its Python is the package's).
#
# Inside: a venv of its own in /usr/lib/kod-intake with exactly the packages of requirements/install.txt, the units, the
# configuration as conffiles, the man page and completion for bash. Needs dpkg-dev, python3 and python3-venv of Debian,
# and a package index. Nothing of the machine that built it stands in the package.
set -eu
umask 022
cd "$(dirname "$0")/../.."
python=/usr/bin/python3
version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' intake/__init__.py)
release=$(. /etc/os-release && echo "$VERSION_ID")
full="$version-1~deb$release"
architecture=$(dpkg --print-architecture)
minor=$($python -c 'import sys; print(sys.version_info.minor)')
next=$((minor + 1))
maintainer="${DEBFULLNAME:-KOD intake} <${DEBEMAIL:-kod-intake@localhost}>"
home=/usr/lib/kod-intake
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"

# The program: a venv whose scripts name the place where it will stand.
$python -m venv "$stage$home"
pip="$stage$home/bin/python -m pip --disable-pip-version-check"
$pip install -qq --no-compile --require-hashes -r requirements/install.txt
$pip install -qq --no-compile --no-deps --no-build-isolation .
"$stage$home/bin/python" -m routing.cli.manual >"$stage/kod-intake.1"
_KOD_INTAKE_COMPLETE=bash_source "$stage$home/bin/kod-intake" >"$stage/completion"
$pip uninstall -qq -y hatchling editables pip
find "$stage$home" -name __pycache__ -prune -exec rm -rf {} +
find "$stage$home/bin" -type f ! -name kod-intake -delete
rm -rf "$stage$home/include"
sed -i "1s|.*|#!$home/bin/python3|" "$stage$home/bin/kod-intake"
sed -i "/^command = /d" "$stage$home/pyvenv.cfg"
find "$stage$home" -name direct_url.json -delete
find "$stage$home/lib" -name '*.so*' -exec chmod 644 {} +
ln -sf ../../../bin/python3 "$stage$home/bin/python3"

install -d "$stage/usr/bin" "$stage/etc/kod-intake" "$stage/usr/lib/systemd/system" "$stage/usr/share/man/man1" \
  "$stage/usr/share/bash-completion/completions" "$stage/usr/share/doc/kod-intake" "$stage/DEBIAN" \
  "$stage/usr/share/lintian/overrides"
ln -s ../lib/kod-intake/bin/kod-intake "$stage/usr/bin/kod-intake"
sed 's|^data = "data"$|data = "/var/lib/kod-intake"|' config.toml >"$stage/etc/kod-intake/config.toml"
grep -q '^data = "/var/lib/kod-intake"$' "$stage/etc/kod-intake/config.toml"
install -m 644 gazetteer.toml "$stage/etc/kod-intake/"
for unit in deploy/*.service; do
  sed -e 's|/opt/kod-intake/venv/bin/kod-intake|/usr/bin/kod-intake|' \
    -e 's|/opt/kod-intake/src/docs|/usr/share/doc/kod-intake|' "$unit" >"$stage/usr/lib/systemd/system/$(basename "$unit")"
done
gzip -9n <"$stage/kod-intake.1" >"$stage/usr/share/man/man1/kod-intake.1.gz"
mv "$stage/completion" "$stage/usr/share/bash-completion/completions/kod-intake"
rm "$stage/kod-intake.1"
install -m 644 docs/*.md "$stage/usr/share/doc/kod-intake/"
gzip -9n <CHANGELOG.md >"$stage/usr/share/doc/kod-intake/changelog.gz"
install -m 644 deploy/debian/copyright "$stage/usr/share/doc/kod-intake/copyright"
printf 'kod-intake (%s) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- %s  %s\n' "$full" \
  "$maintainer" "$(date -Rud "@$SOURCE_DATE_EPOCH")" |
  gzip -9n >"$stage/usr/share/doc/kod-intake/changelog.Debian.gz"
install -m 644 deploy/debian/lintian-overrides "$stage/usr/share/lintian/overrides/kod-intake"
for script in postinst prerm postrm; do install -m 755 "deploy/debian/$script" "$stage/DEBIAN/"; done
printf '%s\n' /etc/kod-intake/config.toml /etc/kod-intake/gazetteer.toml >"$stage/DEBIAN/conffiles"
find "$stage" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
(cd "$stage" && find usr -type f -exec md5sum {} +) | sort -k2 >"$stage/DEBIAN/md5sums"
sed -e "s/@VERSION@/$full/" -e "s/@MAINTAINER@/$maintainer/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@MINOR@/$minor/" -e "s/@NEXT@/$next/" \
  -e "s/@SIZE@/$(du -sk --exclude=DEBIAN "$stage" | cut -f1)/" deploy/debian/control >"$stage/DEBIAN/control"
chmod 755 "$stage"
mkdir -p dist
dpkg-deb --root-owner-group -Zxz --build "$stage" "dist/kod-intake_${full}_$architecture.deb"
