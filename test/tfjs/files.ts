// Models as text: what an IO handler of TensorFlow.js gets, in one JSON that any process can load.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";

interface Saved extends Omit<tf.io.ModelArtifacts, "weightData"> {
  /** Base64. */
  readonly weightData: string;
}

/** The model with its optimizer, as JSON. */
export async function saved(model: tfl.LayersModel): Promise<string> {
  let text = "";
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    const weightData = Buffer.from(artifacts.weightData as ArrayBuffer).toString("base64");
    text = JSON.stringify({ ...artifacts, weightData });
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
  });
  await model.save(handler, { includeOptimizer: true });
  return text;
}

/** The model of a JSON, compiled with its optimizer. */
export function loaded(text: string): Promise<tfl.LayersModel> {
  return tfl.loadLayersModel(modelIn(text));
}

/** The model of a JSON for a copy of TensorFlow.js to load. */
export function modelIn(text: string, core: Pick<typeof tf, "io"> = tf): tf.io.IOHandler {
  const { weightData, ...artifacts }: Saved = JSON.parse(text);
  const bytes = Uint8Array.from(Buffer.from(weightData, "base64"));
  return core.io.fromMemory({ ...artifacts, weightData: bytes.buffer });
}

/** The class and config of the optimizer in a JSON. */
export function optimizerConfig(text: string): { class_name: string; config: Record<string, unknown> } {
  // TensorFlow.js writes it in this form.
  return (JSON.parse(text) as { trainingConfig: { optimizer_config: ReturnType<typeof optimizerConfig> } })
    .trainingConfig.optimizer_config;
}
