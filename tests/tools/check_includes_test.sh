#!/usr/bin/env bash
# The include checker lets a clean tree pass and finds each kind of violation.
set -euo pipefail
check=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/tools/check_includes.sh
failures=0

# file PATH INCLUDE...: a header of a tree with these includes
file() {
  local path=$1
  shift
  mkdir -p "$(dirname "$path")"
  printf '#include %s\n' "$@" >"$path"
}
fresh_tree() {
  rm -rf tree
  file tree/src/recur/base/error.h '<string>'
  file tree/src/recur/tensor/tensor.h '"recur/base/error.h"' '"recur/tensor/shape.h"'
  file tree/src/recur/ops/add.cc '"recur/autograd/tape.h"' '"recur/kernels/table.h"' '"recur/tensor/tensor.h"'
  file tree/src/recur/kernels/cpu/add.cc '<hwy/highway.h>' '"hwy/foreach_target.h"' '"recur/kernels/table.h"'
  file tree/src/recur/nn/cells/gru-inl.h '"recur/nn/cell.h"' '"recur/base/error.h"'
  file tree/src/recur/train/trainer.cc '"recur/tasks/task.h"' '"recur/optim/adam.h"' '"recur/io/checkpoint.h"'
  file tree/src/recur/data/files/line.h '"recur/base/error.h"'
  file tree/src/recur/data/text/rows.h '"recur/data/files/line.h"' '"recur/data/tables/csv.h"' '"recur/data/text/row.h"'
  file tree/src/recur/data/scaler.h '"recur/data/text/rows.h"' '"recur/data/classes.h"'
  file tree/src/recur/serve/server.cc '"recur/tasks/lm.h"'
  file tree/src/recur/recur.h '"recur/nn/linear.h"' '"recur/optim/adam.h"' '"recur/base/error.h"'
  file tree/cli/train.cc '"cli/options.h"' '"recur/train/trainer.h"' '"recur/tasks/lm.h"'
}
passes() {
  if ! "$check" tree >out; then
    echo "a clean tree does not pass:"
    cat out
    failures=$((failures + 1))
  fi
}
# finds EXPECTED: the checker fails and prints EXPECTED and nothing else
finds() {
  if "$check" tree >out 2>&1; then
    echo "not found: $1"
    failures=$((failures + 1))
  elif [ "$(cat out)" != "$1" ]; then
    printf 'expected: %s\ngot: %s\n' "$1" "$(cat out)"
    failures=$((failures + 1))
  fi
}

fresh_tree
passes

fresh_tree
file tree/src/recur/base/error.h '<string>' '"recur/tensor/tensor.h"'
finds 'src/recur/base/error.h:2: base may not include tensor (recur/tensor/tensor.h)'

fresh_tree
file tree/src/recur/recur.h '"recur/train/trainer.h"'
finds 'src/recur/recur.h:1: umbrella may not include train (recur/train/trainer.h)'

fresh_tree
file tree/src/recur/nn/linear.cc '"recur/recur.h"'
finds 'src/recur/nn/linear.cc:1: recur/recur.h: recur.h is no layer'

fresh_tree
file tree/src/recur/kernels/ref/add.cc '"recur/tensor/tensor.h"'
finds 'src/recur/kernels/ref/add.cc:1: kernels may not include tensor (recur/tensor/tensor.h)'

fresh_tree
file tree/src/recur/train/loop.cc '"recur/tasks/lm.h"'
finds 'src/recur/train/loop.cc:1: train may not include tasks (recur/tasks/lm.h)'

fresh_tree
file tree/src/recur/serve/server.cc '"recur/train/trainer.h"'
finds 'src/recur/serve/server.cc:1: serve may not include train (recur/train/trainer.h)'

fresh_tree
file tree/src/recur/data/reader.cc '"recur/nn/linear.h"'
finds 'src/recur/data/reader.cc:1: data may not include nn (recur/nn/linear.h)'

fresh_tree
file tree/src/recur/data/files/line.h '"recur/data/tables/csv.h"'
finds 'src/recur/data/files/line.h:1: data/files may not include data/tables (recur/data/tables/csv.h)'

fresh_tree
file tree/src/recur/data/sequences/set.h '"recur/data/text/rows.h"'
finds 'src/recur/data/sequences/set.h:1: data/sequences may not include data/text (recur/data/text/rows.h)'

fresh_tree
file tree/src/recur/data/tables/csv.h '"recur/data/scaler.h"'
finds 'src/recur/data/tables/csv.h:1: data/tables may not include data/. (recur/data/scaler.h)'

fresh_tree
file tree/src/recur/data/video/frames.h '<string>'
finds 'src/recur/data/video/frames.h:1: no room of tools/check_includes.sh'

fresh_tree
printf '  #  include   "recur/optim/adam.h"\n' >tree/src/recur/nn/linear.h
finds 'src/recur/nn/linear.h:1: nn may not include optim (recur/optim/adam.h)'

fresh_tree
file tree/src/recur/io/file.cc '<recur/base/error.h>'
finds 'src/recur/io/file.cc:1: <recur/base/error.h>: our own headers are in quotes'

fresh_tree
file tree/src/recur/io/file.cc '"safetensors.h"'
finds 'src/recur/io/file.cc:1: "safetensors.h": name it from the root of the tree, as "recur/..."'

fresh_tree
file tree/src/recur/misc/util.h '<string>'
finds 'src/recur/misc/util.h:1: no layer of tools/check_includes.sh'

fresh_tree
file tree/src/recur/ops/add.cc '"recur/misc/util.h"'
finds 'src/recur/ops/add.cc:1: recur/misc/util.h: misc is no layer'

rm -rf tree
mkdir tree
finds "check_includes: no C++ files in src/recur and cli of $PWD/tree"

[ $failures = 0 ]
