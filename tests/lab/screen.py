"""A program in a real terminal multiplexer: keys go in, what it shows comes out as lines."""
import os
import subprocess
import time

from lab import LabError, until

# Every window with its own size, nothing of the user's configuration, no status line.
SETTINGS = "set -g status off\nset -g remain-on-exit on\n" \
           "set -g default-terminal screen-256color\n"


class Screen:
    """A tmux server of our own with one window that runs `command`; `with` ends it."""

    def __init__(self, lab, *command, cols=80, rows=24, **environment):
        self.cols, self.rows = cols, rows
        self.socket = lab.directory / f"tmux-{time.monotonic_ns()}"
        self.settings = self.socket.with_suffix(".conf")
        self.settings.write_text(SETTINGS, encoding="utf-8")
        names = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color", **environment}
        inside = [f"{name}={value}" for name, value in environment.items()]
        self.tmux("-f", self.settings, "new-session", "-d", "-x", cols, "-y", rows, "-s", "top",
                  "env", *inside, *command, environment=names)

    def tmux(self, *words, environment=None):
        done = subprocess.run(["tmux", "-S", self.socket, *(str(word) for word in words)],
                              capture_output=True, text=True, timeout=10, check=False,
                              env=environment or {**os.environ, "LANG": "C.UTF-8"})
        if done.returncode:
            raise LabError(f"tmux {words}: {done.stderr.strip()}")
        return done.stdout

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def close(self):
        """Ends what runs in it, and the server."""
        self.tmux("kill-server")
        self.settings.unlink()

    def lines(self):
        """What is on it now, a text a row, blanks at the ends of rows left out."""
        return self.tmux("capture-pane", "-p", "-t", "top").split("\n")[:self.rows]

    def raw(self):
        """The same with the escape sequences of colours."""
        return self.tmux("capture-pane", "-p", "-e", "-t", "top")

    def press(self, *keys):
        """Keys as tmux names them: q, Tab, Enter, C-c."""
        self.tmux("send-keys", "-t", "top", *keys)

    def resize(self, cols, rows):
        self.cols, self.rows = cols, rows
        self.tmux("resize-window", "-t", "top", "-x", cols, "-y", rows)

    def line(self, *words):
        """The first line with all these words in it; None where there is none."""
        return next((line for line in self.lines() if all(str(word) in line for word in words)), None)

    def await_line(self, *words, seconds=10):
        """Waits for a line with all these words; that line."""
        try:
            return until(lambda: self.line(*words), f"{words} on the screen", seconds)
        except LabError as error:
            raise LabError(f"{error}:\n" + "\n".join(self.lines())) from None

    def shell_says(self, field):
        """What tmux knows of the window's program: pane_dead, pane_dead_status, ..."""
        return self.tmux("display-message", "-p", "-t", "top", f"#{{{field}}}").strip()

    def await_end(self):
        """Waits until the program has ended; (exit status, signal), one of them None."""
        until(lambda: self.shell_says("pane_dead") == "1", "the program ends")
        number = [self.shell_says(name) for name in ("pane_dead_status", "pane_dead_signal")]
        return tuple(int(text) if text else None for text in number)
