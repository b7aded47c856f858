"""The cost of watching: time and memory of one forward and backward pass, plain and watched.

    pip install torchlens
    python python/benches/overhead.py [MODEL …]

Each way runs in a process of its own, with one thread; times are medians over turns in which all ways take part, and memory is
the median over processes. `hooks` are forward hooks that keep mean and std of every leaf module's output, computed by PyTorch.
`torchlens` is a trace of the forward pass alone, which keeps every operation's output and computes no statistics; ratios are of a
forward and backward pass all the same.
"""

import gc
import json
import statistics
import subprocess
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

TURNS = 5
PROCESSES = 5


def mlp():
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))
    return model, torch.randn(32, 64), classes(10)


def classes(count):
    return lambda out: F.cross_entropy(out, torch.arange(len(out)) % count)


def gpt2(layers, width, batch, length, vocabulary):
    from transformers import GPT2Config, GPT2LMHeadModel

    sizes = dict(n_layer=layers, n_embd=width, n_head=max(1, width // 64), vocab_size=vocabulary)
    model = GPT2LMHeadModel(GPT2Config(**sizes, n_positions=length))
    tokens = torch.randint(0, vocabulary, (batch, length))
    return model, dict(input_ids=tokens, labels=tokens), lambda out: out.loss


def llama(layers, width, batch, length, vocabulary):
    from transformers import LlamaConfig, LlamaForCausalLM

    sizes = dict(num_hidden_layers=layers, hidden_size=width, intermediate_size=4 * width, vocab_size=vocabulary)
    heads = max(1, width // 64)
    model = LlamaForCausalLM(LlamaConfig(**sizes, num_attention_heads=heads, num_key_value_heads=heads))
    tokens = torch.randint(0, vocabulary, (batch, length))
    return model, dict(input_ids=tokens, labels=tokens), lambda out: out.loss


def resnet18():
    from torchvision.models import resnet18

    return resnet18(), torch.randn(8, 3, 224, 224), classes(1000)


def vit_tiny():
    import timm

    return timm.create_model("vit_tiny_patch16_224"), torch.randn(8, 3, 224, 224), classes(1000)


MODELS = {
    "MLP": mlp,
    "GPT-2, 4 layers of 64": lambda: gpt2(4, 64, 4, 64, 512),
    "LLaMA, 4 layers of 64": lambda: llama(4, 64, 4, 64, 512),
    "ResNet-18, 8 images": resnet18,
    "ViT-tiny, 8 images": vit_tiny,
    "GPT-2, 8 layers of 512, 4×128": lambda: gpt2(8, 512, 4, 128, 10000),
    "LLaMA, 8 layers of 384, 4×256": lambda: llama(8, 384, 4, 256, 8000),
}


def plain(model, batch, loss):
    value = loss(model(**batch) if isinstance(batch, dict) else model(batch))
    value.backward()
    model.zero_grad()


def hooks(model, batch, loss):
    seen = {}

    def keep(name):
        def hook(module, args, output):
            if isinstance(output, torch.Tensor):
                seen[name] = output.detach().mean().item(), output.detach().std().item()

        return hook

    leaves = [(name, m) for name, m in model.named_modules() if not list(m.children())]
    handles = [module.register_forward_hook(keep(name)) for name, module in leaves]
    plain(model, batch, loss)
    for handle in handles:
        handle.remove()


def observed(model, batch, loss):
    import step_zero

    step_zero.observe(model, batch, loss)


def traced(model, batch, loss):
    import torchlens

    if isinstance(batch, dict):
        torchlens.trace(model, [], batch)
    else:
        torchlens.trace(model, batch)


WAYS = {"plain": plain, "hooks": hooks, "torchlens": traced, "step_zero": observed}


def status(field):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(field)) / 1024


def serve(name, way):
    """Runs one way of one model whenever a line comes in; prints the seconds and the megabytes that it took at the peak."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    arguments = MODELS[name]()
    parameters = sum(p.numel() for p in arguments[0].parameters())
    print(json.dumps(parameters), flush=True)
    for _ in sys.stdin:
        gc.collect()
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
        before, start = status("VmRSS"), time.perf_counter()
        WAYS[way](*arguments)
        print(json.dumps([time.perf_counter() - start, status("VmHWM") - before]), flush=True)


def turn(server):
    server.stdin.write("go\n")
    server.stdin.flush()
    return json.loads(server.stdout.readline())


def started(name, way):
    """A process that runs one way of one model, and the number of the model's parameters."""
    command = [sys.executable, __file__, "--serve", name, way]
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    server = subprocess.Popen(command, **pipes)
    return server, json.loads(server.stdout.readline())


def memory(name, way):
    """The megabytes of a first turn, when nothing was allocated before: the median over processes."""
    found = []
    for _ in range(PROCESSES):
        server, _ = started(name, way)
        found.append(turn(server)[1])
        server.kill()
    return statistics.median(found)


def measure(name):
    servers = {}
    for way in WAYS:
        servers[way], parameters = started(name, way)
        turn(servers[way])
    times = {way: [] for way in servers}
    for _ in range(TURNS):
        for way in times:
            times[way].append(turn(servers[way])[0])
    for server in servers.values():
        server.kill()
    result = {way: (statistics.median(all), memory(name, way)) for way, all in times.items()}
    ratios = {way: statistics.median(a / b for a, b in zip(all, times["plain"])) for way, all in times.items()}
    return parameters, result, ratios


def main():
    print("| model | parameters | plain | hooks | torchlens | `observe` | memory: plain | hooks | torchlens | `observe` |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name in sys.argv[1:] or MODELS:
        parameters, result, ratios = measure(name)
        times = [f"{1e3 * result['plain'][0]:.3g} ms"]
        times += [f"{ratios[way]:.2f}×" for way in list(WAYS)[1:]]
        memory = [f"{result['plain'][1]:.0f} MB"]
        memory += [f"{result[way][1] / result['plain'][1]:.2f}×" for way in list(WAYS)[1:]]
        print(f"| {name} | {parameters / 1e6:.2g} M | {' | '.join(times + memory)} |", flush=True)


if __name__ == "__main__":
    if "--serve" in sys.argv:
        serve(*sys.argv[-2:])
    else:
        main()
