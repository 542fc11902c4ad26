import pickle

import numpy as np
import pytest

from tinylm_tui.engine.parameters import Parameters

SHAPES = {"W": (2, 3), "b": (3,)}


@pytest.fixture
def nine():
    return Parameters(np.arange(9.0), SHAPES)


def test_arrays_lie_one_after_the_other_in_the_vector(nine):
    assert nine["W"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert nine["b"].tolist() == [6, 7, 8]
    assert list(nine) == ["W", "b"]
    assert nine.count == 9


def test_writing_into_a_view_writes_into_the_vector_and_back(nine):
    nine["b"][0] = 60
    nine.flat[0] = -1
    assert nine.flat[6] == 60
    assert nine["W"][0, 0] == -1


@pytest.mark.parametrize("flat", [np.zeros(8), np.zeros(10), np.zeros((3, 3))])
def test_a_vector_that_does_not_fit_its_shapes_is_refused(flat):
    with pytest.raises(ValueError, match="need 9 numbers"):
        Parameters(flat, SHAPES)


def test_a_copy_lives_on_its_own(nine):
    copy = nine.copy(np.float32)
    copy["W"][...] = 0
    assert copy.flat.dtype == np.float32
    assert nine.flat.tolist() == list(range(9))


def test_a_frozen_copy_cannot_be_written_to_and_does_not_follow(nine):
    frozen = nine.frozen()
    nine.flat[...] = 0
    assert frozen.flat.tolist() == list(range(9))
    with pytest.raises(ValueError, match="read-only"):
        frozen["W"][0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        frozen.flat[0] = 1


@pytest.mark.parametrize("freeze", [True, False])
def test_what_is_frozen_stays_frozen_on_the_other_side_of_a_pipe(nine, freeze):
    there = pickle.loads(pickle.dumps(nine.frozen() if freeze else nine))
    assert there.flat.flags.writeable is not freeze
    assert there["b"].tolist() == [6, 7, 8]
    assert np.shares_memory(there["b"], there.flat)
