// The layers of Keras that hold weights: what each calls its variables, in the order of its file, and which inner layers
// it has. Class names are looked up here and nowhere else: nothing of a file is run.

/** One variable of a layer. */
interface WeightName {
  readonly name: string;
  /** Whether gradients train it, as long as its layer is trainable. */
  readonly trained: boolean;
  /** The key of its constraint in the layer's config. */
  readonly constraint?: string | undefined;
  /** Where under the layer it lies a second time. */
  readonly twin?: string | undefined;
}

/** A layer inside another one. */
export interface Part {
  /** Where it lies under its layer, such as `"cell"`. */
  readonly path: string;
  /** Keras' name for it. */
  readonly name: string;
  readonly className: string;
  readonly config: LayerConfig;
  /** Whether it is a class of the user's, whatever its name. */
  readonly isOwn?: boolean | undefined;
  /** How many of its first variables are those of the layer around it, too. */
  readonly shared?: number | undefined;
}

/** What a layer holds. */
export interface LayerContents {
  readonly weights: readonly WeightName[];
  readonly parts: readonly Part[];
}

/** A layer's config in Keras' JSON. */
export type LayerConfig = Readonly<Record<string, unknown>>;

/** What a layer of that class and config holds; null for a class that is not known here. */
export function layerContentsOf(className: string, config: LayerConfig): LayerContents | null {
  return LAYERS.get(className)?.(config) ?? null;
}

/** The class whose name in snake case, as files have it, is this; null for one that is not known here. */
export function classOfSnakeCase(name: string): string | null {
  return BY_SNAKE_CASE.get(name) ?? null;
}

/** Keras' names for the layers of a list: their classes in snake case, counted. */
export function countedNames(
  classNames: readonly string[],
  isTwice: (name: string) => boolean = () => false,
): string[] {
  const used = new Map<string, number>();
  return classNames.map((className) => {
    const name = snakeCaseOf(className);
    const count = used.get(name) ?? 0;
    const counted = count === 0 ? name : `${name}_${count}`;
    used.set(name, count + (isTwice(counted) ? 2 : 1));
    return counted;
  });
}

