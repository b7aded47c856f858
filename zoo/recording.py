"""A recording: what one forward and backward pass of a model looked like, in Step Zero's format."""

import dataclasses
import json

import torch
from safetensors import safe_open
from safetensors.torch import save_file

VERSION = "1"


@dataclasses.dataclass
class Recording:
    """The manifest, and the tensors by name: values/SITE, gradient/SITE, parameter/NAME, parameter_gradient/NAME."""

    manifest: dict
    tensors: dict

    def site(self, id):
        return next(site for site in self.manifest["sites"] if site["id"] == id)

    def save(self, path):
        """Writes a safetensors file."""
        text = json.dumps(self.manifest, indent=1, allow_nan=False).encode()
        manifest = torch.frombuffer(bytearray(text), dtype=torch.uint8)
        save_file(
            {"manifest": manifest, **self.tensors},
            path,
            metadata={"format": "step-zero-recording", "version": VERSION},
        )


def load(path):
    """Reads a recording that `save` wrote."""
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        if file.metadata() != {"format": "step-zero-recording", "version": VERSION}:
            raise ValueError(f"{path} is not a recording of version {VERSION}: its metadata are {file.metadata()}")
    return Recording(json.loads(bytes(tensors.pop("manifest").numpy())), tensors)
