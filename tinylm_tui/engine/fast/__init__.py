"""The same transformer arranged for speed: the formulas of the plain files, written into arrays that are kept.

A fresh array costs ten times the sum that fills it: 256 KB of new memory took 68 µs, adding two such arrays 6 µs
(numpy 2.4, AMD EPYC). So every array of a training step is allocated once, in `buffers`, and used again.
Each function here names the plain one it stands for, and a test holds that both give the same numbers. Ratios in
the docstrings are plain time / fast time at width 64 with 32 examples of 32 tokens, on that machine with an AVX2
BLAS; a whole step is 1.7, 1.5 and 1.25 times as fast as the plain one at widths 32, 64 and 128.
"""
