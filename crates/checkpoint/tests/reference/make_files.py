"""Files of weights as the libraries write them, with their values as PyTorch measures them.

Usage: make_files.py; writes the folder `files` beside this script. Needs torch, numpy, safetensors, transformers.
"""
import json
import pathlib
import shutil

import numpy
import safetensors.torch
import torch
import transformers

out = pathlib.Path(__file__).parent / "files"
shutil.rmtree(out, ignore_errors=True)
out.mkdir()
torch.set_num_threads(1)
torch.manual_seed(19)


def statistics(tensor):
    """In double precision, of the finite values."""
    x = tensor.detach().double()
    finite = x[torch.isfinite(x)]
    centred = finite - finite.mean() if finite.numel() else finite
    power = lambda p: centred.pow(p).mean().item() if finite.numel() else 0.0
    found = {
        "shape": list(x.shape),
        "nan": int(x.isnan().sum()),
        "infinite": int(x.isinf().sum()),
        "zeros": int((x == 0).sum()),
        "mean": finite.mean().item() if finite.numel() else 0.0,
        "moments": [power(2), power(3), power(4)],
        "min": finite.min().item() if finite.numel() else None,
        "max": finite.max().item() if finite.numel() else None,
    }
    if x.dim() >= 2 and x.numel() and torch.isfinite(x).all():
        lines = x.reshape(x.shape[0], -1)
        found["rows"] = lines.sum(1).tolist()
        found["row_squares"] = lines.square().sum(1).tolist()
        found["columns"] = lines.sum(0).tolist()
        found["column_squares"] = lines.square().sum(0).tolist()
    return found


expected = {}


def expect(file, tensors):
    judged = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
    expected[file] = {name: statistics(t) if t.dtype in judged else None for name, t in tensors.items()}


# Every type that PyTorch writes, and tensors without values.
dtypes = {
    "f64": torch.float64, "f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16,
    "i64": torch.int64, "i32": torch.int32, "i16": torch.int16, "i8": torch.int8, "u8": torch.uint8, "bool": torch.bool,
    "f8_e4m3": torch.float8_e4m3fn, "f8_e5m2": torch.float8_e5m2, "c64": torch.complex64,
}
every = {name: (torch.randn(5, 3) * 2).to(dtype) for name, dtype in dtypes.items()}
every |= {"scalar": torch.tensor(0.5), "empty": torch.zeros(0, 4), "conv": torch.randn(4, 3, 2, 2, dtype=torch.bfloat16)}
special = torch.randn(7, 9)
special[0, 0], special[3, 4], special[6, 8], special[2] = float("nan"), float("inf"), float("-inf"), 0.0
every["special"] = special
safetensors.torch.save_file(every, out / "every_type.safetensors", metadata={"format": "pt"})
expect("every_type.safetensors", every)

# A model in shards, written by transformers.
config = transformers.GPT2Config(vocab_size=50, n_positions=8, n_embd=12, n_layer=2, n_head=2)
model = transformers.GPT2LMHeadModel(config)
model.save_pretrained(out / "gpt2_shards", max_shard_size="8KB")
(out / "gpt2_shards" / "generation_config.json").unlink(missing_ok=True)
state = model.state_dict()
del state["lm_head.weight"]
expect("gpt2_shards", state)

# NumPy's.
arrays = {"f4": torch.randn(6, 5), "f8": torch.randn(3, dtype=torch.float64), "f2": torch.randn(2, 2).half(), "i8": torch.arange(4)}
numpy.savez(out / "arrays.npz", **{name: t.numpy() for name, t in arrays.items()})
numpy.savez_compressed(out / "compressed.npz", **{name: t.numpy() for name, t in arrays.items()})
numpy.save(out / "array.npy", arrays["f4"].numpy())
expect("arrays.npz", arrays)
expect("compressed.npz", arrays)
expect("array.npy", {"array": arrays["f4"]})
numpy.save(out / "fortran.npy", numpy.asfortranarray(numpy.ones((2, 3), "f4")))
numpy.save(out / "big_endian.npy", numpy.ones((2, 3), ">f4"))
numpy.save(out / "objects.npy", numpy.array([{}], dtype=object), allow_pickle=True)
numpy.save(out / "structured.npy", numpy.zeros(2, [("a", "<f4"), ("b", "<i8")]))

# PyTorch's own format, new and old.
torch.save({"w": torch.ones(2, 2)}, out / "zip.pt")
torch.save({"w": torch.ones(2, 2)}, out / "legacy.pth", _use_new_zipfile_serialization=False)

(out / "expected.json").write_text(json.dumps(expected) + "\n")
