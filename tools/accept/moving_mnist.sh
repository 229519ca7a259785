#!/usr/bin/env bash
# Moving MNIST, 64 x 64: ten frames of two digits are seen, the next ten predicted, on 500 test sequences made of the test
# digits (seed 20150601). A ConvLSTM below a fully connected LSTM of as many parameters and below a copy of the last frame by
# binary cross-entropy, and above both by SSIM. TIME (40) minutes for each network on THREADS (2), SEEDS (1), HIDDEN (32)
# channels. The picture of each seed is in $RECUR_OUT.
# data: mnist
set -euo pipefail
data=$RECUR_DATA/mnist
failed=0
for seed in ${SEEDS:-1}; do
  out=$RECUR_OUT/seed-$seed
  mkdir -p "$out"
  "$EXAMPLES"/moving_digits --digits "$data/train-images-idx3-ubyte.gz" --test-digits "$data/t10k-images-idx3-ubyte.gz" \
    --minutes "${TIME:-40}" --threads "${THREADS:-2}" --hidden "${HIDDEN:-32}" --seed "$seed" --out "$out" >"$out/table.md"
  cat "$out/table.md"
  awk -F ' *[|] *' -v seed="$seed" '
    { parameters[$2] = $3; entropy[$2] = $6; ssim[$2] = $11 }
    function compare(other,    ok) {
      ok = entropy["ConvLSTM"] > 0 && entropy["ConvLSTM"] < entropy[other] && ssim["ConvLSTM"] > ssim[other]
      printf "%s: moving MNIST, seed %s: ConvLSTM %.1f nats a frame, SSIM %.3f; %s %.1f, %.3f\n", ok ? "passed" : "FAILED", seed,
        entropy["ConvLSTM"], ssim["ConvLSTM"], other, entropy[other], ssim[other]
      if (!ok) failed = 1
    }
    END {
      ratio = parameters["LSTM"] / parameters["ConvLSTM"]
      if (ratio < 0.98 || ratio > 1.02) { print "FAILED: numbers of parameters differ: " ratio; failed = 1 }
      compare("LSTM")
      compare("copy of the last frame")
      exit failed
    }' "$out/table.md" || failed=1
done
exit $failed
