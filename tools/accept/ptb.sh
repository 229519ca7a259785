#!/usr/bin/env bash
# Penn Treebank words, the small network of Zaremba, Sutskever and Vinyals, "Recurrent neural network regularization"
# (2014), set up as published: 2 layers of 200, unroll 20, batch 20, 13 epochs, rate 1 halved after each epoch from the
# 5th on. Published test perplexity 114.5, of its reference program 115.9; the bound is 116.
# data: ptb
set -euo pipefail
gunzip -c "$RECUR_DATA/ptb/ptb.train.txt.gz" >"$RECUR_OUT/ptb.train.txt"
"$RECUR" train lm "$RECUR_OUT/ptb.train.txt" --valid "$RECUR_DATA/ptb/ptb.valid.txt" --out "$RECUR_OUT/run" \
  --set tokens=words --hidden 200 --layers 2 --bptt 20 --batch 20 --epochs 13 --set init_range=0.1 \
  --optimizer sgd --lr 1 --clip 5 --set loss_scale=zaremba --set schedule=exponential --set hold=4 --set decay=0.5 \
  --set eval_batch=1 --seed "${SEED:-1}"
"$RECUR" evaluate "$RECUR_OUT/run" "$RECUR_DATA/ptb/ptb.test.txt" --json | tee "$RECUR_OUT/test.json"
"$(dirname "$0")"/../at_most.sh "test perplexity" perplexity "$RECUR_OUT/test.json" 116
