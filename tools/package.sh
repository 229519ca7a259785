#!/usr/bin/env bash
# Makes what people can install, under build/package: the Debian packages recur, librecurX.Y and librecur-dev, and a
# tarball with the program and the libraries that a distribution may lack. The same sources give the same bytes, in any
# folder: all dates are that of the commit (SOURCE_DATE_EPOCH; of sources without git, of CHANGELOG.md).
# usage: tools/package.sh [deb|tarball]...        (both)        ./dev package installs the tools first
# RECUR_BUILD_DIR: a build folder to use for both, in the place of build/package-deb and build/package-tarball, such as
# build/release: what has been compiled there is linked once more.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=build/package
jobs=${RECUR_JOBS:-$(nproc)}

if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || date -r CHANGELOG.md +%s)
fi
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
umask 022
mkdir -p "$out"

dir_of() { echo "${RECUR_BUILD_DIR:-build/package-$1}"; }

configure_and_build() {
  local launcher=()
  if command -v ccache >/dev/null && [ -z "${RECUR_NO_CCACHE:-}" ]; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
  cmake --preset "$1" -B "$(dir_of "$1")" -Wno-dev --log-level=WARNING "${launcher[@]}"
  cmake --build "$(dir_of "$1")" -j "$jobs" --target recur_program recur_program_docs
}

# No file that is packed may name the folder that it was built in: it would be another one elsewhere. Nothing has to map
# paths for that (-ffile-prefix-map), as a release holds no debug information and no asserts.
check_paths() {
  if grep -rlF -- "$PWD" "$@"; then
    echo "package: these files name $PWD" >&2
    exit 1
  fi
}

# The Debian packages, and what lintian says of them: an error ends this.
deb() {
  local dir
  dir=$(dir_of deb)
  configure_and_build deb
  check_paths "$dir/cli/recur" "$dir"/src/recur/*.so "$dir/program_docs"
  rm -rf "$out"/*.deb "$dir"/*.deb "$dir/_CPack_Packages"
  (cd "$dir" && fakeroot cpack -G DEB >cpack.log 2>&1) || { cat "$dir/cpack.log" >&2; exit 1; }
  mv "$dir"/*.deb "$out/"
  if command -v lintian >/dev/null; then
    lintian --allow-root --fail-on error --tag-display-limit 0 "$out"/*.deb
  else
    echo "NOT CHECKED: there is no lintian here" >&2
  fi
}

# The shared libraries that a program loads, but those of the C library.
foreign_libraries() {
  ldd "$1" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' |
    grep -vE '/(libc|libm|libmvec|libpthread|libdl|librt|libresolv|ld-linux[^/]*)\.so' | sort
}

# The licence of the package that a file comes from, once each.
add_licence() {
  local package path
  path=$(realpath "$1")
  # Some packages still say /lib for /usr/lib.
  package=$( (dpkg-query -S "$path" 2>/dev/null || dpkg-query -S "${path#/usr}") | sed 's/:.*//; q')
  cp -L "/usr/share/doc/$package/copyright" "$2/$package"
}

tarball() {
  local dir version name stage library licences
  dir=$(dir_of tarball)
  configure_and_build tarball
  version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$dir/CMakeCache.txt")
  name=recur-$version-linux-$(uname -m)
  stage=$dir/stage/$name licences=$dir/stage/$name/share/doc/recur/licences
  rm -rf "$dir/stage"
  cmake --install "$dir" --component program --prefix "$stage" >/dev/null
  mkdir -p "$stage/lib/recur" "$licences"
  for library in $(foreign_libraries "$dir/cli/recur"); do
    cp -L "$library" "$stage/lib/recur/"
    add_licence "$library" "$licences"
  done
  # What is linked in, as an archive or as a header.
  for library in libz.a liblzma.a libzstd.a libpng16.a libjpeg.a; do
    add_licence "/usr/lib/$(gcc -print-multiarch)/$library" "$licences"
  done
  for library in nlohmann/json.hpp CLI/CLI.hpp; do add_licence "/usr/include/$library" "$licences"; done
  cp LICENSE README.md CHANGELOG.md "$stage/share/doc/recur/"
  check_paths "$stage"
  chmod -R u=rwX,go=rX "$stage"
  tar -C "$dir/stage" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --format=gnu -cf - "$name" | gzip -9n >"$out/$name.tar.gz"
}

[ $# -gt 0 ] || set -- deb tarball
for kind in "$@"; do
  case $kind in
    deb | tarball) "$kind" ;;
    *) echo "usage: tools/package.sh [deb|tarball]..." >&2; exit 2 ;;
  esac
done
(cd "$out" && find . -name '*.deb' -o -name '*.tar.gz' | sort | xargs sha256sum | tee SHA256SUMS)
