#!/bin/sh
# Print the path of a Python that can build .venv; or name what this machine lacks and the command that installs it.
# PYTHON=/path/to/python3 chooses one.

package() { # package APT DNF APK PACMAN BREW: the command that installs it here
    if command -v apt-get >/dev/null; then echo "sudo apt-get install $1"
    elif command -v dnf >/dev/null; then echo "sudo dnf install $2"
    elif command -v apk >/dev/null; then echo "sudo apk add $3"
    elif command -v pacman >/dev/null; then echo "sudo pacman -S $4"
    elif command -v brew >/dev/null; then echo "brew install $5"
    else echo "install your system's package $1"
    fi
}

lacks() { # lacks WHAT COMMAND
    echo "sdd needs $1." >&2
    echo "  $2" >&2
    missing=yes
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

if [ -n "$PYTHON" ]; then
    set -- "$PYTHON"
else
    set -- python3 python3.14 python3.13 python3.12 python3.11 python
fi
python=
for name; do
    if [ -z "$python" ] && command -v "$name" >/dev/null && new_enough "$name"; then
        python=$(command -v "$name")
    fi
done

missing=
if [ -z "$python" ]; then
    lacks "Python 3.11 or newer (looked for: $*)" \
        "$(package 'python3 python3-venv' python3 python3 python python3) (or say where it is: make PYTHON=/path/to/python3)"
elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    minor=$("$python" -c 'import sys; print("3.%d" % sys.version_info[1])')
    lacks "the venv module of $python" "$(package "python$minor-venv" python3 python3 python python3)"
fi
command -v git >/dev/null || lacks git "$(package git git git git git)"
command -v ssh-keygen >/dev/null ||
    lacks ssh-keygen "$(package openssh-client openssh-clients openssh-keygen openssh openssh)"

[ -z "$missing" ] && echo "$python"
