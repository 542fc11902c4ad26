"""The same mathematics once more, in plain Python without numpy: what the engine is compared with."""

import math
from collections import Counter
from itertools import pairwise


def marked(units):
    """Each unit between boundaries (None), as one list: None, letters, None, letters, None."""
    return [None] + [token for unit in units for token in (*unit, None)]


def pairs_of(units):
    """How often each token follows each other one, counted one by one."""
    stream = marked(units)
    return Counter(pairwise(stream))


def entropy_of_the_next(units):
    """H(next | current) as H(current, next) − H(current), in nats: another formula than the engine's."""
    stream = marked(units)
    both, current = pairs_of(units), Counter(stream[:-1])
    return entropy(both) - entropy(current)


def entropy(counter):
    total = sum(counter.values())
    return -math.fsum(n / total * math.log(n / total) for n in counter.values())


def softmax(scores):
    exps = [math.exp(s) for s in scores]
    return [e / math.fsum(exps) for e in exps]


def mean_surprise(W, ids):
    """The loss of the scores W (list of lists) on the pairs of ids, one by one, in nats."""
    pairs = list(pairwise(ids))
    return math.fsum(-math.log(softmax(W[a])[b]) for a, b in pairs) / len(pairs)
