#!/usr/bin/env bash
# Installs Recur to an empty prefix, then configures, builds and runs the consumer against it.
# usage: test.sh static BUILD_DIR VERSION WORK_DIR      installs what BUILD_DIR has built
#        test.sh shared BUILD_DIR VERSION WORK_DIR      builds the library with BUILD_SHARED_LIBS first, beside BUILD_DIR
set -euo pipefail
kind=$1 from=$2 version=$3 work=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rm -rf "$work/prefix" "$work/consumer"

if [ "$kind" = shared ]; then
  # With the same flags and at the same depth, so that ccache has every object (./dev sets CCACHE_BASEDIR).
  cmake -S "$here/../.." -B "$from-shared" -G Ninja -DBUILD_SHARED_LIBS=ON -DCMAKE_BUILD_TYPE=Release \
    -DRECUR_UNITY_BUILD=ON -DRECUR_BUILD_TESTS=OFF -DCMAKE_CXX_COMPILER_LAUNCHER="${LAUNCHER:-}"
  from=$from-shared
  cmake --build "$from"
fi
cmake --install "$from" --prefix "$work/prefix"
cmake -S "$here" -B "$work/consumer" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix"
cmake --build "$work/consumer"
"$work/consumer/consumer" "$version"
"$work/consumer/quickstart" | grep "^next " >/dev/null

# The same by pkg-config, and with the training loop.
PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name recur.pc)")
export PKG_CONFIG_PATH
static=$([ "$kind" = static ] && echo --static || true)
# shellcheck disable=SC2046  # flags
g++ -std=c++20 "$here/main.cc" -Wl,-rpath,"$(dirname "$PKG_CONFIG_PATH")" \
  $(pkg-config $static --cflags --libs recur-train recur) -o "$work/consumer/by_pkg_config"
"$work/consumer/by_pkg_config" "$version"
[ "$(pkg-config --modversion recur)" = "$version" ]

# The installed program finds its libraries from where it was put.
"$work/prefix/bin/recur" --help >/dev/null
[ -f "$work/prefix/include/recur/base/error.h" ]
for file in man/man1/recur-train.1 bash-completion/completions/recur zsh/site-functions/_recur fish/vendor_completions.d/recur.fish; do
  [ -s "$work/prefix/share/$file" ]
done
case $kind in
  static) [ -f "$work"/prefix/lib*/librecur.a ] || ls "$work"/prefix/lib/*/librecur.a ;;
  shared)
    ldd "$work/consumer/consumer" | grep "$work/prefix/.*librecur.so" >/dev/null
    # Of a shared library only what has to do with recur:: is seen.
    library=$(find "$work/prefix" -name librecur.so)
    objdump -p "$library" | grep 'SONAME *librecur\.so\.[0-9]*\.[0-9]*$' >/dev/null
    nm -D --defined-only -C "$library" | cut -d " " -f 3- | grep -v 'recur::' >strangers || true
    if [ -s strangers ]; then
      echo "exported, but not Recur's:"
      head strangers
      exit 1
    fi
    ;;
esac
