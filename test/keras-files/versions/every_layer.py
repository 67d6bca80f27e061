"""Every layer of Keras 3 that has weights or other state, in a few models by the kind of layer, as .weights.h5 files.

Each layer is called on an input of its own in one functional model of the group.
"""

import keras
import numpy as np
from keras import layers

from the_keras import backend

BACKENDS = {"preprocessing": "tensorflow", "jax": "jax"}  # of the groups that need one


def words_known(layer, values):
    layer.adapt(np.array(values))
    return layer


def of_two(layer, inputs):
    return layer(inputs, inputs)


def jax_layer():
    params = {"shift": np.zeros(3, "float32"), "scale": [np.ones(3, "float32"), np.full(3, 0.5, "float32")]}
    return layers.JaxLayer(lambda params, inputs: inputs * params["scale"][0] + params["shift"], params=params)


# What makes a layer, the shape of its input, and how it is called if not with that input alone.
GROUPS = {
    "core": [
        (lambda: layers.Dense(2), (3,)),
        (lambda: layers.Dense(2, use_bias=False), (3,)),
        (lambda: layers.EinsumDense("abc,cd->abd", (None, 2), bias_axes="d"), (3, 4)),
        (lambda: layers.EinsumDense("abc,cd->abd", (None, 2)), (3, 4)),
        (lambda: layers.Embedding(4, 2), (3,)),
        (lambda: layers.ReversibleEmbedding(4, 2), (3,)),
        (lambda: layers.ReversibleEmbedding(4, 2, tie_weights=False), (3,)),
        (lambda: layers.PReLU(), (3,)),
        (lambda: layers.PReLU(shared_axes=[1]), (3, 2)),
        (lambda: layers.BatchNormalization(), (3,)),
        (lambda: layers.BatchNormalization(center=False, scale=False), (3,)),
        (lambda: layers.BatchNormalization(renorm=True), (3,)),
        (lambda: layers.LayerNormalization(), (3,)),
        (lambda: layers.LayerNormalization(center=False, axis=[1, 2]), (3, 2)),
        (lambda: layers.GroupNormalization(2), (4,)),
        (lambda: layers.RMSNormalization(), (4,)),
        (lambda: layers.SpectralNormalization(layers.Dense(2)), (3,)),
        (lambda: layers.Normalization(), (3,)),
        (lambda: layers.Normalization(mean=0.5, variance=2.0), (3,)),
    ],
    "convolution": [
        (lambda: layers.Conv1D(2, 2), (4, 2)),
        (lambda: layers.Conv2D(2, 2, groups=2, use_bias=False), (4, 4, 2)),
        (lambda: layers.Conv3D(2, 2), (3, 3, 3, 1)),
        (lambda: layers.Conv1DTranspose(2, 2), (4, 3)),
        (lambda: layers.Conv2DTranspose(2, 2), (4, 4, 3)),
        (lambda: layers.Conv3DTranspose(2, 2), (3, 3, 3, 1)),
        (lambda: layers.DepthwiseConv1D(2, depth_multiplier=2), (4, 2)),
        (lambda: layers.DepthwiseConv2D(2), (4, 4, 2)),
        (lambda: layers.SeparableConv1D(3, 2), (4, 2)),
        (lambda: layers.SeparableConv2D(3, 2), (4, 4, 2)),
    ],
    "recurrent": [
        (lambda: layers.LSTM(2), (3, 2)),
        (lambda: layers.LSTM(2, use_bias=False, unit_forget_bias=False), (3, 2)),
        (lambda: layers.GRU(2), (3, 2)),
        (lambda: layers.GRU(2, reset_after=False), (3, 2)),
        (lambda: layers.SimpleRNN(2), (3, 2)),
        (lambda: layers.RNN(layers.LSTMCell(2)), (3, 2)),
        (lambda: layers.RNN([layers.GRUCell(2), layers.LSTMCell(2)]), (3, 2)),
        (lambda: layers.RNN(layers.StackedRNNCells([layers.SimpleRNNCell(2), layers.LSTMCell(2)])), (3, 2)),
        (lambda: layers.Bidirectional(layers.LSTM(2)), (3, 2)),
        (lambda: layers.Bidirectional(layers.GRU(2), backward_layer=layers.SimpleRNN(2, go_backwards=True)), (3, 2)),
        (lambda: layers.Bidirectional(layers.RNN([layers.GRUCell(2), layers.GRUCell(2)])), (3, 2)),
        (lambda: layers.TimeDistributed(layers.Dense(2)), (3, 2)),
        (lambda: layers.TimeDistributed(keras.Sequential([layers.Dense(2), layers.BatchNormalization()])), (3, 2)),
        (lambda: layers.ConvLSTM1D(1, 2), (2, 3, 1)),
        (lambda: layers.ConvLSTM2D(1, 2), (2, 3, 3, 1)),
        (lambda: layers.ConvLSTM3D(1, 2), (2, 3, 3, 3, 1)),
        (lambda: layers.LSTM(2, recurrent_dropout=0.2, dropout=0.1), (3, 2)),
        (lambda: layers.GRU(2, return_sequences=True), (3, 2)),
    ],
    "attention": [
        (lambda: layers.MultiHeadAttention(2, 2), (3, 4), of_two),
        (lambda: layers.MultiHeadAttention(2, 2, value_dim=3, use_bias=False, dropout=0.1), (3, 4), of_two),
        (lambda: layers.MultiHeadAttention(2, 2, use_gate=True), (3, 4), of_two),
        (lambda: layers.GroupQueryAttention(2, 4, 2), (3, 4), of_two),
        (lambda: layers.GroupQueryAttention(2, 2, 1, use_gate=True), (3, 4), of_two),
        (lambda: layers.Attention(use_scale=True, score_mode="concat"), (3, 4), lambda layer, x: layer([x, x])),
        (lambda: layers.Attention(use_scale=True, dropout=0.1), (3, 4), lambda layer, x: layer([x, x])),
        (lambda: layers.AdditiveAttention(), (3, 4), lambda layer, x: layer([x, x])),
    ],
    "random": [
        (lambda: layers.Dropout(0.1), (3,)),
        (lambda: layers.AlphaDropout(0.1), (3,)),
        (lambda: layers.GaussianDropout(0.1), (3,)),
        (lambda: layers.GaussianNoise(0.1), (3,)),
        (lambda: layers.SpatialDropout1D(0.1), (3, 2)),
        (lambda: layers.SpatialDropout2D(0.1), (3, 3, 1)),
        (lambda: layers.SpatialDropout3D(0.1), (3, 3, 3, 1)),
        (lambda: layers.RandomFlip(), (4, 4, 3)),
        (lambda: layers.RandomRotation(0.1), (4, 4, 3)),
        (lambda: layers.RandomZoom(0.1), (4, 4, 3)),
        (lambda: layers.RandomTranslation(0.1, 0.1), (4, 4, 3)),
        (lambda: layers.RandomCrop(2, 2), (4, 4, 3)),
        (lambda: layers.RandomContrast(0.1), (4, 4, 3)),
        (lambda: layers.RandomBrightness(0.1), (4, 4, 3)),
        (lambda: layers.RandomHue(0.1), (4, 4, 3)),
        (lambda: layers.RandomSaturation(0.1), (4, 4, 3)),
        (lambda: layers.RandomColorJitter(0.1), (4, 4, 3)),
        (lambda: layers.RandomGaussianBlur(0.1), (4, 4, 3)),
        (lambda: layers.RandomErasing(0.1), (4, 4, 3)),
        (lambda: layers.RandomShear(0.1, 0.1), (4, 4, 3)),
        (lambda: layers.RandomPerspective(0.1), (4, 4, 3)),
        (lambda: layers.RandAugment(), (4, 4, 3)),
        (lambda: layers.STFTSpectrogram(frame_length=8, frame_step=4, fft_length=8), (16, 1)),
        (lambda: layers.MelSpectrogram(fft_length=8, sequence_stride=4, num_mel_bins=4), (16,)),
    ],
    "preprocessing": [
        (lambda: words_known(layers.Normalization(), [[1.0, 2.0, 3.0], [2.0, 5.0, 3.0]]), (3,)),
        (lambda: words_known(layers.Discretization(num_bins=3), [1.0, 2.0, 5.0, 9.0]), (3,)),
        (lambda: words_known(layers.IntegerLookup(), [3, 5, 5, 9]), (3,)),
        (lambda: words_known(layers.StringLookup(), ["a", "b", "b", "c"]), (3,)),
        (lambda: layers.StringLookup(vocabulary=["a", "b"], output_mode="multi_hot"), (3,)),
        (lambda: words_known(layers.TextVectorization(), ["a bird", "can sing"]), (1,)),
        (lambda: words_known(layers.TextVectorization(output_mode="tf_idf"), ["a bird", "can sing"]), (1,)),
        (lambda: layers.CategoryEncoding(4), (1,)),
        (lambda: layers.Hashing(3), (1,)),
        (lambda: layers.HashedCrossing(3), (1,), lambda layer, x: layer([x, x])),
    ],
    "jax": [(jax_layer, (3,))],
}
DTYPES = {
    "Embedding": "int32", "ReversibleEmbedding": "int32", "IntegerLookup": "int64", "StringLookup": "string",
    "TextVectorization": "string", "CategoryEncoding": "int64", "Hashing": "int64", "HashedCrossing": "int64",
}


def group(name):
    """A functional model of the layers of a group, as far as this version has them."""

    def made():
        inputs, outputs = [], []
        for make, shape, *call in GROUPS[name]:
            try:
                layer = make()
                given = layers.Input(shape, dtype=DTYPES.get(type(layer).__name__, "float32"))
                outputs.append(call[0](layer, given) if call else layer(given))
            except Exception as error:
                print("not in this version: {}".format(error))
                continue
            inputs.append(given)
        return keras.Model(inputs, outputs)

    return made


CASES = {
    "every-" + name: {
        "model": group(name),
        "optimizer": None,
        "input": None,
        "endings": [".keras", ".weights.h5"],
        "when": BACKENDS.get(name, backend()) == backend(),
    }
    for name in GROUPS
}
