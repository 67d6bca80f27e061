"""Makes the environments of all the versions of Keras, runs make_version_files.py in each, and chooses what is committed.

    python -B make_all.py FOLDER [environment ...]     makes FOLDER/ENVIRONMENT and FOLDER/files/ENVIRONMENT
    python -B make_all.py FOLDER --choose              compresses the chosen files of FOLDER/files into fixtures/

An environment is a virtual one of the Python that its Keras needs, which must be on the path as python3.X or be one of
pyenv's, with the packages of requirements-ENVIRONMENT.txt. All of them take some 10 GB and half an hour.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIXTURES = HERE / "fixtures"
JAX = {"KERAS_BACKEND": "jax"}
TENSORFLOW = {"KERAS_BACKEND": "tensorflow"}

# The Python, the environment variables, and whether it is an environment of its own or another one's, run otherwise.
ENVIRONMENTS = {
    "keras2.2": ("3.7", {}, None),
    "keras2.3": ("3.7", {}, None),
    "tf2.4": ("3.8", {}, None),
    "tf2.9": ("3.10", {}, None),
    "tf2.12": ("3.11", {}, None),
    "tf2.13": ("3.11", {}, None),
    "tf2.15": ("3.11", {}, None),
    "tf-keras2.19": ("3.12", {"TF_USE_LEGACY_KERAS": "1"}, None),
    "keras3.0": ("3.11", TENSORFLOW, None),
    "keras3.3": ("3.11", TENSORFLOW, None),
    "keras3.6": ("3.11", JAX, None),
    "keras3.9": ("3.12", JAX, None),
    "keras3.12": ("3.12", JAX, None),
    "keras3.15": ("3.12", JAX, None),
    "keras3.15-tensorflow": ("3.12", TENSORFLOW, "keras3.15"),
}

OLD = "plain momentum lstm bidirectional nested untrained metrics cells mixed shared slashes decay"
ADDED = " plain-sgd named-as-slots shared-inside fixed-scale"
SIBLINGS = " adagrad adadelta adamax nadam ftrl"
KERAS_3 = "plain nested mixed mixed-conv accumulating dropout spectral counting subclassed gan"
QUANTIZED = " lora int8 float8"

# The cases that are committed, by version and the ending of the file.
CHOSEN = {
    "keras2.2.5": {".h5": "plain lstm nested", ".by-name.h5": "nested"},
    "keras2.3.1": {".h5": "plain momentum lstm bidirectional nested metrics shared decay", ".by-name.h5": "nested cells"},
    "keras2.4.0": {
        ".h5": OLD + SIBLINGS + " uncompiled long long-names constraints",
        ".hdf5": "plain",
        ".keras": "momentum nested",
        ".weights.h5": "nested",
        ".by-name.h5": "lstm nested cells slashes shared long-names",
    },
    "keras2.9.0": {".h5": "plain nested mixed metrics", ".keras": "plain", ".by-name.h5": "nested bidirectional"},
    "keras2.12.0": {
        ".h5": "plain momentum nested metrics mixed decay legacy ema plain-sgd named-as-slots",
        ".keras": "plain momentum lstm nested metrics mixed legacy ema plain-sgd fixed-scale",
        ".hdf5.keras": "plain",
        ".weights.h5": "momentum nested cells",
        ".by-name.h5": "nested",
    },
    "keras2.13.1": {".h5": "plain", ".keras": "plain momentum nested metrics mixed", ".weights.h5": "nested"},
    "keras2.15.0": {
        ".h5": OLD + ADDED + SIBLINGS + " uncompiled legacy ema adamw frozen-later thawed-later long-names",
        ".keras": OLD + ADDED + SIBLINGS + " mixed-nadam uncompiled legacy ema adamw frozen-later thawed-later constraints long",
        ".weights.h5": "plain momentum nested bidirectional cells legacy plain-sgd shared-inside",
        ".by-name.h5": "nested cells slashes",
    },
    "tf_keras2.19.0": {
        ".h5": "plain momentum nested mixed plain-sgd",
        ".keras": "plain momentum nested metrics mixed ema legacy plain-sgd fixed-scale",
        ".weights.h5": "nested cells",
        ".by-name.h5": "nested",
    },
    "keras3.0.5-tensorflow": {
        ".h5": "plain momentum",
        ".keras": KERAS_3.replace("accumulating ", "").replace("spectral ", "") + " momentum metrics cells bfloat16 text",
        ".weights.h5": "nested every-core every-recurrent every-random every-attention",
    },
    "keras3.3.3-tensorflow": {".h5": "plain momentum", ".keras": KERAS_3 + " lora momentum metrics", ".weights.h5": "every-core"},
    "keras3.6.0": {
        ".keras": "plain momentum nested mixed dropout lora int8 float8 counting subclassed",
        ".weights.h5": "every-core",
        ".folder": "folder",
    },
    "keras3.9.2": {".keras": "plain momentum nested mixed accumulating int8 float8 spectral gan", ".weights.h5": "every-core"},
    "keras3.12.0": {
        ".h5": "nested",
        ".keras": KERAS_3 + QUANTIZED + " int4 momentum muon",
        ".weights.h5": "every-core",
    },
    "keras3.15.1": {".keras": "plain nested mixed bfloat16 lora float8 gan", ".weights.h5": "nested every-jax"},
    "keras3.15.1-tensorflow": {
        ".h5": "plain momentum nested mixed shared uncompiled long long-names metrics cells bidirectional plain-sgd"
        " named-as-slots shared-inside" + SIBLINGS,
        ".keras": KERAS_3 + QUANTIZED + " int4 int8-lora after-h5 text cells metrics constraints conv-constraint"
        " frozen-later thawed-later shared shared-inside named-as-slots adamw mixed-bfloat16 bfloat16 float16 scaled renorm grouped-attention attention gated-attention second-first own-dense own-state adafactor"
        " lamb adagrad adadelta adamax nadam ftrl mixed-nadam muon schedule-free every-preprocessing every-core every-convolution"
        " every-recurrent every-attention every-random",
        ".weights.h5": "lora int4 shared-inside gan subclassed own-dense frozen-later every-core"
        " every-convolution every-recurrent every-attention every-random every-preprocessing",
        ".weights.json": "sharded",
        ".folder": "folder",
    },
}


def python_of(version):
    found = shutil.which("python" + version)
    if found:
        return found
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    paths = sorted((root / "versions").glob(version + ".*/bin/python3"))
    if not paths:
        sys.exit("There is no Python {}: install it with pyenv, or put python{} on the path.".format(version, version))
    return str(paths[-1])


def make(folder, name):
    version, variables, shared = ENVIRONMENTS[name]
    home = folder / (shared or name)
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([python_of(version), "-m", "venv", str(home)], check=True)
        requirements = HERE / "requirements-{}.txt".format(shared or name)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(requirements)]
        subprocess.run([str(python), *install], check=True)
    files = folder / "files" / name
    shutil.rmtree(files, ignore_errors=True)
    script = [str(python), "-B", str(HERE / "make_version_files.py"), str(files)]
    subprocess.run(script, check=True, env={**os.environ, **variables})


def parts(path):
    """The files that a line of the expectations is about: one, or those of a folder or of sharded weights."""
    if path.is_dir():
        return [part for part in sorted(path.rglob("*")) if part.is_file()]
    if path.name.endswith(".weights.json"):
        return [path, *sorted(path.parent.glob(path.name.replace(".weights.json", "_*.weights.h5")))]
    return [path]


def compress(content, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, 9, mtime=0))


def choose(folder):
    """Compresses the chosen files, each by itself, and the lines that say what Keras holds of them."""
    shutil.rmtree(FIXTURES, ignore_errors=True)
    for expected in sorted((folder / "files").glob("*/expected-*.jsonl")):
        label = expected.stem.replace("expected-", "", 1)
        endings = CHOSEN.get(label, {})
        wanted = {"{}-{}{}".format(label, name, ending) for ending, names in endings.items() for name in names.split()}
        lines = [line for line in expected.read_text().splitlines(True) if json.loads(line)["file"] in wanted]
        for line in lines:
            path = expected.parent / json.loads(line)["file"]
            wanted.remove(path.name)
            for part in parts(path):
                compress(part.read_bytes(), FIXTURES / (str(part.relative_to(expected.parent)) + ".gz"))
        compress("".join(lines).encode(), FIXTURES / (expected.name + ".gz"))
        print("{}: {} files; of no such version: {}".format(label, len(lines), ", ".join(sorted(wanted)) or "none"))
    sizes = [path.stat().st_size for path in FIXTURES.rglob("*.gz")]
    print("{} files, {} bytes".format(len(sizes), sum(sizes)))


if __name__ == "__main__":
    if sys.argv[2:] == ["--choose"]:
        choose(Path(sys.argv[1]))
    else:
        for chosen in sys.argv[2:] or ENVIRONMENTS:
            make(Path(sys.argv[1]).resolve(), chosen)
