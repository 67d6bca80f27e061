"""Models of Keras 3 alone: dtype policies, quantized and LoRA layers, classes of a user's own, and the other optimizers."""

import inspect

import keras
import numpy as np
from keras import layers

import keras3_classes as own
from the_keras import VERSION
from version_models import convolutional, dense, embedded, images, nested, rmsprop, series, softmax, twins, vectors, words

TENSORFLOW = keras.backend.backend() == "tensorflow"
ONLY_ZIP = [".keras", ".weights.h5"]
ONLY_WEIGHTS = [".weights.h5"]


def has(layer, option=None):
    made = getattr(layers, layer, None)
    return made is not None and (option is None or option in inspect.signature(made.__init__).parameters)


def sequence(shape, *inner):
    return keras.Sequential([layers.Input(shape), *inner, softmax()])


def low_rank():
    inputs = layers.Input((3,), dtype="int32")
    embedding, hidden = layers.Embedding(5, 4), layers.Dense(4, activation="tanh")
    mixing = layers.EinsumDense("abc,cd->abd", output_shape=(3, 4), bias_axes="d")
    x = hidden(mixing(embedding(inputs)))
    model = keras.Model(inputs, softmax()(layers.Flatten()(x)))
    for layer in (embedding, mixing, hidden):
        layer.enable_lora(2)
    return model


def quantized(mode):
    def made():
        inputs = layers.Input((3,), dtype="int32")
        x = layers.Embedding(5, 4)(inputs)
        x = layers.EinsumDense("abc,cd->abd", output_shape=(3, 3), bias_axes="d")(x)
        model = keras.Model(inputs, softmax()(layers.Dense(3, activation="tanh")(layers.Flatten()(x))))
        model.quantize(mode)
        return model

    return made


def quantized_low_rank():
    model = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="tanh"), softmax()])
    model.quantize("int8")
    model.layers[0].enable_lora(2)
    return model


def float8():
    model = dense()
    model.quantize("float8")
    return model


def attending(make):
    def made():
        inputs = layers.Input((3, 4))
        x = make()(inputs, inputs)
        return keras.Model(inputs, softmax()(layers.Flatten()(x)))

    return made


def texts(rng):
    return np.array([[" ".join(rng.choice(["a", "bird", "can", "sing"], 3))] for _ in range(6)], dtype=object)


def counted_words():
    vectorize = layers.TextVectorization(max_tokens=6, output_mode="tf_idf")
    vectorize.adapt(np.array(["a bird can sing", "a bird", "can a bird", "no"], dtype=object))
    return keras.Sequential([layers.Input((1,), dtype="string"), vectorize, softmax()])


def gan():
    def mapping(name, units):
        return keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="tanh"), layers.Dense(units)], name=name)

    model = own.Gan(mapping("discriminator", 1), mapping("generator", 4))
    model.compile(keras.optimizers.RMSprop(0.01, momentum=0.5), keras.optimizers.Adam(0.02))
    model(np.zeros((1, 4), "float32"))
    rng = np.random.default_rng(3)
    for optimizer, part in ((model.d_optimizer, model.discriminator), (model.g_optimizer, model.generator)) * 2:
        given = [keras.ops.convert_to_tensor(rng.normal(size=v.shape).astype("float32")) for v in part.trainable_variables]
        optimizer.apply_gradients(list(zip(given, part.trainable_variables)))
    return model


def subclassed():
    model = own.Subclassed()
    model(np.zeros((1, 4), "float32"))
    return model


def case(model, optimizer=None, inputs=vectors, **options):
    return dict({"model": model, "optimizer": optimizer, "input": inputs, "endings": ONLY_ZIP}, **options)


def other(name, *arguments, **options):
    """A small model trained by another optimizer."""
    when = hasattr(keras.optimizers, name) and (name != "Muon" or VERSION >= (3, 11))
    return case(twins, lambda: getattr(keras.optimizers, name)(*arguments, **options), when=when, endings=[".keras", ".h5"])


