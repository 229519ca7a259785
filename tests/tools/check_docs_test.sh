#!/usr/bin/env bash
# The documentation checker follows relative links and finds dead ones and pages that nothing links to.
set -euo pipefail
check=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/tools/check_docs.sh
mkdir -p tree/docs/decisions
printf '# A\n[b](docs/b.md#part) [why](docs/decisions/) [web](https://example.org/x.md) [here](#a)\n' >tree/README.md
printf '```\n[code](nothing.md)\n```\n[up](../README.md)\n' >tree/docs/b.md
printf 'why\n' >tree/docs/decisions/1.md
"$check" tree

printf '[dead](c.md)\n' >>tree/docs/b.md
! "$check" tree >out
[ "$(cat out)" = './docs/b.md: no such file: c.md' ]

printf 'c [self](c.md)\n' >tree/docs/c.md
"$check" tree
printf '[up](../README.md)\n' >tree/docs/b.md
! "$check" tree >out
[ "$(cat out)" = './docs/c.md: no page links to it' ]
