"""A model for the real Piper, small enough to be built in a test: it hums as long as its phonemes take.

It has the inputs and the output of every Piper voice. Its voice is a tone whose pitch depends on the phonemes, beginning
and ending abruptly, with silence before and after, so that trimming and joining have something to do.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, helper, numpy_helper, save_model

RATE = 22_050
PHONEME = RATE // 25  # samples
BEFORE, AFTER = RATE // 10, RATE // 5  # samples of silence
SOUNDS = "abcdefghijklmnopqrstuvwxyz ,.?!;:-'ˈˌːəɪɛɔʊʌæɑɐɚɜɝɡŋɲʃʒθðɹɾʔɫᵻɒɬɣβχçøœʁʎ̪̩̃"


def build(folder: Path, language: str, *, loudness: float = 0.5) -> Path:
    """The model file NAME.onnx, its description beside it. `language`: as espeak-ng names it ("id", "en-us")."""
    model = folder / f"{language}.onnx"
    save_model(_model(loudness), model)
    ids = {sound: [number] for number, sound in enumerate(SOUNDS, 3)}
    described = {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": language},
        "phoneme_type": "espeak",
        "num_symbols": len(ids) + 3,
        "num_speakers": 1,
        "phoneme_id_map": {"_": [0], "^": [1], "$": [2], **ids},
    }
    model.with_name(f"{model.name}.json").write_text(json.dumps(described))
    return model


def _model(loudness: float) -> ModelProto:
    """output[t] = loudness · sin(2π · pitch · t / rate) between the silences; pitch = 150 Hz + 3 · mean id."""
    constants: dict[str, npt.NDArray[Any]] = {
        "one": np.array(1, dtype=np.int64),
        "nought": np.array(0, dtype=np.int64),
        "phoneme": np.array(PHONEME, dtype=np.int64),
        "before": np.array(BEFORE, dtype=np.int64),
        "around": np.array(BEFORE + AFTER, dtype=np.int64),
        "radians": np.array(2 * np.pi / RATE, dtype=np.float32),
        "lowest": np.array(150, dtype=np.float32),
        "step": np.array(3, dtype=np.float32),
        "loudness": np.array(loudness, dtype=np.float32),
        "shape": np.array([1, 1, 1, -1], dtype=np.int64),
    }
    node = helper.make_node
    nodes = [
        node("Size", ["input"], ["phonemes"]),
        node("Mul", ["phonemes", "phoneme"], ["hummed"]),
        node("Add", ["hummed", "around"], ["length"]),
        node("Range", ["nought", "length", "one"], ["t"]),
        node("Add", ["hummed", "before"], ["end"]),
        node("Less", ["before", "t"], ["begun"]),
        node("Less", ["t", "end"], ["not_over"]),
        node("And", ["begun", "not_over"], ["heard"]),
        node("Cast", ["heard"], ["gate"], to=TensorProto.FLOAT),
        node("Cast", ["t"], ["time"], to=TensorProto.FLOAT),
        node("Cast", ["input"], ["ids"], to=TensorProto.FLOAT),
        node("ReduceMean", ["ids"], ["mean"], keepdims=0),
        node("Mul", ["mean", "step"], ["above"]),
        node("Add", ["above", "lowest"], ["pitch"]),
        node("Mul", ["time", "radians"], ["turn"]),
        node("Mul", ["turn", "pitch"], ["angle"]),
        node("Cos", ["angle"], ["wave"]),
        node("Mul", ["wave", "gate"], ["hum"]),
        node("Mul", ["hum", "loudness"], ["quiet"]),
        node("Reshape", ["quiet", "shape"], ["output"]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "hum",
        [
            value("input", TensorProto.INT64, [1, "n"]),
            value("input_lengths", TensorProto.INT64, [1]),
            value("scales", TensorProto.FLOAT, [3]),
        ],
        [value("output", TensorProto.FLOAT, [1, 1, 1, "t"])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
