# Makes docs/benchmarks.md of rows peer,cell,layers,bidir,T,B,I,H,mode,threads,median_us,gflops, several a peer and shape:
# the median of each, and how many times as long the peers take.
BEGIN { FS = "," }

function median(key,   values, n, i, j, t) {
  n = split(times[key], values, " ")
  for (i = 2; i <= n; i++) {
    t = values[i] + 0
    for (j = i - 1; j > 0 && values[j] + 0 > t; j--) values[j + 1] = values[j]
    values[j + 1] = t
  }
  return (values[int((n + 1) / 2)] + values[int(n / 2) + 1]) / 2
}

{
  shape = $2 "," $3 "," $4 "," $5 "," $6 "," $7 "," $8 "," $9
  if (!(shape in seen)) { seen[shape] = 1; shapes[++count] = shape }
  if (!($1 in known)) { known[$1] = 1; if ($1 != "recur") peers[++peer_count] = $1 }
  times[$1 SUBSEP shape] = times[$1 SUBSEP shape] " " $11
  work[shape] = $11 * $12  # kflop: the same for every peer
}

END {
  print "# Benchmarks\n"
  print "Recurrent layers on one thread: median time of Recur, its rate (the matrix products alone, train = forward and"
  print "backward), and how many times as long each peer takes: above 1, Recur is faster. Every program runs in turn, shape by"
  print "shape, " rounds " rounds of " each " s a row.\n"
  print "Machine: " machine ", " date ". Repeat: `./dev bench`."
  print "`torch` is PyTorch 1.13 as Debian ships it, `torch-avx512` the same with `OPENBLAS_CORETYPE=SkylakeX`, `onednn` the RNN"
  print "primitives of oneDNN 2.6.\n"
  line = "| cell | layers | T | B | F | H | mode | us | GFLOP/s |"
  rule = "|---|---|---|---|---|---|---|---|---|"
  for (p = 1; p <= peer_count; p++) { line = line " " peers[p] " |"; rule = rule "---|" }
  print line; print rule
  for (s = 1; s <= count; s++) {
    split(shapes[s], f, ",")
    ours = median("recur" SUBSEP shapes[s])
    line = sprintf("| %s | %s%s | %s | %s | %s | %s | %s | %s | %.0f |", f[1], f[2], f[3] == 1 ? " bi" : "", f[4], f[5], f[6],
                   f[7], f[8], ours < 100 ? sprintf("%.2f", ours) : sprintf("%.0f", ours), work[shapes[s]] / ours)
    for (p = 1; p <= peer_count; p++) {
      key = peers[p] SUBSEP shapes[s]
      if (!(key in times)) { line = line " |"; continue }
      ratio = median(key) / ours
      line = line sprintf(" %.2f |", ratio)
      logs[p, f[8]] += log(ratio); n[p, f[8]]++
      if (!((p, f[8]) in least) || ratio < least[p, f[8]]) least[p, f[8]] = ratio
    }
    print line
  }
  print "\n| peer | mode | geometric mean | least |\n|---|---|---|---|"
  for (p = 1; p <= peer_count; p++)
    for (m = 1; m <= 2; m++) {
      mode = m == 1 ? "infer" : "train"
      if (n[p, mode]) printf "| %s | %s | %.2f | %.2f |\n", peers[p], mode, exp(logs[p, mode] / n[p, mode]), least[p, mode]
    }
}
