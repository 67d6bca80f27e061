// What a checkpoint of this tab says besides weights and slots: settings, course and scores, as texts; and the way back,
// on which nothing is believed.
import { countOf, runOf, runText } from "../../address.js";
import { DIGITS_RANGES, INPUTS, OWN_CLASSES, type OwnKind, type RunSettings } from "../../settings.js";
import type { Course, EpochScore } from "../run.js";

/** A checkpoint whose texts were understood. */
export interface Saved {
  readonly bytes: Uint8Array;
  readonly settings: RunSettings;
  readonly course: Course;
  readonly scores: readonly EpochScore[];
}

const COURSE_KEY = "digits.course";
const SETTINGS_KEY = "digits.settings";
const SCORES_KEY = "digits.scores";

interface Told {
  readonly settings: RunSettings;
  readonly course: Course;
  readonly scores: readonly EpochScore[];
}

export function metadataOf({ settings, course, scores }: Told): Record<string, string> {
  return {
    [SETTINGS_KEY]: runText(settings),
    [COURSE_KEY]: `${course.seed} ${course.batchSize} ${course.inputs}`,
    [SCORES_KEY]: JSON.stringify(scores.map(numbersOf)),
  };
}

/** Whether the texts of a checkpoint are those of this tab. */
export function isOwn(metadata: Readonly<Record<string, string>>): boolean {
  return COURSE_KEY in metadata;
}

/** What the texts of a checkpoint say. Throws an Error in words for what makes no sense. */
export function savedOf(bytes: Uint8Array, metadata: Readonly<Record<string, string>>): Saved {
  const { [SETTINGS_KEY]: settingsWord = "", [COURSE_KEY]: courseWord = "", [SCORES_KEY]: scoresText = "" } = metadata;
  const problems: string[] = [];
  const settings = runOf(settingsWord, Object.keys(OWN_CLASSES) as OwnKind[], problems);
  if (!settings || problems.length > 0) throw new RangeError(`Its settings cannot be read: ${problems.join("; ")}.`);
  return { bytes, settings, course: courseOf(courseWord), scores: scoresOf(scoresText) };
}

function courseOf(word: string): Course {
  // Without a third word it is of a time when all images were clean.
  const [seedWord = "", batchSizeWord = "", inputsWord = "clean"] = word.split(" ");
  const [seed, batchSize] = [countOf("seed", seedWord), countOf("batchSize", batchSizeWord)];
  const inputs = INPUTS.find((name) => name === inputsWord);
  if (seed === null || batchSize === null || !inputs)
    throw new RangeError("Its seed, batch size or kind of images cannot be read.");
  return { seed, batchSize, inputs };
}

const UNKNOWN = { loss: Number.NaN, accuracy: Number.NaN };

/** JSON has no NaN; null stands for it. */
function numbersOf({ training, heldOut, average, ms }: EpochScore): (number | null)[] {
  const scores = [training ?? UNKNOWN, heldOut, ...(average ? [average] : [])];
  return [ms, ...scores.flatMap(({ loss, accuracy }) => [loss, accuracy])];
}

function scoresOf(text: string): EpochScore[] {
  const rows = parsed(text);
  const isCount = Array.isArray(rows) && rows.length > 0 && rows.length <= DIGITS_RANGES.epochs[1] + 1;
  if (!isCount || !rows.every(isRow)) throw new RangeError("Its scores cannot be read.");
  return rows.map((row, epoch) => {
    const [ms = 0, loss = 0, accuracy = 0, heldOutLoss = 0, heldOutAccuracy = 0, ...average] = row.map(
      (value) => value ?? Number.NaN,
    );
    const [averageLoss, averageAccuracy] = average;
    const hasAverage = averageLoss !== undefined && averageAccuracy !== undefined;
    return {
      training: epoch === 0 ? null : { loss, accuracy },
      heldOut: { loss: heldOutLoss, accuracy: heldOutAccuracy },
      average: hasAverage ? { loss: averageLoss, accuracy: averageAccuracy } : null,
      ms,
    };
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRow(row: unknown): row is (number | null)[] {
  const isNumber = (value: unknown): boolean => value === null || typeof value === "number";
  return Array.isArray(row) && (row.length === 5 || row.length === 7) && row.every(isNumber);
}
