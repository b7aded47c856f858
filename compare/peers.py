"""PyTorch, torch.compile and JAX at the work of `cargo xtask compare`.

    python -m venv venv && venv/bin/pip install torch jax numpy
    cargo xtask compare --python venv/bin/python

Run as `peers.py torch|compile|jax DATA THREADS`. The lines that are read and written are defined in
compare/shared/src/protocol.rs, the files of DATA and the sizes of the networks in compare/shared/src/data.rs.
"""

import math
import os
import sys
import time

VALUES, STEPS, BATCH, BINS = 1_000_000, 100, 32, 50
CLASSES, EMBEDDING, CONTEXT, HIDDEN = 27, 10, 3, 200
SEED, TRAINING_SEED, RATE = 42, 2_147_483_647, 0.1


def main():
    name, data, threads = sys.argv[1:]
    try:
        program = {"torch": Torch, "compile": Compiled, "jax": Jax}[name](data, int(threads))
    except Exception as error:
        return say(f"cannot {one_line(error)}")
    say(f"ready {program.version}")
    jobs = {}
    for line in sys.stdin:
        try:
            say(answer(program, jobs, *line.split()[1:]))
        except Exception as error:
            say(f"cannot {one_line(error)}")


def answer(program, jobs, work, rounds):
    """Does a work a number of times: `run` is timed, `numbers` condenses what the last run returned."""
    if work not in jobs:
        kind, _, size = work.partition("/")
        make = getattr(program, kind, None)
        jobs[work] = make(*map(int, size.split("x") if size else [])) if make else None
    if jobs[work] is None:
        return "lacks"
    run, numbers = jobs[work]
    seconds = []
    for _ in range(int(rounds)):
        began = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - began)
    return " ".join(["took", *map(repr, seconds), "gave", *(repr(float(x)) for x in numbers(result))])


def say(line):
    print(line, flush=True)


def one_line(error):
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


class Program:
    """The data files as numpy arrays."""

    def __init__(self, data):
        import numpy

        self.np, self.data = numpy, data

    def floats(self, name):
        return self.np.fromfile(os.path.join(self.data, name), dtype="<f4")

    def examples(self, name, context):
        """Inputs [examples, context] and targets."""
        both = self.np.fromfile(os.path.join(self.data, name), dtype="<u4").astype("int64")
        targets = len(both) // (context + 1)
        return both[:-targets].reshape(targets, context), both[-targets:]

    def places(self):
        places = self.np.fromfile(os.path.join(self.data, "places.u32"), dtype="<u4")
        return places.astype("int64").reshape(STEPS, BATCH)

    def parameters(self, name, inputs, hidden):
        """C, W1, b1, W2, …"""
        sizes = [inputs, *hidden, CLASSES]
        shapes = [(CLASSES, EMBEDDING)]
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            shapes += [(fan_in, fan_out), (fan_out,)]
        ends = self.np.cumsum([math.prod(shape) for shape in shapes])
        parts = self.np.split(self.floats(name), ends[:-1])
        return [part.reshape(shape).copy() for part, shape in zip(parts, shapes, strict=True)]

    def network(self, width, depth):
        return self.parameters(f"{width}x{depth}.f32", EMBEDDING, [width] * depth)

    def trained(self):
        return self.parameters("train.f32", CONTEXT * EMBEDDING, [HIDDEN])

    def digest(self, values):
        """Root mean square, first and last value."""
        values = self.np.asarray(values, dtype="float64").ravel()
        return [math.sqrt(self.np.mean(values**2)), values[0], values[-1]]

    def norm(self, tensors):
        return math.sqrt(sum(self.np.sum(self.np.asarray(t, dtype="float64") ** 2) for t in tensors))

    def spread(self, counts):
        """Root mean square of a histogram's counts."""
        return math.sqrt(self.np.mean(self.np.asarray(counts, dtype="float64") ** 2))


