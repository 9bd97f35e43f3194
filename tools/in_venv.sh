#!/bin/sh
# Run a program of .venv, wherever this system keeps it: in_venv.sh ruff check
for folder in .venv/bin .venv/Scripts; do
    if [ -x "$folder/$1" ] || [ -x "$folder/$1.exe" ]; then
        program=$folder/$1
        shift
        exec "$program" "$@"
    fi
done
echo "$1 is not installed in .venv here: run 'make setup' (on Windows see CONTRIBUTING.md)" >&2
exit 1
