"""Makes hostile/*.weights.h5 with h5py: what no file of Keras has, and one packed file that Keras loads, too."""

from pathlib import Path

import h5py
import numpy as np

FOLDER = Path(__file__).parent / "fixtures"


def made(name, fill):
    with h5py.File(FOLDER / f"h5py-{name}.weights.h5", "w") as file:
        fill(file.create_group("layers/dense/vars"))


def virtual(group):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4,))
    group.create_virtual_dataset("0", layout)


def external_storage(group):
    group.create_dataset("0", (4,), "u1", external=[("/etc/passwd", 0, 4)])


def shape_bomb(group):
    group.create_dataset("0", (2**20, 2**20), "f4", chunks=(1024, 1024), compression="gzip")


def packed(group):
    group.create_dataset("0", data=np.arange(35, dtype="f4").reshape(5, 7), chunks=(2, 4), compression="gzip", shuffle=True)
    group.create_dataset("1", data=np.arange(7, dtype=">f4"))


def full_of_zeros(group):
    group.create_dataset("0", data=np.zeros(2**23, "f4"), chunks=(2**20,), compression="gzip")


made("soft-link", lambda group: group.__setitem__("0", h5py.SoftLink("/layers")))
made("external-link", lambda group: group.__setitem__("0", h5py.ExternalLink("/etc/passwd", "/x")))
made("hard-link-circle", lambda group: group.__setitem__("again", group.file["layers"]))
made("virtual", virtual)
made("external-storage", external_storage)
made("shape-bomb", shape_bomb)
made("full-of-zeros", full_of_zeros)
made("packed", packed)
made("text", lambda group: group.__setitem__("0", "some text"))
