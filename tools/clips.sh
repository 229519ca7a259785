#!/usr/bin/env bash
# For the acceptance tests of `recognize`: makes clips of data as they were collected. To be sourced.
python=${PYTHON:-$tools/../build/peers/bin/python}

# make_clips KIND FOLDER [PACKAGES]: those of tools/accept/clips.py, into RECUR_OUT.
make_clips() {
  if ! "$python" -c "import ${3:-numpy}" 2>/dev/null; then
    echo "$1: $python has no ${3:-numpy}; tools/packages.sh peers installs it, or set PYTHON" >&2
    exit 1
  fi
  "$python" "$tools/accept/clips.py" "$1" "$RECUR_DATA/$2" "$RECUR_OUT"
}
