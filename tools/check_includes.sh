#!/usr/bin/env bash
# Holds the includes of a tree against the layers: an include goes along an arrow of the table below, or along
# several, and never against one. Prints FILE:LINE and the rule for each that does not; exit code 1 if any.
# usage: tools/check_includes.sh [ROOT]        ROOT holds src/recur and cli (default: this repository)
set -euo pipefail
root=${1:-$(dirname "${BASH_SOURCE[0]}")/..}
cd "$root"

# LAYER: what it may include; a file instead of a folder opens that file only. What those may include is included.
# The umbrella is src/recur/recur.h, for users: nothing of ours includes it.
export ARROWS='
base:
tensor:   base
kernels:  base
autograd: tensor
ops:      autograd kernels
nn:       ops
optim:    tensor kernels
data:     tensor
decode:   nn
io:       tensor kernels
plot:     base
environments: base
tasks:    nn optim data decode io plot environments
train:    tasks/task.h tasks/training.h tasks/trained.h
explain:  tasks
audit:    tasks
report:   tasks plot
exchange: tasks
serve:    tasks
cli:      train explain audit report exchange serve
umbrella: optim data decode io
'

# Folders within a layer have an order too: each may include itself and those before a < to its left; "." are the files
# of the layer itself.
export ROOMS='
data: files < tables < text sequences audio images strokes < .
'

files=$(find src/recur cli -type f \( -name '*.h' -o -name '*.cc' \) 2>/dev/null | sort || true)
if [ -z "$files" ]; then
  echo "check_includes: no C++ files in src/recur and cli of $PWD" >&2
  exit 1
fi
xargs awk '
  # May a file of layer "from" include "file", which lies in layer "to"?
  function allowed(from, to, file,    i, n, next_layer, targets, parts) {
    n = split(direct[from], targets, " ")
    for (i = 1; i <= n; i++) {
      if (targets[i] == to || targets[i] == file) return 1
      split(targets[i], parts, "/")
      next_layer = parts[1]
      if (allowed(next_layer, to, file)) return 1
    }
    return 0
  }
  # The folder within a layer that holds "file", such as data/tables/table.h.
  function room_of(file,    parts) { return split(file, parts, "/") > 2 ? parts[2] : "." }
  function report(message) { printf "%s:%d: %s\n", FILENAME, FNR, message; bad = 1 }

  BEGIN {
    n = split(ENVIRON["ARROWS"], lines, "\n")
    for (i = 1; i <= n; i++) {
      if (!match(lines[i], /^[a-z]+:/)) continue
      layer = substr(lines[i], 1, RLENGTH - 1)
      direct[layer] = substr(lines[i], RLENGTH + 1)
    }
    n = split(ENVIRON["ROOMS"], lines, "\n")
    for (i = 1; i <= n; i++) {
      if (!match(lines[i], /^[a-z]+:/)) continue
      layer = substr(lines[i], 1, RLENGTH - 1)
      floors = split(substr(lines[i], RLENGTH + 1), floor, "<")
      has_rooms[layer] = 1
      for (f = 1; f <= floors; f++) {
        k = split(floor[f], rooms, " ")
        for (r = 1; r <= k; r++) height[layer, rooms[r]] = f
      }
    }
  }
  FNR == 1 {
    n = split(FILENAME, path, "/")
    from = path[1] == "cli" ? "cli" : (n > 3 ? path[3] : path[3] == "recur.h" ? "umbrella" : "")
    if (!(from in direct)) { report("no layer of tools/check_includes.sh"); nextfile }
    room = n > 3 ? room_of(substr(FILENAME, length("src/recur/") + 1)) : "."
    if (from in has_rooms && !((from, room) in height)) { report("no room of tools/check_includes.sh"); nextfile }
  }
  /^[ \t]*#[ \t]*include[ \t]*["<]/ {
    match($0, /["<][^">]*/)
    quote = substr($0, RSTART, 1)
    file = substr($0, RSTART + 1, RLENGTH - 1)
    if (file !~ /^recur\// && !(from == "cli" && file ~ /^cli\//)) {
      if (quote == "\"" && file !~ /^hwy\//) report("\"" file "\": name it from the root of the tree, as \"recur/...\"")
      next
    }
    if (quote == "<") report("<" file ">: our own headers are in quotes")
    if (file ~ /^cli\//) next
    file = substr(file, length("recur/") + 1)
    to = file
    sub(/\/.*/, "", to)
    if (!(to in direct)) report("recur/" file ": " to " is no layer")
    else if (to == from && to in has_rooms && room_of(file) != room && height[to, room_of(file)] >= height[to, room])
      report(from "/" room " may not include " to "/" room_of(file) " (recur/" file ")")
    else if (to != from && !allowed(from, to, file)) report(from " may not include " to " (recur/" file ")")
  }
  END { exit bad }' <<<"$files"