/** Keras' `to_snake_case`: `"Conv2DTranspose"` gives `"conv2d_transpose"`. */
function snakeCaseOf(className: string): string {
  return (PYTHON_NAMES[className] ?? className)
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

/** Classes that Keras registers under another name than they have in Python, which files are named by. */
const PYTHON_NAMES: Readonly<Record<string, string>> = { GroupQueryAttention: "GroupedQueryAttention" };

type ContentsOf = (config: LayerConfig) => LayerContents;

const on = (flag: unknown): boolean => flag !== false;
const trained = (...names: readonly string[]): WeightName[] =>
  names.map((name) => ({ name, trained: true, constraint: constraintKey(name) }));
const fixed = (...names: readonly string[]): WeightName[] => names.map((name) => ({ name, trained: false }));
const only = (...weights: readonly WeightName[]): LayerContents => ({ weights, parts: [] });
const within = (...parts: readonly Part[]): LayerContents => ({ weights: [], parts });

/** `recurrent_kernel` has `recurrent_constraint`. */
const constraintKey = (name: string): string => `${name.replace(/(?<=\w)_kernel$/, "")}_constraint`;

function withBias(...names: readonly string[]): ContentsOf {
  return ({ use_bias }) => only(...trained(...names, ...(on(use_bias) ? ["bias"] : [])));
}

const scaled: ContentsOf = ({ scale, center }) =>
  only(...trained(...(on(scale) ? ["gamma"] : []), ...(on(center) ? ["beta"] : [])));

const cell = withBias("kernel", "recurrent_kernel");

/** A recurrent layer keeps its weights in its cell. */
function recurrent(className: string): ContentsOf {
  return (config) => within({ path: "cell", name: snakeCaseOf(className), className, config });
}

/** A layer around the one of that key in its config. */
function around(key: string): ContentsOf {
  return (config) => within(...partOf(key, config[key]));
}

/** Cells in a list, which files count as they count layers. */
const stacked: ContentsOf = ({ cells }) => {
  const parts = (Array.isArray(cells) ? cells : []).flatMap((cell: unknown) => partOf("", cell));
  const names = countedNames(parts.map(({ className }) => className));
  return within(...parts.map((part, i) => ({ ...part, path: `cells/${names[i]}` })));
};

/** The parts of attention in their order, by the words of their paths. */
const ATTENTION = { query: "query", key: "key", gate: "gate", value: "value", output: "attention_output" };

/** Where those parts lie is up to the class. */
function attention(pathOf: (part: string) => string): ContentsOf {
  return ({ use_bias, use_gate, kernel_constraint, bias_constraint }) => {
    const config = { bias_axes: on(use_bias) ? "e" : null, kernel_constraint, bias_constraint };
    const dense = { className: "EinsumDense", config };
    const parts = Object.entries(ATTENTION).filter(([part]) => part !== "gate" || use_gate === true);
    return within(...parts.map(([part, name]) => ({ path: pathOf(part), name, ...dense })));
  };
}

const bidirectional: ContentsOf = (config) => {
  const [forward] = partOf("forward_layer", config.layer);
  const [backward] = partOf("backward_layer", config.backward_layer ?? config.layer);
  if (forward === undefined || backward === undefined) return within();
  const name = config.backward_layer ? backward.name : backward.name.replace(/^(forward_)?/, "backward_");
  return within(forward, { ...backward, name });
};

const statistics = ({ renorm }: LayerConfig): string[] => [
  ...["moving_mean", "moving_variance"],
  ...(renorm === true ? ["moving_stddev", "renorm_mean", "renorm_stddev"] : []),
];

/** It lists the kernel of the layer in it as its own, before a vector of its own. */
const spectral: ContentsOf = ({ layer }) => {
  const [part] = partOf("layer", layer);
  const [kernel] = part === undefined ? [] : (layerContentsOf(part.className, part.config)?.weights ?? []);
  if (part === undefined || kernel === undefined) return within(...partOf("layer", layer));
  const own = { ...kernel, name: `${part.name}_${kernel.name}`, twin: "layer/vars/0" };
  return { weights: [own, ...fixed("vector_u")], parts: [{ ...part, shared: 1 }] };
};

const normalization: ContentsOf = ({ mean }) =>
  mean === null || mean === undefined ? only(...fixed("mean", "variance", "count")) : only();

/** Its kernel has the depthwise constraint. */
const depthwise: ContentsOf = (config) => {
  const { weights } = withBias("kernel")(config);
  return only(...weights.map((weight, i) => (i === 0 ? { ...weight, constraint: "depthwise_constraint" } : weight)));
};

const CONVOLUTIONS = ["Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"];

const LAYERS: ReadonlyMap<string, ContentsOf> = new Map<string, ContentsOf>([
  ["Dense", withBias("kernel")],
  ["EinsumDense", ({ bias_axes }) => only(...trained("kernel", ...(bias_axes ? ["bias"] : [])))],
  ["Embedding", () => only(...trained("embeddings"))],
  [
    "ReversibleEmbedding",
    ({ tie_weights }) => only(...trained("embeddings", ...(on(tie_weights) ? [] : ["reverse_embeddings"]))),
  ],
  ...CONVOLUTIONS.map((name) => [name, withBias("kernel")] as const),
  ["DepthwiseConv1D", depthwise],
  ["DepthwiseConv2D", depthwise],
  ["SeparableConv1D", withBias("depthwise_kernel", "pointwise_kernel")],
  ["SeparableConv2D", withBias("depthwise_kernel", "pointwise_kernel")],
  ["BatchNormalization", (config) => only(...scaled(config).weights, ...fixed(...statistics(config)))],
  ["LayerNormalization", ({ rms_scaling, ...config }) => (rms_scaling ? only(...trained("gamma")) : scaled(config))],
  ["GroupNormalization", scaled],
  ["RMSNormalization", () => only(...trained("scale"))],
  ["Normalization", normalization],
  ["SpectralNormalization", spectral],
  ["PReLU", () => only(...trained("alpha"))],
  ...["SimpleRNN", "LSTM", "GRU"].flatMap((name) => [
    [name, recurrent(`${name}Cell`)] as const,
    [`${name}Cell`, cell] as const,
  ]),
  ...["ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"].map((name) => [name, recurrent("ConvLSTMCell")] as const),
  ["ConvLSTMCell", cell],
  ["RNN", around("cell")],
  ["StackedRNNCells", stacked],
  ["Bidirectional", bidirectional],
  ["TimeDistributed", around("layer")],
  ["MultiHeadAttention", attention((part) => (part === "gate" ? "_gate_dense" : `${part}_dense`))],
  ["GroupQueryAttention", attention((part) => `_${part}_dense`)],
  [
    "Attention",
    ({ use_scale, score_mode }) =>
      only(
        ...trained(
          ...(use_scale === true ? ["scale"] : []),
          ...(score_mode === "concat" ? ["concat_score_weight"] : []),
        ),
      ),
  ],
  ["AdditiveAttention", ({ use_scale }) => only(...trained(...(on(use_scale) ? ["scale"] : [])))],
  // What they have beside weights, such as frequencies of words.
  ...["TextVectorization", "StringLookup", "IntegerLookup"].map((name) => [name, () => only()] as const),
]);

const BY_SNAKE_CASE: ReadonlyMap<string, string> = new Map([...LAYERS.keys()].map((name) => [snakeCaseOf(name), name]));

/** The layer that a config holds in Keras' JSON, if it is one. */
export function partOf(path: string, value: unknown): Part[] {
  if (typeof value !== "object" || value === null) return [];
  const { class_name: className, config: given, ...origin } = value as LayerConfig; // its fields are looked at
  if (typeof className !== "string" || typeof given !== "object" || given === null) return [];
  const config = given as LayerConfig; // an object of fields of which nothing is known
  const name = typeof config.name === "string" ? config.name : snakeCaseOf(className);
  return [{ path, name, className, config, isOwn: isOwn(className, origin) }];
}

/** Keras names the module of its own classes; those of a user are registered under a name with a package. */
function isOwn(className: string, { module, registered_name: registered }: LayerConfig): boolean {
  if (typeof module === "string") return !/^(tf_)?keras\b/.test(module);
  return typeof registered === "string" && registered !== className && !registered.startsWith("keras");
}
