"""Checks of the recorder: `python -m unittest` in this directory."""

import copy
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import torch.nn.functional as F
from torch import nn

import models
from recorder import record
from recording import load
from validate import problems

torch.set_num_threads(1)


def built(name, mode="train"):
    torch.manual_seed(0)
    model, inputs, loss = models.MODELS[name]()
    return model.train(mode == "train"), inputs, loss


def called(model, inputs):
    return model(**inputs) if isinstance(inputs, dict) else model(*inputs)


def hooked(model, inputs, loss):
    """Values and gradients of every leaf module's output, by plain hooks, in a copy that writes nothing in place."""
    model = copy.deepcopy(model)
    for module in model.modules():
        if hasattr(module, "inplace"):
            module.inplace = False
    seen = {}

    def keep(name, calls):
        def hook(module, args, output):
            if isinstance(output, torch.Tensor) and output.requires_grad:
                calls.append(None)
                output.retain_grad()
                seen[name if len(calls) == 1 else f"{name}@{len(calls)}"] = (output.detach().clone(), output)

        return hook

    for name, module in model.named_modules():
        if not list(module.children()):
            module.register_forward_hook(keep(name, []))
    with torch.random.fork_rng():
        value = loss(called(model, inputs))
    value.backward()
    parameters = {name: p.grad for name, p in model.named_parameters()}
    return value.item(), seen, parameters


class AgainstPlainHooks(unittest.TestCase):
    """What is recorded equals what hooks of another kind see, and what `backward` leaves in the parameters."""

    def check(self, name, least):
        recording = record(*built(name, "eval"))
        value, seen, parameters = hooked(*built(name, "eval"))
        self.assertAlmostEqual(recording.manifest["loss"]["value"], value, places=5)
        sites = [s["id"] for s in recording.manifest["sites"] if s["id"] in seen]
        self.assertGreaterEqual(len(sites), least)
        for id in sites:
            values, output = seen[id]
            recorded = recording.tensors[f"values/{id}"]
            torch.testing.assert_close(recorded.reshape(values.shape), values, rtol=1e-4, atol=1e-5, msg=id)
            self.same_gradient(recording.tensors[f"gradient/{id}"], output.grad, id)
        for parameter, gradient in parameters.items():
            if gradient is not None:
                self.same_gradient(recording.tensors[f"parameter_gradient/{parameter}"], gradient, parameter)

    def same_gradient(self, recorded, gradient, name):
        """Equal up to the rounding of two orders of adding, which is relative to the largest gradient."""
        scale = gradient.abs().max().item()
        torch.testing.assert_close(recorded.reshape(gradient.shape), gradient, rtol=1e-3, atol=1e-3 * scale, msg=name)

    def test_resnet(self):
        self.check("resnet18", 60)

    def test_gpt2(self):
        self.check("gpt2-4", 32)

    def test_llama(self):
        self.check("llama", 83)

    def test_unet(self):
        self.check("unet", 35)

    def test_a_wrong_value_is_found(self):
        with self.assertRaises(AssertionError):
            self.same_gradient(torch.ones(3), torch.tensor([1.0, 1.0, 1.01]), "x")


class LeavesEverythingUnchanged(unittest.TestCase):
    def test_state(self):
        for name in ("resnet18", "lora", "lstm", "efficientnet-b0"):
            model, inputs, loss = built(name)
            next(model.parameters()).grad = torch.ones_like(next(model.parameters()))
            before = copy.deepcopy((model.state_dict(), [p.grad for p in model.parameters()]))
            flags = [p.requires_grad for p in model.parameters()], [m.training for m in model.modules()]
            random = torch.get_rng_state()
            record(model, inputs, loss)
            self.assertTrue(torch.equal(random, torch.get_rng_state()), name)
            for key, value in model.state_dict().items():
                self.assertTrue(torch.equal(value, before[0][key]), f"{name}: {key}")
            self.assertEqual([None if g is None else g.sum() for g in before[1]],
                             [None if p.grad is None else p.grad.sum() for p in model.parameters()])  # fmt: skip
            self.assertEqual(
                flags, ([p.requires_grad for p in model.parameters()], [m.training for m in model.modules()])
            )

    def test_the_loss_is_that_of_a_plain_run_with_its_dropout(self):
        for name in ("gpt2-4", "bert", "transformer-encoder"):
            model, inputs, loss = built(name)
            recorded = record(model, inputs, loss).manifest["loss"]["value"]
            self.assertAlmostEqual(recorded, loss(called(model, inputs)).item(), places=4, msg=name)