class Torch(Program):
    """PyTorch in its default mode: one operation after the other."""

    def __init__(self, data, threads):
        super().__init__(data)
        import torch

        torch.set_num_threads(threads)
        self.torch, self.version = torch, f"PyTorch {torch.__version__}"

    def tensors(self, arrays):
        return [self.torch.from_numpy(array) for array in arrays]

    def loss(self):
        """Mean cross-entropy of parameters on inputs and targets."""
        torch = self.torch

        def loss(parameters, inputs, targets):
            h = parameters[0][inputs].flatten(1)
            for w, b in zip(parameters[1:-2:2], parameters[2:-2:2]):
                h = torch.tanh(h @ w + b)
            logits = h @ parameters[-2] + parameters[-1]
            return torch.nn.functional.cross_entropy(logits, targets)

        return loss

    def step(self, width, depth):
        loss, batch = self.loss(), self.tensors(self.examples("lesson.u32", 1))
        parameters = self.tensors(self.network(width, depth))
        for p in parameters:
            p.requires_grad_()

        def run():
            for p in parameters:
                p.grad = None
            value = loss(parameters, *batch)
            value.backward()
            return value

        return run, lambda value: [value.item(), self.norm(p.grad for p in parameters)]

    def forward(self, width, depth):
        loss, batch = self.loss(), self.tensors(self.examples("lesson.u32", 1))
        parameters = self.tensors(self.network(width, depth))

        def run():
            with self.torch.no_grad():
                return loss(parameters, *batch)

        return run, lambda value: [value.item()]

    def train(self):
        torch, loss = self.torch, self.loss()
        inputs, targets = self.tensors(self.examples("names.u32", CONTEXT))
        start = self.tensors(self.trained())

        def run():
            generator = torch.Generator().manual_seed(TRAINING_SEED)
            parameters = [p.clone().requires_grad_() for p in start]
            losses = []
            for _ in range(STEPS):
                places = torch.randint(0, len(targets), (BATCH,), generator=generator)
                value = loss(parameters, inputs[places], targets[places])
                for p in parameters:
                    p.grad = None
                value.backward()
                for p in parameters:
                    p.data += -RATE * p.grad
                losses.append(value.item())
            return losses

        return run, lambda losses: [losses[0], losses[-1]]

    def ensemble(self, seeds, threads):
        """One seed after the other; larger ensembles take seconds per round."""
        if (seeds, threads) != (250, 1):
            return None
        torch, loss = self.torch, self.loss()
        batch = self.tensors(self.examples("lesson.u32", 1))
        sizes = [EMBEDDING, 100, 100, 100, CLASSES]
        shapes = [(CLASSES, EMBEDDING)]
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            shapes += [(fan_in, fan_out), (fan_out,)]

        def statistics(x):
            return x.mean(), x.std(), (x.abs() > 0.99).float().mean(), torch.histogram(x, BINS).hist

        def run():
            seen = []
            for seed in range(seeds):
                generator = torch.Generator().manual_seed(seed)
                parameters = [torch.randn(s, generator=generator, requires_grad=True) for s in shapes]
                h, layers = parameters[0][batch[0]].flatten(1), []
                for w, b in zip(parameters[1:-2:2], parameters[2:-2:2]):
                    pre = h @ w + b
                    h = torch.tanh(pre)
                    pre.retain_grad()
                    h.retain_grad()
                    layers.append((pre, h))
                logits = h @ parameters[-2] + parameters[-1]
                value = torch.nn.functional.cross_entropy(logits, batch[1])
                value.backward()
                with torch.no_grad():
                    report = [[statistics(x) for x in (pre, h, h.grad)] for pre, h in layers]
                    report += [[statistics(x) for x in (p, p.grad)] for p in parameters]
                seen.append((value.item(), report))
            return seen

        def mean(seen):
            last = [[loss, *report[2][1][1:3]] for loss, report in seen]
            return [float(x) for x in self.np.mean(last, axis=0)]

        return run, mean

    def normals(self):
        return self.draw("normal_")

    def uniforms(self):
        return self.draw("uniform_")

    def draw(self, name):
        values, generator = self.torch.empty(VALUES), self.torch.Generator()
        fill = getattr(values, name)
        return lambda: fill(generator=generator.manual_seed(SEED)), self.digest

    def tanh(self):
        x = self.torch.from_numpy(self.floats("normals.f32"))
        return lambda: self.torch.tanh(x), self.digest

    def statistics(self):
        torch, x = self.torch, self.torch.from_numpy(self.floats("activations.f32"))

        def run():
            beyond = (x.abs() > 0.99).float().mean()
            return x.mean(), x.std(), beyond, torch.histogram(x, BINS).hist

        return run, lambda all: [*all[1:3], self.spread(all[3])]

    def product(self, side):
        a, b = self.torch.from_numpy(self.floats("product.f32").reshape(2, side, side))
        return lambda: a @ b, self.digest


