"""The Python package on real models and planted faults: one call for the first verdict, one to mend it."""

import math
import os
import unittest

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import step_zero as sz
import torch

import models
from faults import FAULTS
from judge import matches

torch.set_num_threads(1)

def built(build, seed=0):
    torch.manual_seed(seed)
    return build()


def is_small(fault):
    return fault.expected and fault.model.startswith(("mlp", "lstm", "rezero", "siren", "autoencoder", "residual", "gpt2-4"))


class Faults(unittest.TestCase):
    def test_the_first_verdict_is_right_and_advice_heals(self):
        mended = 0
        for fault in (fault for fault in FAULTS if is_small(fault)):
            with self.subTest(fault.name):
                model, inputs, loss = built(fault.build)
                report = sz.observe(model, inputs, loss, name=fault.name)
                rule, location, _ = fault.expected[0]
                self.assertIn(report.verdicts[0].rule, rule.split("|"))
                self.assertTrue(matches(report.verdicts[0].location, location), report.verdicts[0].location)
                if not any(verdict.fixes for verdict in report.findings):
                    continue
                fixed = report.fix(model)
                before, after = len(report.findings), len(fixed.after.findings)
                self.assertLess(after, before, fixed)
                self.assertTrue(math.isfinite(fixed.after.loss))
                mended += after == 0
        self.assertGreaterEqual(mended, 10)


class Healthy(unittest.TestCase):
    def test_nothing_is_found(self):
        for name in "resnet18 unet gpt2-4 llama transformer-encoder siren lstm".split():
            with self.subTest(name):
                model, inputs, loss = built(models.MODELS[name])
                self.assertEqual(sz.observe(model, inputs, loss, name=name).findings, [])


if __name__ == "__main__":
    unittest.main()
