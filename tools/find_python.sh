#!/bin/sh
# Print the first Python that the course can use, or say in one sentence what is missing.
for candidate in "$PYTHON" python3 python3.13 python3.12 python3.11 python; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        if "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
            echo "$candidate"
            exit 0
        fi
        without_venv=$candidate
    fi
done
if [ -n "$without_venv" ]; then
    echo "error: $without_venv cannot make virtual environments; install its venv module (on Debian and Ubuntu: apt install python3-venv)." >&2
else
    echo "error: the course needs Python 3.11, 3.12 or 3.13 (TensorFlow has no newer build); install one, or name it: make PYTHON=/path/to/python3.12 ..." >&2
fi
exit 1
