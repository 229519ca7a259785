#!/usr/bin/env bash
# Formats the C++ files with clang-format. usage: tools/format.sh -i | --dry-run
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools/sources.sh | xargs -r clang-format -Werror "$@"
