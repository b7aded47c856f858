"""Two small GPT-2 models of transformers at their random initialisation, for the tests of `step-zero check` and docs/check.md.

    python make.py

`gpt2` is as the library draws it. In `gpt2-unscaled`, the projections that write to the residual stream are drawn without the
factor 1/sqrt(2 * layers), as transformers did until https://github.com/huggingface/transformers/pull/47459.
"""

from pathlib import Path

import safetensors.torch
import torch
from transformers import GPT2Config, GPT2LMHeadModel

HERE = Path(__file__).parent


def draw():
    torch.manual_seed(0)
    return GPT2LMHeadModel(
        GPT2Config(n_layer=3, n_embd=16, n_head=2, n_positions=32, vocab_size=64, bos_token_id=0, eos_token_id=0)
    )


def save(name, model):
    safetensors.torch.save_model(model, HERE / f"{name}.safetensors")


torch.set_num_threads(1)
save("gpt2", draw())
unscaled = draw()
with torch.no_grad():
    for name, weight in unscaled.named_parameters():
        if name.endswith("c_proj.weight"):
            weight.normal_(0, 0.02)
save("gpt2-unscaled", unscaled)
