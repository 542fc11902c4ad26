"""The sizes of a GPT: what each means, which do not fit together, and what they cost in weights and memory."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from tinylm_tui.engine.parameters import Shapes

FLOAT32 = 4  # bytes
TRAINED = 5  # numbers for each weight while training: itself, its gradient, and three of AdamW


@dataclass(frozen=True)
class GPTConfig:
    """The shape of GPT-2 in any size. Raises ValueError, with the reason, for sizes that make no model."""

    vocabulary: int  # V, how many different tokens there are
    layers: int = 2  # how many blocks stand one after the other
    heads: int = 4  # H, how many patterns of attention each block has
    width: int = 64  # D, how many numbers the residual stream carries for each token
    context: int = 32  # T, how many tokens the model sees at most
    tie_head: bool = True  # read the scores off with the token embedding instead of a matrix of its own

    def __post_init__(self) -> None:
        for name in ("vocabulary", "layers", "heads", "width", "context"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, not {getattr(self, name)}")
        if self.width % self.heads:
            raise ValueError(
                f"heads must divide width, so that each head gets an equal share: {self.heads} heads do not divide "
                f"a width of {self.width}; heads of {_some(_divisors(self.width))} would"
            )

    @property
    def head_width(self) -> int:
        """d_head, the share of the width that each head works with."""
        return self.width // self.heads

    @property
    def hidden(self) -> int:
        """How many hidden units an MLP has: four times the width, as in GPT-2."""
        return 4 * self.width

    def shapes(self) -> Shapes:
        """Every array of weights by name, in the order of the walk through the model."""
        V, T, D = self.vocabulary, self.context, self.width
        shapes: dict[str, tuple[int, ...]] = {"embedding.token": (V, D), "embedding.position": (T, D)}
        for i in range(self.layers):
            shapes |= {f"block{i}.{name}": shape for name, shape in self._block_shapes().items()}
        shapes |= {"final_norm.gain": (D,), "final_norm.bias": (D,)}
        return shapes if self.tie_head else {**shapes, "head": (V, D)}

    def _block_shapes(self) -> Shapes:
        D = self.width
        return {
            "norm1.gain": (D,),
            "norm1.bias": (D,),
            "attention.w_qkv": (D, 3 * D),
            "attention.b_qkv": (3 * D,),
            "attention.w_out": (D, D),
            "attention.b_out": (D,),
            "norm2.gain": (D,),
            "norm2.bias": (D,),
            "mlp.w_in": (D, self.hidden),
            "mlp.b_in": (self.hidden,),
            "mlp.w_out": (self.hidden, D),
            "mlp.b_out": (D,),
        }

    @property
    def weights(self) -> int:
        """How many weights there are, without allocating them.

        Each block has 12·D² in its four matrices and 13·D in biases and LayerNorms.
        """
        V, T, D = self.vocabulary, self.context, self.width
        embeddings, block, final_norm = V * D + T * D, 12 * D * D + 13 * D, 2 * D
        return embeddings + self.layers * block + final_norm + (0 if self.tie_head else V * D)

    def piece_sizes(self, batch: int, most: int = 0) -> list[int]:
        """How many examples of a batch training takes at once: as equal as can be, and at most `most` (or as suits).

        Too many, and what one line writes is gone from the processor's cache when the next wants it; too few, and
        handing over small arrays costs more than working on them. Measured best: 512 tokens, 1024 at width 128.
        """
        most = most or max(1, max(512, 8 * self.width) // self.context)
        pieces = -(-batch // most)
        return [batch // pieces + (i < batch % pieces) for i in range(pieces)]

    def activations(self, examples: int) -> int:
        """How many numbers training writes to on the way forward and back through so many examples at once."""
        V, D, looks = self.vocabulary, self.width, self.heads * self.context
        kept = 4 * D + 3 * D + looks + D + 2 * self.hidden + 2  # by each block: two norms, q k v, pattern, mixed, MLP
        shared = 3 * D + 2 * V + 4 * D + 3 * D + 2 * self.hidden + looks + self.heads + 3
        return examples * self.context * (self.layers * kept + shared)

    def memory(self, batch: int) -> int:
        """About how many bytes training takes: weights, gradients, AdamW's memory, and the activations of a piece."""
        sizes = set(self.piece_sizes(batch))
        activations = sum(map(self.activations, sizes))
        return FLOAT32 * ((TRAINED + len(sizes)) * self.weights + activations)


GPT2_SMALL = GPTConfig(vocabulary=50257, layers=12, heads=12, width=768, context=1024)


def count(shapes: Shapes) -> int:
    """How many numbers arrays of these shapes hold together."""
    return sum(map(prod, shapes.values()))


def _divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


def _some(numbers: list[int], most: int = 8) -> str:
    listed = ", ".join(map(str, numbers[:most]))
    return listed if len(numbers) <= most else f"{listed} …"
