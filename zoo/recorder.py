"""Recordings that keep every value, for oracles and for the program: `record` runs a model as `step_zero.observe` does.

    recording = record(model, inputs, loss, name="torchvision resnet18")
    recording.save("resnet18.safetensors")
"""

from step_zero.recorder import run

from copies import Copies
from recording import Recording


def record(model, inputs, loss=None, **options):
    """Runs a model once, forwards and backwards, and returns the `Recording`; `step_zero.observe` has the same arguments.

    Of a site with more than 4 million values only the first examples are kept.
    """
    copies = Copies()
    manifest, sites = run(model, inputs, loss, copies, **options)
    return Recording(manifest, copies.tensors(sites))
