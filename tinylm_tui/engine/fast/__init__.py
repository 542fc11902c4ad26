"""The same transformer arranged for speed: the formulas of the plain files, written into arrays that are kept.

A fresh array costs ten times the sum that fills it: 256 KB of new memory took 68 µs, adding two such arrays 6 µs
(numpy 2.4, AMD EPYC). So every array of a training step is allocated once, in `buffers`, and used again.
Each function here names the plain one it stands for, and a test holds that both give the same numbers.
"""