class Format(unittest.TestCase):
    def test_small_models_obey_it(self):
        for name in ("vgg16-bn", "swin-tiny", "t5", "mamba", "siren", "lora", "lstm", "dcgan-discriminator"):
            self.assertEqual(problems(record(*built(name))), [], name)

    def test_a_broken_manifest_is_rejected(self):
        recording = record(*built("mlp-tanh"))
        breaks = [
            lambda m: m["sites"][1]["inputs"].append({"site": "layers.5"}),
            lambda m: m["sites"][1].update(weight="nothing"),
            lambda m: m["sites"][1]["axes"].append("unit"),
            lambda m: m["sites"][2].pop("function"),
            lambda m: m["parameters"][0].update(role="matrix"),
            lambda m: m["sites"][2].update(id="layers.0"),
        ]
        for damage in breaks:
            broken = copy.deepcopy(recording)
            damage(broken.manifest)
            self.assertNotEqual(problems(broken), [])

    def test_half_precision_is_kept(self):
        model, inputs, loss = built("gpt2-4")
        recording = record(model.bfloat16(), inputs, loss)
        self.assertEqual(problems(recording), [])
        self.assertEqual({s["dtype"] for s in recording.manifest["sites"]}, {"bf16"})

    def test_a_file_reads_back(self):
        recording = record(*built("mlp-relu"))
        with tempfile.TemporaryDirectory() as folder:
            recording.save(pathlib.Path(folder) / "x.safetensors")
            again = load(pathlib.Path(folder) / "x.safetensors")
        self.assertEqual(again.manifest, recording.manifest)
        self.assertEqual(set(again.tensors), set(recording.tensors))


class Sites(unittest.TestCase):
    """The kinds, roles, axes and layouts that rules depend on."""

    @classmethod
    def setUpClass(cls):
        cls.gpt2, cls.resnet = record(*built("gpt2-4")), record(*built("resnet18"))

    def parameter(self, recording, name):
        return next(p for p in recording.manifest["parameters"] if p["name"] == name)

    def test_a_projected_shortcut_is_the_stream(self):
        inputs = self.resnet.site("layer2.0 (residual sum)")["inputs"]
        self.assertEqual({i["site"]: i["role"] for i in inputs},
                         {"layer2.0.bn2": "branch", "layer2.0.downsample.1": "stream"})  # fmt: skip

    def test_attention_is_opened(self):
        scores = self.gpt2.site("transformer.h.0.attn (scores)")
        self.assertEqual(scores["axes"], ["example", "position", "position", "unit"])
        self.assertTrue(torch.isfinite(self.gpt2.tensors["values/transformer.h.0.attn (scores)"]).all())
        rows = self.gpt2.tensors["values/transformer.h.0.attn (softmax)"].sum(-1)
        torch.testing.assert_close(rows, torch.ones_like(rows))

    def test_layouts(self):
        packed = self.parameter(self.gpt2, "transformer.h.0.attn.c_attn.weight")
        self.assertEqual((packed["axes"], packed["blocks"]), (["in", "out"], 3))
        self.assertEqual(self.parameter(self.gpt2, "transformer.wte.weight")["role"], "embedding")
        strided = self.parameter(self.resnet, "layer2.0.conv1.weight")
        self.assertEqual((strided["axes"], strided["stride"]), (["out", "in", "kernel", "kernel"], [2, 2]))

    def test_a_parametrised_weight_is_what_the_layer_multiplies_by(self):
        torch.manual_seed(0)
        layer = nn.utils.parametrizations.weight_norm(nn.Linear(8, 4))
        layer.parametrizations.weight.original1.data.mul_(0.01)
        recording = record(nn.Sequential(layer, nn.Tanh()), torch.randn(3, 8), lambda y: y.square().sum())
        torch.testing.assert_close(recording.tensors["parameter/0.weight"], layer.weight.detach())
        self.assertEqual(recording.tensors["parameter_gradient/0.weight"].shape, (4, 8))

    def test_names_of_functions(self):
        self.assertEqual(self.gpt2.site("transformer.h.0.mlp.act")["function"], "gelu_tanh")
        llama = record(*built("llama"))
        self.assertEqual(llama.site("model.layers.0.input_layernorm")["norm"], "rms")
        self.assertEqual(llama.site("model.layers.0.mlp.act_fn")["function"], "silu")

    def test_values_are_those_before_a_write_in_place(self):
        values = self.resnet.tensors["values/bn1"]
        self.assertLess(values.min().item(), 0)
        torch.testing.assert_close(self.resnet.tensors["values/relu"], F.relu(values))

    def test_what_runs_out_of_sight_is_said(self):
        class Hidden(nn.Module):
            def __init__(self):
                super().__init__()
                self.seen, self.idle = nn.Linear(4, 4), nn.Linear(4, 4)

            def forward(self, x):
                return self.seen(x)

        recording = record(Hidden(), torch.randn(3, 4), lambda output: F.mse_loss(output, torch.zeros(3, 4)))
        self.assertEqual(recording.manifest["out_of_sight"], ["idle.bias", "idle.weight"])

    def test_a_custom_function_that_hides_a_parameter(self):
        class Product(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x, weight):
                ctx.save_for_backward(x, weight)
                return x.clone() @ weight

            @staticmethod
            def backward(ctx, gradient):
                x, weight = ctx.saved_tensors
                return gradient @ weight.T, x.T @ gradient

        class Custom(nn.Module):
            def __init__(self):
                super().__init__()
                self.weight, self.out = nn.Parameter(torch.randn(4, 5)), nn.Linear(5, 3)

            def forward(self, x):
                with torch._C.DisableTorchFunction():
                    hidden = Product.apply(x, self.weight)
                return self.out(hidden)

        recording = record(Custom(), torch.randn(3, 4), lambda output: F.mse_loss(output, torch.zeros(3, 3)))
        self.assertEqual(recording.manifest["out_of_sight"], ["weight"])
        self.assertEqual([s["kind"] for s in recording.manifest["sites"]], ["input", "other", "linear"])
        self.assertEqual(problems(recording), [])

    def test_callers_without_gradients(self):
        for mode in (torch.no_grad, torch.inference_mode):
            model, inputs, loss = built("mlp-relu")
            with mode():
                recording = record(model, tuple(t.clone() for t in inputs), loss)
            self.assertIn("gradient/layers.0", recording.tensors)

    def test_a_loss_that_is_not_finite_is_null(self):
        model, inputs, loss = built("mlp-relu")
        nn.init.constant_(model.layers[0].bias, float("nan"))
        with tempfile.TemporaryDirectory() as folder:
            record(model, inputs, loss).save(pathlib.Path(folder) / "x.safetensors")
            self.assertIsNone(load(pathlib.Path(folder) / "x.safetensors").manifest["loss"]["value"])

    def test_a_loop_with_a_state_is_one_site(self):
        mamba = record(*built("mamba"))
        self.assertEqual(mamba.site("backbone.layers.0.mixer (concat)")["kind"], "recurrent")
        self.assertLess(len(mamba.manifest["sites"]), 200)


