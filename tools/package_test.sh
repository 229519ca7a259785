#!/usr/bin/env bash
# Installs what ./dev package has made on a bare Debian 12 and uses it as a stranger would: the program trains, resumes
# completion and man pages are there, a C++ program builds against the library by CMake and pkg-config, and purging leaves
# nothing behind. Then the tarball, on the same system without any library. Needs root and debootstrap.
# usage: tools/package_test.sh        FRESH: folder of the bare system, which is kept (/tmp/fresh)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=${FRESH:-/tmp/fresh} box=${FRESH:-/tmp/fresh}/package-box
packages=(build/package/*.deb) tarball=(build/package/*.tar.gz)
[ -f "${packages[0]}" ] && [ -f "${tarball[0]}" ] || { echo "package_test: run ./dev package first" >&2; exit 2; }

if [ ! -d "$root/base/etc" ]; then
  mkdir -p "$root"
  mirror=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | sed -n 's/ *$//;1p')
  debootstrap --variant=minbase --include=ca-certificates,git bookworm "$root/base.part" "${mirror:-http://deb.debian.org/debian}" >/dev/null
  cp -a /etc/apt/. "$root/base.part/etc/apt/"
  cp -L /etc/resolv.conf "$root/base.part/etc/resolv.conf"
  mv "$root/base.part" "$root/base"
fi

leave() {
  umount -l "$box/proc" 2>/dev/null || true
  rm -rf --one-file-system "$box"
}
trap leave EXIT
leave
cp -a "$root/base" "$box"
mount -t proc proc "$box/proc"
[ -c "$box/dev/null" ] || mknod -m 666 "$box/dev/null" c 1 3
[ -c "$box/dev/urandom" ] || mknod -m 666 "$box/dev/urandom" c 1 9
mkdir "$box/root/packages"
cp "${packages[@]}" "${tarball[@]}" "$box/root/packages/"
mkdir "$box/root/tests"
cp -r tests/package "$box/root/tests/"
mkdir "$box/root/examples"
cp examples/quickstart.cc "$box/root/examples/"
cat >"$box/root/test.sh" <<'INSIDE'
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
cd /root
quiet() { "$@" >log 2>&1 || { tail -20 log; echo "failed: $*"; exit 1; }; }
trains() { # RECUR
  printf 'abc abc abd\n%.0s' {1..200} >text.txt
  quiet "$1" train lm text.txt --steps 60 --hidden 32 --lr 0.02 --out "run-$2"
  "$1" generate "run-$2" --prompt "abc " --length 20 --seed 1 >said.txt
  grep -q "abc" said.txt || { echo "$2: it has learnt nothing"; exit 1; }
}

echo "== the tarball, without any library"
tar -xzf packages/*.tar.gz
recur-*/bin/recur --version
trains recur-*/bin/recur tarball
! ls /usr/lib/*/libfmt* 2>/dev/null || { echo "this system is not bare"; exit 1; }

quiet apt-get -qq update
dpkg-query -W -f '${Package}\n' | sort >packages-before
find / -xdev \( -path /proc -o -path /root -o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/log -o -path /tmp \) -prune -o -print | sort >files-before

echo "== apt-get install of recur"
quiet apt-get -qq install --yes --no-install-recommends ./packages/recur_*.deb ./packages/librecur0*.deb
recur --version
trains recur deb
dpkg-deb -c packages/recur_*.deb >in-package
for file in man/man1/recur.1.gz man/man1/recur-train.1.gz bash-completion/completions/recur zsh/vendor-completions/_recur \
  fish/vendor_completions.d/recur.fish doc/recur/changelog.Debian.gz doc/recur/copyright; do
  # minbase leaves out what dpkg is told to leave out; the package has it.
  grep -q "./usr/share/$file$" in-package || { echo "$file is not in the package"; exit 1; }
done

echo "== librecur-dev: a program by CMake and one by pkg-config"
quiet apt-get -qq install --yes --no-install-recommends ./packages/librecur-dev*.deb g++ cmake ninja-build pkg-config libc6-dev
quiet cmake -S tests/package -B build -G Ninja -DCMAKE_BUILD_TYPE=Release
quiet cmake --build build
build/consumer "$(recur --version | sed -n '1s/recur //p')"
quiet g++ -std=c++20 -O1 examples/quickstart.cc $(pkg-config --cflags --libs recur) -o quickstart
./quickstart | grep '^next '

echo "== purge"
quiet apt-get -qq purge --yes recur librecur0.1 librecur-dev g++ cmake ninja-build pkg-config libc6-dev
quiet apt-get -qq autoremove --purge --yes
dpkg-query -W -f '${Package}\n' | sort | diff packages-before - || { echo "packages were left behind"; exit 1; }
find / -xdev \( -path /proc -o -path /root -o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/log -o -path /tmp \) -prune -o -print | sort >files-after
if diff files-before files-after | grep -i recur; then echo "files were left behind"; exit 1; fi
diff files-before files-after | grep '^>' | head || true
INSIDE
# shellcheck disable=SC2046  # variables of a proxy, if there is one
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 RECUR_THREADS=1 \
  $(env | grep -iE '^(https?|no)_proxy=' || true) chroot "$box" bash -c "cd && exec bash test.sh"
echo "package_test: passed"
