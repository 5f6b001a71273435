"""Writes evaluation.json: the measures of src/sae/*-stats.ts by NumPy in float64, on SAELens' own latent values and reconstructions.

python3 make-evaluation-truth.py
"""

import json
import pathlib
import struct

import numpy as np

HERE = pathlib.Path(__file__).parent
NAMES = ["standard", "standard-nobdec", "topk", "jumprelu", "batchtopk"]


def read(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, info in header.items():
        assert info["dtype"] == "F32"
        start, end = (8 + length + at for at in info["data_offsets"])
        tensors[name] = np.frombuffer(data[start:end], "<f4").reshape(info["shape"]).astype(np.float64)
    return tensors


def measures(x, acts, recon):
    error = ((x - recon) ** 2).sum(1)
    variation = ((x - x.mean(0)) ** 2).sum(1)
    norm_in, norm_out = np.linalg.norm(x, axis=1), np.linalg.norm(recon, axis=1)
    dots = (x * recon).sum(1)
    active = acts > 0
    fired = active.sum(0)
    l0 = np.sort(active.sum(1))
    return {
        "meanSquaredError": ((x - recon) ** 2).mean(),
        "cosineSimilarity": (dots / (norm_in * norm_out)).mean(),
        "relativeNorm": (norm_out / norm_in).mean(),
        "relativeReconstructionBias": (norm_out**2).mean() / dots.mean(),
        "explainedVariancePerRow": (1 - error / variation).mean(),
        "explainedVariance": 1 - error.sum() / variation.sum(),
        "l0": {
            "mean": l0.mean(),
            "p50": int(np.quantile(l0, 0.5, method="inverted_cdf")),
            "p95": int(np.quantile(l0, 0.95, method="inverted_cdf")),
        },
        "dead": int((fired == 0).sum()),
        "frequency": active.mean(0).tolist(),
        "max": acts.max(0).tolist(),
        "meanWhenActive": [acts[active[:, k], k].mean() if fired[k] else 0.0 for k in range(acts.shape[1])],
        # half decades of log10 frequency, upper bound 1
        "density": np.histogram(
            np.log10(active.mean(0)[fired > 0]),
            bins=np.arange(-int(np.ceil(2 * np.log10(len(x)))), 1) / 2,
        )[0].tolist(),
    }


def main():
    x = next(iter(read(HERE / "x.safetensors").values()))
    truth = {}
    for name in NAMES:
        expected = read(HERE / name / "expected.safetensors")
        truth[name] = measures(x, expected["acts"], expected["recon"])
    (HERE / "evaluation.json").write_text(json.dumps(truth) + "\n")


main()
