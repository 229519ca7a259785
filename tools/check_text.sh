#!/usr/bin/env bash
# Looks for text that must not be in the tree: marks of unfinished work, paths of one machine, and, in the library,
# calls that print or end the process. Prints FILE:LINE:TEXT for each; exit code 1 if any.
# usage: tools/check_text.sh [ROOT]        (default: this repository)
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"
bad=0

# check NAME PATTERN FOLDER...: also not in files called $spare
check() {
  local name=$1 pattern=$2 hits
  shift 2
  hits=$(grep -rnIE --exclude=.git --exclude="${spare:-.git}" --exclude-dir=.git --exclude-dir='build*' --exclude-dir=runs -- "$pattern" "$@" || true)
  if [ -n "$hits" ]; then
    printf '%s:\n%s\n' "$name" "$hits"
    bad=1
  fi
}

# The brackets keep the patterns from finding themselves.
check "unfinished" '\b([T]ODO|[F]IXME|[X]XX)\b' .
check "a path of one machine" '(^|[^[:alnum:]_.$})])/(home|root|Users|work|mnt)/[[:alnum:]]' .
if [ -d src/recur ]; then
  check "the library must not print" 'std::(cout|cerr|clog)|\b(stdout|stderr)\b|fmt::print\(|\b(printf|puts|putchar|perror)\(' src/recur
  # But for the process that it has begun.
  spare=child_process.cc check "the library must not end the process" '\b(exit|_exit|_Exit|quick_exit|abort|terminate)\(' src/recur
fi
exit $bad