class CommandLine(unittest.TestCase):
    def test_a_pattern_that_matches_nothing(self):
        for command in ("record", "faults"):
            run = [sys.executable, "run.py", command, "--out", tempfile.gettempdir(), "--only", "nothing-*"]
            done = subprocess.run(run, cwd=pathlib.Path(__file__).parent, capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
            self.assertIn("nothing-*", done.stderr)


class CurvatureTest(unittest.TestCase):
    """The power method against the eigenvalues of the whole matrix."""

    def test_of_a_network_with_two_layers(self):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3)).double()
        x, y = torch.randn(6, 5).double(), torch.tensor([0, 1, 2, 2, 1, 0])
        recording = record(model, x, lambda out: F.cross_entropy(out, y), learning_rate=0.1, curvature=True)
        parameters = dict(model.named_parameters())
        jacobian = torch.func.jacrev(lambda p: torch.func.functional_call(model, p, (x,)))(parameters)
        jacobian = torch.cat([jacobian[name].flatten(2) for name in parameters], 2)
        p = model(x).softmax(1)
        by_logits = (torch.diag_embed(p) - p[:, :, None] * p[:, None]) / len(x)
        matrix = torch.einsum("nci,ncd,ndj->ij", jacobian, by_logits, jacobian)
        largest = torch.linalg.eigvalsh(matrix)[-1].item()
        self.assertLessEqual(recording.manifest["curvature"], largest * (1 + 1e-12))
        self.assertGreater(recording.manifest["curvature"], largest * 0.98)

    def test_it_needs_a_loss(self):
        with self.assertRaisesRegex(ValueError, "needs `loss`"):
            record(nn.Linear(2, 2), torch.zeros(1, 2), curvature=True)


if __name__ == "__main__":
    unittest.main()
