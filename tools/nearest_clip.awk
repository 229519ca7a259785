# Accuracy of the nearest neighbour of each clip of the second file among those of the first, by the mean and deviation of
# each axis, in units of the first file's deviations. Rows are clip,activity,x,y,z.
BEGIN { FS = "," }
FNR == 1 { ++part; next }
{
  key = part "," $1
  if (!(key in steps)) { clip[part, ++clips[part]] = key; activity[key] = $2 }
  ++steps[key]
  for (a = 0; a < 3; ++a) { sum[key, a] += $(3 + a); square[key, a] += $(3 + a) ^ 2 }
}
END {
  for (p = 1; p <= 2; ++p) for (i = 1; i <= clips[p]; ++i) {
    key = clip[p, i]
    for (a = 0; a < 3; ++a) {
      mean = sum[key, a] / steps[key]; spread = square[key, a] / steps[key] - mean ^ 2
      feature[key, a] = mean; feature[key, a + 3] = sqrt(spread > 0 ? spread : 0)
    }
  }
  for (a = 0; a < 6; ++a) {
    s = q = 0
    for (i = 1; i <= clips[1]; ++i) { v = feature[clip[1, i], a]; s += v; q += v ^ 2 }
    scale[a] = sqrt(q / clips[1] - (s / clips[1]) ^ 2)
  }
  for (j = 1; j <= clips[2]; ++j) {
    best = -1
    for (i = 1; i <= clips[1]; ++i) {
      d = 0
      for (a = 0; a < 6; ++a) d += ((feature[clip[2, j], a] - feature[clip[1, i], a]) / scale[a]) ^ 2
      if (best < 0 || d < best) { best = d; nearest = clip[1, i] }
    }
    right += activity[nearest] == activity[clip[2, j]]
  }
  printf "%.4f\n", right / clips[2]
}
