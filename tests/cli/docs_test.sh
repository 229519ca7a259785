#!/usr/bin/env bash
# docs/options.md is what the program says its options are.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

expect 0 docs options
diff "$(dirname "${BASH_SOURCE[0]}")/../../docs/options.md" out || fail "docs/options.md is not current: run ./dev docs"
