"""Small saved runs of every model with every tokenizer, taken apart and put together again with other ideas."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from typing import Any

import machine  # noqa: F401  first: one BLAS thread before numpy looks

# isort: split
import numpy as np

from tinylm_tui.engine.feedback import Rating
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import cut_of
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.run_file import arrays_in, bytes_of, contents_of
from tinylm_tui.lab.settings import parse_pairs

WORDS = "anna ben nina bea eve abe na ava vivian ian naev bibi enna vana aba eben nebi ivan bena vinea"
SMALL = ["context=3", "width=4", "warmup=5", "held_out=0.2"]
MODELS = {
    "bigram": ["learn_rate=5"],
    "average": ["model=average", *SMALL],
    "mlp": ["model=mlp", "hidden=5", "batch=4", *SMALL],
    "gpt": ["model=gpt", "layers=1", "heads=2", "batch=3", "threads=one", *SMALL],
}
TOKENIZERS = {
    "characters": [],
    "alphabet": ["tokenizer=alphabet"],
    "bpe": ["tokenizer=bpe", "vocabulary=12"],
}
LETTERS = {"float32": "F32", "float64": "F64", "int32": "I32", "int64": "I64", "uint8": "U8"}


@dataclass
class Parts:
    """What is in a file: the state, and the arrays by name."""

    state: dict[str, Any]
    arrays: dict[str, np.ndarray]

    @classmethod
    def of(cls, data: bytes) -> Parts:
        """Of a whole file."""
        return cls(contents_of(io.BytesIO(data))[1], arrays_in(io.BytesIO(data)))

    def sealed(self, text: str | None = None) -> bytes:
        """A file with a right checksum, whatever its parts are."""
        return sealed(json.dumps(self.state) if text is None else text, self.arrays)


def sealed(text: str, arrays: dict[str, np.ndarray]) -> bytes:
    """The file of these arrays and of a state that need not be JSON."""
    digest = hashlib.sha256(text.encode("utf-8", "replace"))
    header: dict[str, Any] = {}
    blobs, end = [], 0
    for name, array in sorted(arrays.items()):
        blob = np.ascontiguousarray(array).tobytes()
        digest.update(f"{name} {array.dtype} {array.shape}".encode() + blob)
        kind = LETTERS.get(str(array.dtype), "BF16")
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [end, end + len(blob)]}
        blobs.append(blob)
        end += len(blob)
    header["__metadata__"] = {"tinylm": text, "sha256": digest.hexdigest()}
    return file_of(json.dumps(header).encode(), b"".join(blobs))


def file_of(header: bytes, blob: bytes) -> bytes:
    """A safetensors file."""
    return len(header).to_bytes(8, "little") + header + blob


def small_run(model: str, tokenizer: str, steps: int = 30) -> Run:
    """A run that was trained, was taught words, and trained on; a bigram was also given feedback."""
    chosen = parse_pairs([*MODELS[model], *TOKENIZERS[tokenizer]])
    run = Run(make_corpus("words", "\n".join(WORDS.split()), "auto", cut_of(chosen)), chosen)
    for _ in range(steps):
        run.train_step()
    run.teach("zoe eva")
    for _ in range(steps):
        run.train_step()
    if model == "bigram":
        run.apply_feedback([Rating((0, 1, 0), 1)])
    return run


def seeds(steps: int = 30) -> list[bytes]:
    """The files of them all."""
    return [bytes_of(small_run(model, tokenizer, steps)) for model in MODELS for tokenizer in TOKENIZERS]
