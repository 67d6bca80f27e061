"""Prints how a file is laid out: the tree of each HDF5 file in it, with the attributes and their types, and its JSON.

    python -B layouts.py FILE ...
"""

import io
import json
import sys
import zipfile

import h5py


def type_name(dtype):
    text = h5py.check_dtype(vlen=dtype)
    if text is not None:
        info = h5py.h5t.py_create(dtype, logical=True)
        charset = "UTF-8" if info.get_cset() == h5py.h5t.CSET_UTF8 else "ASCII"
        return "variable-length string, {}".format(charset)
    if dtype.kind == "S":
        return "fixed-length string of {}".format(dtype.itemsize)
    return str(dtype)


def shown(value):
    text = repr(value)
    return text if len(text) < 160 else "{} ... ({} characters)".format(text[:150], len(text))


def attributes(item, indent):
    for name in item.attrs:
        attribute = h5py.h5a.open(item.id, name.encode())
        kind = attribute.get_type()
        space = attribute.get_space()
        shape = "null" if space.get_simple_extent_type() == h5py.h5s.NULL else attribute.shape
        padding = ""
        if isinstance(kind, h5py.h5t.TypeStringID):
            names = {
                h5py.h5t.STR_NULLTERM: "null-terminated",
                h5py.h5t.STR_NULLPAD: "null-padded",
                h5py.h5t.STR_SPACEPAD: "space-padded",
            }
            charset = "UTF-8" if kind.get_cset() == h5py.h5t.CSET_UTF8 else "ASCII"
            padding = "{}, {}, {}, size {}".format(
                "variable-length" if kind.is_variable_str() else "fixed-length", names[kind.get_strpad()], charset, kind.get_size()
            )
        print("{}@{} shape {} {} {} = {}".format(indent, name, shape, type_name(attribute.dtype), padding, shown(item.attrs[name])))


def tree(group, indent=""):
    for name in group:
        item = group[name]
        if isinstance(item, h5py.Group):
            print("{}{}/".format(indent, shown(name)))
            attributes(item, indent + "    ")
            tree(item, indent + "    ")
        else:
            extra = [key for key in ("chunks", "compression", "fillvalue") if getattr(item, key)]
            print("{}{}  {} {} {}".format(indent, shown(name), item.shape, type_name(item.dtype), extra or ""))
            attributes(item, indent + "    ")


def hdf5(file):
    with h5py.File(file, "r") as opened:
        print("libver {} userblock {}".format(opened.libver, opened.userblock_size))
        attributes(opened, "")
        tree(opened)


def layout(path):
    print("== {}".format(path))
    if path.endswith(".json"):
        print(json.dumps(json.load(open(path)), indent=1))
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                print("-- {} ({} bytes, method {})".format(info.filename, info.file_size, info.compress_type))
                content = archive.read(info)
                if info.filename.endswith(".h5"):
                    hdf5(io.BytesIO(content))
                elif info.filename.endswith(".json"):
                    print(json.dumps(json.loads(content.decode()), indent=1))
                else:
                    print(shown(content))
    else:
        hdf5(path)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        layout(name)
