"""Checks of the models, the planted faults and the fixes: `python -m unittest` in this directory."""

import csv
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from torch import nn

from step_zero import fixes
import networks
from faults import EXTRA, FAULTS
from judge import Judge, matches, outcome
from models import MODELS
from recorder import record
from validate import problems

torch.set_num_threads(1)

RULES = set(
    "not-finite uninitialised-memory symmetric-units duplicate-tensors rank-one offset zero-gradient dead-units "
    "saturated saturated-softmax wrong-gain biased stream-growth branch-unscaled vanishing-activations "
    "exploding-activations vanishing-gradients exploding-gradients wrong-distribution overconfident-logits "
    "constant-output unnormalised-input embedding-scale half-precision-range norm-weight saturated-gates".split()
)
UNTOUCHED = {
    "encoder-layers-are-copies",
    "default-gelu-20-layers",
    "sigmoid-by-default",
    "batch-norm-60-layers",
    "residual-mlp-without-scaling",
}


def built(build):
    torch.manual_seed(0)
    return build()


class Faults(unittest.TestCase):
    def test_there_are_enough(self):
        self.assertGreaterEqual(len(MODELS), 24)
        self.assertGreaterEqual(sum(bool(fault.expected) for fault in FAULTS), 45)
        self.assertEqual(len({fault.name for fault in FAULTS}), len(FAULTS))

    def test_rules_are_named_as_the_program_names_them(self):
        for fault in FAULTS:
            for rule, _, _ in fault.expected:
                self.assertLessEqual(set(rule.split("|")), RULES, fault.name)

    def test_every_rule_that_values_alone_can_break_is_broken_somewhere(self):
        planted = {word for fault in FAULTS for rule, _, _ in fault.expected for word in rule.split("|")}
        self.assertEqual(RULES - planted, {"wrong-distribution"})

    def test_every_fault_changes_its_model_or_its_input(self):
        for fault in FAULTS:
            if fault.expected and fault.name not in UNTOUCHED:
                plain, planted = built(MODELS.get(fault.model) or EXTRA[fault.model]), built(fault.build)
                self.assertFalse(self.same(plain, planted), fault.name)

    def same(self, plain, planted):
        pairs = zip(plain[0].state_dict().values(), planted[0].state_dict().values(), strict=True)
        same = all(torch.equal(a, b) for a, b in pairs)
        return same and (isinstance(plain[1], dict) or torch.equal(plain[1][0], planted[1][0]))

    def test_every_location_exists(self):
        """Small models only: their recordings take seconds together."""
        for fault in FAULTS:
            if fault.model.startswith(("mlp", "lstm", "rezero", "siren", "autoencoder", "residual", "gpt2-4", "unet")):
                manifest = record(*built(fault.build)).manifest
                names = [s["id"] for s in manifest["sites"]] + [p["name"] for p in manifest["parameters"]] + ["network"]
                for _, location, _ in fault.expected:
                    for pattern in location.split("|"):
                        self.assertTrue([n for n in names if matches(n, pattern)], f"{fault.name}: {pattern}")


class Models(unittest.TestCase):
    def test_all_run_in_evaluation_mode_and_obey_the_format(self):
        for name, build in MODELS.items():
            model, inputs, loss = built(build)
            recording = record(model.eval(), inputs, loss)
            self.assertEqual(problems(recording), [], name)
            self.assertEqual(recording.manifest["out_of_sight"], [], name)
            unknown = [s["id"] for s in recording.manifest["sites"] if s.get("function", "") is None]
            self.assertEqual(unknown, [], name)

    def test_a_seed_gives_the_same_numbers_again(self):
        first, second = (record(*built(MODELS["dcgan-generator"])) for _ in range(2))
        for name, tensor in first.tensors.items():
            self.assertTrue(torch.equal(tensor, second.tensors[name]), name)


