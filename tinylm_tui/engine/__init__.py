"""The mathematics: models, their gradients, tokenizers, sampling. numpy and the standard library only.

Letters used for shapes all through: V = size of the vocabulary, B = examples in a batch, N = tokens of a text.
Losses are in nats a token unless a name says otherwise.
"""
