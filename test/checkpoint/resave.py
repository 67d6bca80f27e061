"""Reads a checkpoint with Python's safetensors and saves it again: `python resave.py saved.safetensors resaved.safetensors`.

The fixtures were made with safetensors 0.8.0 and numpy 2.4.6. Python sorts the arrays by type and name, and
shuffles the metadata.
"""

import sys

from safetensors import safe_open
from safetensors.numpy import save_file

source, target = sys.argv[1:]
with safe_open(source, "numpy") as file:
    arrays = {name: file.get_tensor(name) for name in file.keys()}
    metadata = file.metadata()
for name, array in arrays.items():
    print(name, array.dtype, list(array.shape), array.tolist())
save_file(arrays, target, metadata)