class Outcomes(unittest.TestCase):
    def verdict(self, rule, location, level="warning"):
        return {"rule": rule, "locations": [location], "level": level}

    def test_of_a_healthy_model(self):
        note, warning = self.verdict("few-examples", "network", "note"), self.verdict("offset", "fc")
        self.assertEqual(
            [outcome(found, []) for found in ([], [note], [warning, note])], ["right", "right", "false alarm"]
        )

    def test_of_a_fault(self):
        expected = [("offset|biased", "layers.3*|fc", ""), ("wrong-gain", "*", "")]
        gain = self.verdict("wrong-gain", "network", "note")
        for first, result in [
            (("biased", "layers.3"), "right"),
            (("biased", "layers.2"), "wrong location"),
            (("wrong-gain", "fc"), "wrong first verdict"),
        ]:
            self.assertEqual(outcome([self.verdict(*first), self.verdict("offset", "x"), gain], expected), result)
        self.assertEqual(outcome([self.verdict("offset", "fc")], expected), "miss")
        self.assertEqual(outcome([], expected), "miss")

    def test_patterns(self):
        self.assertTrue(matches("h.3.attn (residual sum)", "x|h.*.attn (*)"))
        self.assertFalse(matches("hx3", "h.3"))
        self.assertFalse(matches("fc.weight", "fc"))

    def test_a_program_that_is_not_there(self):
        with self.assertRaisesRegex(FileNotFoundError, "cargo build"):
            Judge("/nowhere/step-zero")


class Fixes(unittest.TestCase):
    def model(self):
        torch.manual_seed(0)
        return networks.Mlp([8, 32, 4], nn.ReLU)

    def weight(self, fix):
        model = self.model()
        fixes.apply(model, (torch.randn(3, 8),), [{"parameters": ["layers.0.weight"], **fix}])
        return self.model().layers[0].weight, model.layers[0].weight

    def test_each_kind(self):
        before, after = self.weight({"kind": "scale", "factor": 2.0})
        self.assertTrue(torch.equal(after, 2 * before))
        self.assertTrue((self.weight({"kind": "set", "value": 0.5})[1] == 0.5).all())
        centred = self.weight({"kind": "centre", "factor": 3.0})[1]
        self.assertLess(centred.mean().abs().item(), 1e-7)
        self.assertAlmostEqual((centred.std() / before.std()).item(), 3.0, places=5)
        redrawn = self.weight({"kind": "redraw"})[1]
        self.assertLess(abs(redrawn.std().item() / 8**-0.5 - 1), 4 / (2 * redrawn.numel()) ** 0.5)

    def test_a_parametrised_weight(self):
        layer = torch.nn.utils.parametrizations.weight_norm(nn.Linear(4, 4))
        before = layer.weight.detach().clone()
        fixes.apply(nn.Sequential(layer), None, [{"kind": "scale", "parameters": ["0.weight"], "factor": 3.0}])
        torch.testing.assert_close(layer.weight.detach(), 3 * before)

    def test_fan_in_follows_the_layout(self):
        layer = nn.ConvTranspose2d(16, 8, 4, stride=2)
        self.assertAlmostEqual(fixes.default_std(layer.weight, layer), (16 * 16 / 4) ** -0.5)

    def test_of_two_fixes_the_first_counts(self):
        model = self.model()
        both = [{"kind": "scale", "parameters": ["layers.0.weight"], "factor": f} for f in (2.0, 3.0)]
        fixes.apply(model, (torch.randn(3, 8),), both)
        self.assertTrue(torch.equal(model.layers[0].weight, 2 * self.model().layers[0].weight))

    def test_inputs_are_normalised(self):
        images = torch.rand(4, 3, 8, 8) * 255
        fix = {"kind": "normalise_input", "site": "input", "mean": 100.0, "std": 50.0}
        (normal,) = fixes.apply(self.model(), (images,), [fix])
        torch.testing.assert_close(normal, (images - 100) / 50)

    def test_a_name_that_does_not_exist(self):
        with self.assertRaisesRegex(ValueError, "layers.9.weight"):
            fixes.apply(self.model(), (), [{"kind": "set", "value": 0.0, "parameters": ["layers.9.weight"]}])

    def test_a_factor_that_is_no_number(self):
        with self.assertRaisesRegex(ValueError, "layers.0.weight has the number None"):
            self.weight({"kind": "scale", "factor": None})

    def test_an_unknown_kind(self):
        with self.assertRaisesRegex(ValueError, "'shrink'"):
            fixes.apply(self.model(), (), [{"kind": "shrink", "parameters": ["layers.0.weight"]}])


class CommandLine(unittest.TestCase):
    def test_faults_come_with_what_must_be_found(self):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "run.py", "faults", "--out", folder, "--only", "*saturated*layer*"]
            subprocess.run(command, cwd=pathlib.Path(__file__).parent, check=True, capture_output=True)
            with open(pathlib.Path(folder) / "expected.csv") as file:
                rows = list(csv.DictReader(file))
            self.assertEqual([(r["file"], r["rule"]) for r in rows], [("one-saturated-layer.safetensors", "saturated")])
            self.assertTrue((pathlib.Path(folder) / rows[0]["file"]).exists())


if __name__ == "__main__":
    unittest.main()