class Compiled(Torch):
    """torch.compile, which fuses operations into kernels: the lesson's own network and the training only."""

    def __init__(self, data, threads):
        # Compilers in separate processes would run while other programs are timed.
        os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"
        super().__init__(data, threads)
        self.version = f"torch.compile of PyTorch {self.torch.__version__}"

    def loss(self):
        return self.torch.compile(super().loss())

    def step(self, width, depth):
        return super().step(width, depth) if (width, depth) == (100, 3) else None

    ensemble = normals = uniforms = tanh = statistics = product = None


class Jax(Program):
    """JAX with everything under jax.jit."""

    def __init__(self, data, threads):
        super().__init__(data)
        import jax

        jax.config.update("jax_platforms", "cpu")
        self.jax, self.version = jax, f"JAX {jax.__version__}"

    def loss(self, parameters, inputs, targets):
        jnp = self.jax.numpy
        h = parameters[0][inputs].reshape(len(targets), -1)
        for w, b in zip(parameters[1:-2:2], parameters[2:-2:2]):
            h = jnp.tanh(h @ w + b)
        logits = h @ parameters[-2] + parameters[-1]
        chosen = jnp.take_along_axis(self.jax.nn.log_softmax(logits), targets[:, None], 1)
        return -chosen.mean()

    def arrays(self, arrays):
        return [self.jax.numpy.asarray(array) for array in arrays]

    def jitted(self, function, *arguments):
        jitted = self.jax.jit(function)
        return lambda: self.jax.block_until_ready(jitted(*arguments))

    def step(self, width, depth):
        parameters, batch = self.arrays(self.network(width, depth)), self.arrays(self.examples("lesson.u32", 1))
        run = self.jitted(self.jax.value_and_grad(self.loss), parameters, *batch)
        return run, lambda result: [result[0], self.norm(result[1])]

    def forward(self, width, depth):
        parameters, batch = self.arrays(self.network(width, depth)), self.arrays(self.examples("lesson.u32", 1))
        return self.jitted(self.loss, parameters, *batch), lambda value: [value]

    def train(self):
        """The batches are read from a file: this generator draws others."""
        inputs, targets = self.arrays(self.examples("names.u32", CONTEXT))
        start, batches = self.arrays(self.trained()), self.arrays(self.places())

        @self.jax.jit
        def step(parameters, places):
            value, gradients = self.jax.value_and_grad(self.loss)(parameters, inputs[places], targets[places])
            return value, [p - RATE * g for p, g in zip(parameters, gradients)]

        def run():
            parameters, losses = start, []
            for places in batches:
                value, parameters = step(parameters, places)
                losses.append(float(value))
            return losses

        return run, lambda losses: [losses[0], losses[-1]]

    def normals(self):
        return self.draw(self.jax.random.normal)

    def uniforms(self):
        return self.draw(self.jax.random.uniform)

    def draw(self, sample):
        return self.jitted(lambda key: sample(key, (VALUES,)), self.jax.random.key(SEED)), self.digest

    def tanh(self):
        return self.jitted(self.jax.numpy.tanh, self.jax.numpy.asarray(self.floats("normals.f32"))), self.digest

    def statistics(self):
        jnp = self.jax.numpy

        def all_of(x):
            beyond = (jnp.abs(x) > 0.99).mean()
            return x.mean(), x.std(ddof=1), beyond, jnp.histogram(x, BINS)[0]

        run = self.jitted(all_of, jnp.asarray(self.floats("activations.f32")))
        return run, lambda all: [*all[1:3], self.spread(all[3])]

    def product(self, side):
        a, b = self.arrays(self.floats("product.f32").reshape(2, side, side))
        return self.jitted(lambda a, b: a @ b, a, b), self.digest


if __name__ == "__main__":
    main()
