#!/usr/bin/env bash
# The text checker lets a clean tree pass and finds each kind of violation.
set -euo pipefail
check=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/tools/check_text.sh
failures=0

# tree LINE: a tree whose library has this line
tree() {
  rm -rf tree
  mkdir -p tree/src/recur/base tree/cli
  printf '%s\n' "$1" >tree/src/recur/base/file.cc
  printf 'std::cout << 1; exit(1);\n' >tree/cli/main.cc
}
passes() {
  tree "$1"
  if ! "$check" tree >out; then
    echo "does not pass: $1"
    failures=$((failures + 1))
  fi
}
finds() {
  tree "$1"
  if "$check" tree >out; then
    echo "not found: $1"
    failures=$((failures + 1))
  elif ! grep -qF "src/recur/base/file.cc:1:$1" out; then
    echo "found, but not named: $1"
    failures=$((failures + 1))
  fi
}

passes 'std::snprintf(buffer, sizeof buffer, "%d", 1);'
passes 'std::fprintf(file, "on_exit(%d)", 1);  // a/home/b, docs/root/x'
passes '#include <sys/mman.h>'
passes 'mkdtemp("name-XXXXXX");'
finds "// TO""DO: later"
finds "// FIX""ME"
finds "// X""XX why"
finds "open(\"/ho""me/me/x\");"
finds "/ro""ot/x"
finds 'std::cerr << "failed";'
finds 'fprintf(stderr, "failed");'
finds 'printf("%d", 1);'
finds 'fmt::print("{}", 1);'
finds 'std::exit(1);'
finds 'abort();'

[ $failures = 0 ]
