# Exported models of every task but transcribe, imported networks, and a matrix of recurrent layers, compute in ONNX Runtime what the program does, to 1e-5.
set -euo pipefail
tools/peers.sh
PYTHONDONTWRITEBYTECODE=1 build/peers/bin/python tests/golden/rebuild/exported.py "$RECUR" "$RECUR_OUT"
