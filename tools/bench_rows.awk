# Reads rows peer,cell,layers,bidir,T,B,I,H,mode,threads,median_us,gflops, one a round, and rows probe,f32,bf16,l2; gives
# medians and ratios to the programs that show them.
#
# The name of a peer holds its precision: "recur-bf16" is Recur at bf16. shapes[1 .. shape_count] are the shapes,
# peers[1 .. peer_count] the others than recur; peak["f32"] and peak["bf16"] GFLOP/s, peak["l2"] GB/s.
BEGIN { FS = "," }

$1 == "probe" {
  if ($2 > peak["f32"]) peak["f32"] = $2
  if ($3 > peak["bf16"]) peak["bf16"] = $3
  if ($4 > peak["l2"]) peak["l2"] = $4
  next
}

{
  shape = $2 "," $3 "," $4 "," $5 "," $6 "," $7 "," $8
  if (!(shape in seen)) { seen[shape] = 1; shapes[++shape_count] = shape }
  if (!($1 in known)) { known[$1] = 1; if ($1 !~ /^recur/) peers[++peer_count] = $1 }
  run = $1 SUBSEP shape SUBSEP $9
  time[run, ++rounds_of[run]] = $11
  kflop[shape, $9] = $11 * $12  # the same for every peer
}

# Sorts values[1 .. n].
function sort(values, n,   i, j, t) {
  for (i = 2; i <= n; i++) {
    t = values[i]
    for (j = i - 1; j > 0 && values[j] > t; j--) values[j + 1] = values[j]
    values[j + 1] = t
  }
}
function middle(values, n) { return (values[int((n + 1) / 2)] + values[int(n / 2) + 1]) / 2 }

# The median time of a peer's runs in microseconds, or 0 where there are none.
function median_time(peer, shape, mode,   run, n, i, values) {
  run = peer SUBSEP shape SUBSEP mode
  n = rounds_of[run]
  if (n == 0) return 0
  for (i = 1; i <= n; i++) values[i] = time[run, i] + 0
  sort(values, n)
  return middle(values, n)
}
function gflops(peer, shape, mode,   t) {
  t = median_time(peer, shape, mode)
  return t == 0 ? 0 : kflop[shape, mode] / t
}

# How many times as long `slower` takes as `faster`, round by round: sets ratio, ratio_low and ratio_high, and returns
# whether there is one.
function compare(slower, faster, shape, mode,   a, b, n, i, values) {
  a = slower SUBSEP shape SUBSEP mode; b = faster SUBSEP shape SUBSEP mode
  n = rounds_of[a] < rounds_of[b] ? rounds_of[a] : rounds_of[b]
  if (n == 0) return 0
  for (i = 1; i <= n; i++) values[i] = time[a, i] / time[b, i]
  sort(values, n)
  ratio = middle(values, n); ratio_low = values[1]; ratio_high = values[n]
  return 1
}

# "LSTM, 2 layers, T 20, B 20, F 200, H 200"
function shape_name(shape,   f) {
  split(shape, f, ",")
  return toupper(f[1]) (f[2] > 1 ? ", " f[2] " layers" : "") (f[3] == 1 ? ", both directions" : "") \
    ", T " f[4] ", B " f[5] ", F " f[6] ", H " f[7]
}
function hidden_of(shape,   f) { split(shape, f, ","); return f[7] + 0 }
