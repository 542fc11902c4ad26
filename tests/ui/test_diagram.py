"""The block diagram of a model as a drawing: its counts, its stream, its norms, and that it fits."""

import re

import pytest

from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.ui.drawing.diagram import bigram_diagram, gpt_diagram, short
from tinylm_tui.ui.look import Look


def counts(drawing):
    """The column of weights, as (words before it, count) for each line that has one."""
    found = [re.match(r"(.*?)\s([\d,]+)$", row.rstrip()) for row in drawing.split("\n")]
    return [(one[1], int(one[2].replace(",", ""))) for one in found if one]


def drawn(strips):
    return "\n".join(strip.text for strip in strips)


@pytest.mark.parametrize("height", [12, 16, 19, 40])
@pytest.mark.parametrize(
    "config",
    [GPTConfig(27), GPTConfig(27, tie_head=False), GPTConfig(5, 1, 1, 1, 1), GPTConfig(99, 24, 32, 512, 1024)],
)
def test_the_counts_of_the_parts_sum_to_the_total(config, height):
    strips = gpt_diagram(config, [1.0] * (config.layers + 1), 78, height, Look())
    rows = counts(drawn(strips))
    inside = [count for words, count in rows if "│ " in words]
    blocks = next(count for words, count in rows if " × " in words)
    *outside, total = [count for words, count in rows if "│ " not in words and " × " not in words]
    assert len(inside) == 4
    assert config.layers * sum(inside) == blocks
    assert sum(outside) + blocks == total == config.weights


def test_the_stream_runs_straight_through_from_the_embedding_to_the_final_norm():
    for height in (16, 28):
        lines = drawn(gpt_diagram(GPTConfig(27), [1.0, 2.0, 3.0], 78, height, Look())).split("\n")
        column = next(line for line in lines if "token embedding" in line).index("▼")
        first = next(n for n, line in enumerate(lines) if "position embedding" in line)
        last = next(n for n, line in enumerate(lines) if "final LayerNorm" in line)
        assert {lines[n][column] for n in range(first, last + 1)} <= set("┃+┣╂")
        assert sum(line[column] == "+" for line in lines[first + 1 : last]) == 2
        assert sum(line[column] == "┣" for line in lines) == 2


def test_a_block_has_two_layernorms_and_the_model_a_final_one():
    text = drawn(gpt_diagram(GPTConfig(27), [1.0, 2.0, 3.0], 78, 16, Look()))
    assert text.count("LayerNorm") == 3
    order = [
        "LayerNorm",
        "attention: 4 heads of 16",
        "LayerNorm",
        "MLP with GELU",
        "final LayerNorm",
        "head",
        "softmax",
    ]
    assert re.search(".*".join(map(re.escape, order)), text, re.DOTALL)
    assert "×2" in text


@pytest.mark.parametrize("layers", [1, 2, 5, 6, 7, 12, 24])
@pytest.mark.parametrize("height", [16, 28])
def test_the_norms_stand_beside_the_stream_and_the_last_one_always(layers, height):
    norms = [n + 0.5 for n in range(layers + 1)]
    text = drawn(gpt_diagram(GPTConfig(27, layers=layers), norms, 78, height, Look()))
    shown = [(int(n), float(value)) for n, value in re.findall(r"after (\d+) +([\d.]+)", text)]
    assert shown[-1] == (layers, norms[-1])
    assert all(value == norms[n] for n, value in shown)
    assert "at first 0.500" in text
    if layers <= 6:
        assert len(shown) == layers


@pytest.mark.parametrize("value", [0, 1e-9, 0.0004, 0.99951, 9.9994, 9.9996, 99.95, 99.999, 123.4, 12345.6, 3e38])
def test_a_norm_fits_five_columns(value):
    assert len(short(value)) <= 5


@pytest.mark.parametrize("width", range(58, 140, 7))
@pytest.mark.parametrize("height", range(12, 31, 3))
def test_the_diagrams_fit(width, height):
    for strips in (gpt_diagram(GPTConfig(27, 24), [1.0] * 25, width, height, Look()),
                   bigram_diagram(2001, width, height, Look())):  # fmt: skip
        assert len(strips) <= height
        assert all(strip.cell_length <= width for strip in strips)
