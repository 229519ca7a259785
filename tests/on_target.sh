#!/usr/bin/env bash
# on_target.sh RECUR_TARGET=avx2|RECUR_KERNELS=ref PROGRAM ARGUMENT...: runs a test program with that backend. Where the CPU
# lacks its instructions the program would take others, which is no test: then the exit code is 77, skipped.
set -euo pipefail
choice=$1
shift

case $choice in
  RECUR_TARGET=avx2) needs="avx2 fma bmi2 f16c" ;;
  RECUR_TARGET=avx512) needs="avx512f avx512bw avx512cd avx512dq avx512vl" ;;
  RECUR_TARGET=amx) needs="amx_tile amx_bf16" ;;
  *) needs="" ;;
esac
for flag in $needs; do
  if ! grep -qm1 "^flags.* $flag\( \|$\)" /proc/cpuinfo; then
    echo "skipped: this CPU has no $flag, which $choice needs"
    exit 77
  fi
done
echo "with $choice"
export "${choice?}"
exec "$@"
