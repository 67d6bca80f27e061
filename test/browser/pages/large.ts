// Steps on a variable that is large enough for threads to share them.
import * as tf from "@tensorflow/tfjs-core";
import { setThreads } from "rmsprop";
import { RMSprop } from "rmsprop/tfjs";

const LENGTH = 300_001;

/** The threads that run, and the SHA-256 of the variable after some steps. */
export async function runLargeSteps(threads: number): Promise<{ threads: number; bits: string }> {
  const optimizer = new RMSprop({ momentum: 0.9, globalClipnorm: 0.5 });
  const trained = tf.tidy(() => tf.variable(tf.sin(tf.range(0, LENGTH))));
  const gradient = tf.tidy(() => tf.cos(tf.range(0, LENGTH)));
  const step = (): void => optimizer.apply([gradient], [trained]);
  step(); // the kernels are over this backend's memory from now on
  const running = await setThreads(threads);
  for (let i = 0; i < 4; i++) step();
  const hash = await crypto.subtle.digest("SHA-256", Float32Array.from(await trained.data()));
  for (const made of [optimizer, trained, gradient]) made.dispose();
  return { threads: running, bits: [...new Uint8Array(hash)].join(" ") };
}
