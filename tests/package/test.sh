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

# The installed program finds its libraries from where it was put.
"$work/prefix/bin/recur" --help >/dev/null
[ -f "$work/prefix/include/recur/base/error.h" ]
case $kind in
  static) [ -f "$work"/prefix/lib*/librecur.a ] || ls "$work"/prefix/lib/*/librecur.a ;;
  shared) ldd "$work/consumer/consumer" | grep -q "$work/prefix/.*librecur.so" ;;
esac
