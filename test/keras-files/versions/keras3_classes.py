"""Layers and models of a user's own, registered with Keras 3, of the kinds whose files are laid out in ways of their own."""

import keras
from keras import layers

registered = keras.saving.register_keras_serializable(package="mine")


@registered
class SecondFirst(layers.Layer):
    """Makes its sublayers in another order than that of their names."""

    def __init__(self, **options):
        super().__init__(**options)
        self.second = layers.Dense(4)
        self.first = layers.Dense(4)
        self.more = {"z": layers.Dense(4), "a": [layers.Dense(4), layers.Dense(4)]}

    def build(self, shape):
        for layer in (self.first, self.second, self.more["z"], *self.more["a"]):
            layer.build(shape)

    def call(self, x):
        x = self.second(self.first(x))
        return self.more["a"][1](self.more["a"][0](self.more["z"](x)))


@registered
class Counting(layers.Layer):
    """A BatchNormalization inside, a weight of its own before and after it, and one that is not trained."""

    def build(self, shape):
        self.before = self.add_weight(shape=(shape[-1],), initializer="ones", name="before")
        self.seen = self.add_weight(shape=(), initializer="zeros", trainable=False, name="seen")
        self.norm = layers.BatchNormalization()
        self.norm.build(shape)
        self.after = self.add_weight(shape=(shape[-1],), initializer="zeros", name="after")

    def call(self, x, training=False):
        if training:
            self.seen.assign(self.seen + 1.0)
        return self.norm(x * self.before, training=training) + self.after


@keras.saving.register_keras_serializable(package="mine", name="Dense")
class Dense(layers.Layer):
    """Named as a layer of Keras, with its weights in another order."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = units

    def build(self, shape):
        self.shift = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
        self.scale = self.add_weight(shape=(self.units,), initializer="ones", name="scale", trainable=False)
        self.matrix = self.add_weight(shape=(shape[-1], self.units), initializer="glorot_uniform", name="kernel")

    def call(self, x):
        return keras.ops.matmul(x, self.matrix) * self.scale + self.shift

    def get_config(self):
        return dict(super().get_config(), units=self.units)


@registered
class OwnState(layers.Layer):
    """Says itself how it is saved: by names, one of them no variable."""

    def build(self, shape):
        self.gain = self.add_weight(shape=(shape[-1],), initializer="ones", name="gain")

    def call(self, x):
        return x * self.gain

    def save_own_variables(self, store):
        store["gain"] = keras.ops.convert_to_numpy(self.gain)
        store["calls"] = 3

    def load_own_variables(self, store):
        self.gain.assign(store["gain"])


@registered
class Subclassed(keras.Model):
    """A model that is no graph of layers: they are attributes, lists and dictionaries."""

    def __init__(self, units=3, **options):
        super().__init__(**options)
        self.units = units
        self.stem = layers.Dense(units, activation="tanh")
        self.blocks = [layers.Dense(units), layers.LayerNormalization(), layers.Dense(units)]
        self.heads = {"zero": layers.Dense(2), "a": layers.Dense(2)}
        self.gain = self.add_weight(shape=(), initializer="ones", name="gain")

    def call(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return keras.ops.softmax(self.gain * (self.heads["zero"](x) + self.heads["a"](x)))

    def get_config(self):
        return dict(super().get_config(), units=self.units)


@registered
class Gan(keras.Model):
    """Two models that are trained by an optimizer each, beside the one that compile() makes."""

    def __init__(self, discriminator, generator, **options):
        super().__init__(**options)
        self.discriminator = discriminator
        self.generator = generator

    def compile(self, d_optimizer, g_optimizer):
        super().compile()
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.d_loss = keras.metrics.Mean(name="d_loss")

    def call(self, x):
        return self.discriminator(self.generator(x))

    def get_config(self):
        return {
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "generator": keras.saving.serialize_keras_object(self.generator),
        }

    @classmethod
    def from_config(cls, config):
        return cls(*(keras.saving.deserialize_keras_object(config[key]) for key in ("discriminator", "generator")))