CASES = {
    "mixed-bfloat16": case(dense, rmsprop(0.01), policy="mixed_bfloat16"),
    "bfloat16": case(dense, rmsprop(0.01, momentum=0.5), policy="bfloat16"),
    "float16": case(dense, rmsprop(0.01), policy="float16"),
    "mixed-conv": case(convolutional, rmsprop(0.01, momentum=0.9, centered=True), images, policy="mixed_float16"),
    "accumulating": case(embedded, rmsprop(0.01, gradient_accumulation_steps=3, momentum=0.3), words, when=VERSION >= (3, 2)),
    "scaled": case(
        dense,
        lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.RMSprop(0.01), initial_scale=1024.0, dynamic_growth_steps=2),
    ),
    "dropout": case(lambda: sequence((4,), layers.Dropout(0.2), layers.Dense(3), layers.GaussianNoise(0.1)), rmsprop(0.01)),
    "spectral": case(
        lambda: sequence((4,), layers.SpectralNormalization(layers.Dense(3))), rmsprop(0.01, momentum=0.5),
        when=has("SpectralNormalization"),
    ),
    "renorm": case(
        lambda: sequence((4,), layers.BatchNormalization(renorm=True)), rmsprop(0.01), when=has("BatchNormalization", "renorm")
    ),
    "grouped-attention": case(
        attending(lambda: layers.GroupQueryAttention(2, 4, 2)), rmsprop(0.01), series, when=has("GroupQueryAttention")
    ),
    "attention": case(attending(lambda: layers.MultiHeadAttention(2, 2)), rmsprop(0.01, centered=True), series),
    "gated-attention": case(
        attending(lambda: layers.MultiHeadAttention(2, 2, use_gate=True)), rmsprop(0.01), series,
        when=has("MultiHeadAttention", "use_gate"),
    ),
    "text": case(counted_words, rmsprop(0.01), texts, when=TENSORFLOW),
    "lora": case(low_rank, rmsprop(0.01), words, when=hasattr(layers.EinsumDense, "enable_lora")),
    "int8": case(quantized("int8"), None, words, when=VERSION >= (3, 4)),
    "int4": case(quantized("int4"), None, words, when=VERSION >= (3, 11)),
    "int8-lora": case(quantized_low_rank, rmsprop(0.01), when=VERSION >= (3, 4)),
    "float8": case(float8, rmsprop(0.01), when=VERSION >= (3, 4)),
    "second-first": case(lambda: sequence((4,), own.SecondFirst()), rmsprop(0.01)),
    "counting": case(lambda: sequence((4,), own.Counting()), rmsprop(0.01, momentum=0.5)),
    "own-dense": case(lambda: sequence((4,), own.Dense(3), layers.Dense(3)), rmsprop(0.01)),
    "own-state": case(lambda: sequence((4,), own.OwnState(), layers.Dense(3)), rmsprop(0.01)),
    "subclassed": case(subclassed, rmsprop(0.01, momentum=0.5)),
    "gan": case(gan, None),
    # An `.h5` file that is saved first takes the optimizer out of the config of the `.keras` file, whose state stays.
    "after-h5": case(dense, rmsprop(0.01, momentum=0.5), endings=[".h5", ".keras"]),
    "sharded": case(nested, rmsprop(0.01), endings=[".weights.json"], when=VERSION >= (3, 10)),
    "folder": case(nested, rmsprop(0.01), endings=[".folder"], when=VERSION >= (3, 6)),
    "adafactor": other("Adafactor", 0.01),
    "lamb": other("Lamb", 0.01),
    "adagrad": other("Adagrad", 0.01),
    "adadelta": other("Adadelta", 0.01),
    "adamax": other("Adamax", 0.01),
    "nadam": other("Nadam", 0.01),
    "ftrl": other("Ftrl", 0.01),
    "lion": other("Lion", 0.01),
    "muon": other("Muon", 0.01),
    "schedule-free": other("ScheduleFreeAdamW", 0.01),
    "sgd": other("SGD", 0.01),
}
