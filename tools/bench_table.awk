# Writes docs/benchmarks.md; after bench_rows.awk.

function precision_of(peer) { return peer ~ /-bf16$/ ? "bf16" : "f32" }

# One table: our rows at a precision and in a mode, and what the others take, in multiples.
function table(precision, mode,   ours, others, n, p, s, line, rule, t, shape) {
  ours = precision == "f32" ? "recur" : "recur-" precision
  for (p = 1; p <= peer_count; p++) if (precision_of(peers[p]) == precision && has(peers[p], mode)) others[++n] = peers[p]
  if (precision != "f32") others[++n] = "recur"
  print "\n## " precision ", " (mode == "train" ? "training (forward and backward)" : "inference") "\n"
  line = "| layer | us | GFLOP/s | of the peak |"; rule = "|---|---|---|---|"
  for (p = 1; p <= n; p++) { line = line " " (others[p] == "recur" ? "Recur f32" : others[p]) " |"; rule = rule "---|" }
  print line "\n" rule
  for (s = 1; s <= shape_count; s++) {
    shape = shapes[s]
    t = median_time(ours, shape, mode)
    line = sprintf("| %s | %s | %.0f | %.0f %% |", shape_name(shape), t < 100 ? sprintf("%.2f", t) : sprintf("%.0f", t),
                   gflops(ours, shape, mode), 100 * gflops(ours, shape, mode) / peak[precision])
    for (p = 1; p <= n; p++) {
      if (!compare(others[p], ours, shape, mode)) { line = line " |"; continue }
      line = line sprintf(" %.2f (%.2f-%.2f) |", ratio, ratio_low, ratio_high)
      note(precision, mode, others[p], shape)
    }
    print line
  }
}

function has(peer, mode,   s) {
  for (s = 1; s <= shape_count; s++) if (rounds_of[peer SUBSEP shapes[s] SUBSEP mode] > 0) return 1
  return 0
}

# Takes the ratio into the summary.
function note(precision, mode, other, shape,   row) {
  row = precision SUBSEP mode SUBSEP other
  if (!(row in counted)) summary[++summary_count] = row
  counted[row]++
  logs[row] += log(ratio)
  if (!(row in least) || ratio < least[row]) { least[row] = ratio; least_at[row] = shape }
  if (hidden_of(shape) >= 512) { wide_counted[row]++; wide_logs[row] += log(ratio) }
}

function print_summary(   i, row, f, wide) {
  print "\n## Summary\n"
  print "Geometric means of the ratios over the shapes.\n"
  print "| | against | mean | mean, H >= 512 | minimum | shape of the minimum |\n|---|---|---|---|---|---|"
  for (i = 1; i <= summary_count; i++) {
    row = summary[i]
    split(row, f, SUBSEP)
    wide = wide_counted[row] ? sprintf("%.2f", exp(wide_logs[row] / wide_counted[row])) : ""
    printf "| %s %s | %s | %.2f | %s | %.2f | %s |\n", f[1], f[2], f[3] == "recur" ? "Recur f32" : f[3],
      exp(logs[row] / counted[row]), wide, least[row], shape_name(least_at[row])
  }
}

END {
  print "# Benchmarks\n"
  print "![GFLOP/s of training in f32](benchmarks.svg)\n"
  print "The tables compare recurrent layers on one thread with other systems. They have the median time of Recur; its rate"
  print "(operations of the matrix products only; training counts three times the forward pass), also as a share of the"
  print "measured peak of the core; and for each other system its time divided by that of Recur: above 1 Recur is faster."
  print "The programs run in turn, shape by shape, " rounds " rounds of " each " s per row."
  print "A ratio is the median over the rounds, followed by the minimum and the maximum.\n"
  print "Machine: " machine ", " date "; peaks of one core, by `recur bench --probe`: f32 products in registers"
  printf "%.0f GFLOP/s, bf16 products %.0f GFLOP/s, reads from L2 %.0f GB/s. To repeat: `tools/packages.sh peers` installs the\n",
    peak["f32"], peak["bf16"], peak["l2"]
  print "other systems, and `./dev bench` measures and writes this page. [performance.md](performance.md) explains the figures."
  print "\n`torch` is PyTorch 1.13 as Debian ships it, `torch-avx512` the same with `OPENBLAS_CORETYPE=SkylakeX` (Debian's OpenBLAS"
  print "treats newer processors as AVX2 ones), `onednn` the RNN primitives of oneDNN 2.6, `onnxruntime` the operators of ONNX"
  print "Runtime 1.20, which cannot train."
  table("f32", "train"); table("f32", "infer"); table("bf16", "train"); table("bf16", "infer")
  print_summary()
}
