"""The verdicts of `step-zero` on a recording, and how they compare with what must be found."""

import json
import pathlib
import re
import subprocess
import tempfile

PROGRAM = pathlib.Path(__file__).parent.parent / "target" / "debug" / "step-zero"


class Judge:
    """Runs `step-zero observe --recording` on recordings, through a file that goes away."""

    def __init__(self, program=PROGRAM):
        self.program = pathlib.Path(program)
        if not self.program.exists():
            raise FileNotFoundError(f"there is no program '{program}': build it with 'cargo build -p step-zero'")

    def verdicts(self, recording, condensed=None):
        """The verdicts, the heaviest first; `condensed` names a file for the recording's statistics."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "recording.safetensors"
            recording.save(path)
            return self.verdicts_of_file(path, condensed)

    def verdicts_of_file(self, path, condensed=None):
        """The same for a file."""
        command = [self.program, "observe", "--recording", path, "--format", "json"]
        command += ["--condense", condensed] if condensed else []
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"{path}: {done.stderr.strip()}")
        return json.loads(done.stdout)["verdicts"]


def findings(verdicts):
    """Errors and warnings."""
    return [verdict for verdict in verdicts if verdict["level"] != "note"]


def outcome(verdicts, expected):
    """'right', 'false alarm', 'miss', 'wrong first verdict' or 'wrong location'.

    The first expected finding must be the first verdict, and its first location must match; the others must be among
    the verdicts. Nothing expected: notes are allowed.
    """
    if not expected:
        return "false alarm" if findings(verdicts) else "right"
    for rule, location, _ in expected:
        if not any(_named(v["rule"], rule) for v in verdicts):
            return "miss"
    rule, location, _ = expected[0]
    if not _named(verdicts[0]["rule"], rule):
        return "wrong first verdict"
    return "right" if matches(verdicts[0]["locations"][0], location) else "wrong location"


def _named(rule, rules):
    return rule in rules.split("|")


def matches(name, patterns):
    """True if one of the patterns, joined by `|`, fits: `*` is any text, and everything else is itself."""
    return any(re.fullmatch(".*".join(map(re.escape, p.split("*"))), name, re.DOTALL) for p in patterns.split("|"))
