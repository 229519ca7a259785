# Draws docs/benchmarks.svg: a group of bars a shape, training in f32; after bench_rows.awk.

function bar(peer, shape, y,   rate) {
  rate = gflops(peer, shape, "train")
  if (rate > longest) longest = rate
  if (rate > 0)
    printf "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n", peer, kLeft, y, rate * scale, kBar - 1
}

function legend(peer, name, x) {
  printf "<rect class=\"%s\" x=\"%d\" y=\"22\" width=\"10\" height=\"10\"/><text x=\"%d\" y=\"31\">%s</text>\n", peer, x, x + 14, name
}

END {
  kLeft = 286; kWidth = 780; kBar = 6; kTop = 42
  n = split("recur onednn torch-avx512 torch", order, " ")
  split("Recur|oneDNN 2.6|PyTorch 1.13, told AVX-512|PyTorch 1.13", names, "|")
  for (i = 1; i <= n; i++) if (order[i] in known) shown[++count] = i
  group = count * kBar + 8
  scale = (kWidth - kLeft - 40) / (peak["f32"] * 1.02)
  height = kTop + shape_count * group + 16
  printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n", kWidth, height, kWidth, height
  print "<style>text{font:11px sans-serif;fill:#6e7781}.title{font-weight:bold}.rate{font-size:9px}"
  print ".recur{fill:#2f81f7}.onednn{fill:#d29922}.torch-avx512{fill:#8b949e}.torch{fill:#b9a3c9}.peak{stroke:#8b949e;stroke-dasharray:3 3}"
  print "@media(prefers-color-scheme:dark){text{fill:#9da7b3}}</style>"
  print "<text x=\"0\" y=\"12\" class=\"title\">Training (forward and backward), f32, one thread: GFLOP/s of the matrix products</text>"
  x = 0
  for (i = 1; i <= count; i++) { legend(order[shown[i]], names[shown[i]], x); x += length(names[shown[i]]) * 6.2 + 34 }
  x = kLeft + peak["f32"] * scale
  printf "<line class=\"peak\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n", x, kTop - 4, x, height - 14
  printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" class=\"rate\">peak of the core: %.0f</text>\n", x - 30, height - 4, peak["f32"]
  for (s = 1; s <= shape_count; s++) {
    y = kTop + (s - 1) * group
    printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", kLeft - 6, y + group / 2, shape_name(shapes[s])
    longest = 0
    for (i = 1; i <= count; i++) bar(order[shown[i]], shapes[s], y + (i - 1) * kBar)
    printf "<text x=\"%.1f\" y=\"%d\" class=\"rate\">%.0f</text>\n", kLeft + longest * scale + 4, y + 8, gflops("recur", shapes[s], "train")
  }
  print "</svg>"
}
