# Every network rebuilt in PyTorch from docs/formats.md and a model file alone says what the program says, to 1e-6.
set -euo pipefail
tools/peers.sh
PYTHONDONTWRITEBYTECODE=1 build/peers/bin/python tests/golden/rebuild/rebuild.py "$RECUR" "$RECUR_OUT"
