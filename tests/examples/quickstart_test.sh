#!/usr/bin/env bash
# README shows examples/quickstart.cc as it is, and the program learns and predicts.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

awk '/^<!-- end of examples\/quickstart.cc -->$/ { on = 0 }
  on && !/^```/
  /^<!-- examples\/quickstart.cc -->$/ { on = 1 }' "$root/README.md" >shown.cc
if ! diff -u "$root/examples/quickstart.cc" shown.cc; then
  echo "README.md does not show examples/quickstart.cc as it is" >&2
  exit 1
fi

"$EXAMPLES/quickstart" | tee out
awk '/^step 300: loss / { loss = $4 }
  /^next / { next_sample = $2 + 0; expected = $4 + 0 }
  END {
    error = next_sample - expected
    if (loss == "" || loss > 1e-3) { print "the loss stays at " loss; exit 1 }
    if (expected == 0 || error > 0.05 || error < -0.05) { print "the prediction is off by " error; exit 1 }
  }' out
