// Files of a visitor's: what is in a checkpoint or in a file of Keras, told as the command line tells it; and a way to go
// on from a checkpoint of this page.
import { Fragment, type JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Scroll } from "../../ui/scroll.js";
import type { Saved } from "./checkpoint.js";
import { onDropped, useDragging } from "./drop.js";
import type { FileAnswer } from "./file-worker.js";

type Contents = Extract<FileAnswer, { facts: unknown }>;

interface FilesProps {
  resume(i: 0 | 1, saved: Saved): Promise<void>;
}

export function Files({ resume }: FilesProps): JSX.Element {
  const [contents, setContents] = useState<Contents | null>(null);
  const [message, setMessage] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const worker = useRef<Worker | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const end = (): void => {
    worker.current?.terminate();
    worker.current = null;
  };
  const tell = (answer: FileAnswer): void => {
    end();
    setMessage("");
    setContents("facts" in answer ? answer : null);
    setProblem("problem" in answer ? answer.problem : null);
  };
  const read = (file: File): void => {
    end();
    setMessage(`Reading "${file.name}" …`);
    setProblem(null);
    const made = new Worker(new URL("./file-worker.ts", import.meta.url), { type: "module" });
    worker.current = made;
    made.onmessage = ({ data }: MessageEvent<FileAnswer>) => tell(data);
    made.onerror = ({ message: reason }) =>
      tell({ problem: `"${file.name}" could not be read: ${reason || "its reader could not be loaded"}.` });
    made.postMessage(file);
  };
  useEffect(() => {
    const stop = onDropped((file) => {
      // Wherever the page was when it was dropped.
      heading.current?.focus();
      heading.current?.scrollIntoView();
      read(file);
    });
    return () => {
      stop();
      end();
    };
  }, []);
  const goOn = async (i: 0 | 1, saved: Saved): Promise<void> => {
    try {
      await resume(i, saved);
      setMessage(
        `Contestant ${i + 1} resumes after epoch ${saved.scores.length - 1}. Press Start to train it further.`,
      );
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section aria-labelledby="files-title">
      <h2 id="files-title" ref={heading} tabIndex={-1}>
        Inspect a file
      </h2>
      <DropZone read={read} />
      <p role="status">{message}</p>
      {problem !== null && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {contents && <Report contents={contents} goOn={goOn} />}
    </section>
  );
}

/** Takes a file by its button, or dropped anywhere on the page: drop.ts. */
function DropZone({ read }: { read: (file: File) => void }): JSX.Element {
  const over = useDragging();
  return (
    <div class={over ? "drop over" : "drop"}>
      <label for="file">Drop a .keras, .weights.h5 or .safetensors file here, or choose one: </label>
      <input
        id="file"
        type="file"
        accept=".keras,.h5,.safetensors"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file) read(file);
          // The same file can be chosen again.
          currentTarget.value = "";
        }}
      />
      <p class="quiet">It is read in this page and sent nowhere.</p>
    </div>
  );
}

interface ReportProps {
  readonly contents: Contents;
  goOn(i: 0 | 1, saved: Saved): Promise<void>;
}

function Report({ contents: { facts, columns, rows, more, saved }, goOn }: ReportProps): JSX.Element {
  return (
    <div id="report">
      {saved && (
        <div class="buttons">
          {([0, 1] as const).map((i) => (
            <button key={i} type="button" onClick={() => goOn(i, saved)}>
              Resume it as {i + 1}
            </button>
          ))}
        </div>
      )}
      <dl>
        {facts.map(([name, text], i) => (
          <Fragment key={i}>
            <dt>{name}</dt>
            <dd>
              <Fact text={text} />
            </dd>
          </Fragment>
        ))}
      </dl>
      <Scroll label="Arrays of the file">
        <table>
          <thead>
            <tr>
              {columns.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, ...cells], i) => (
              <tr key={i}>
                <th scope="row">{name}</th>
                {cells.map((cell, column) => (
                  <td key={column}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {more > 0 && <p>And {more} more arrays, which npx rmsprop inspect lists.</p>}
    </div>
  );
}

const LONGEST_FACT = 160;

/** A text as it is; a long one, such as a config, is folded. */
function Fact({ text }: { readonly text: string }): JSX.Element {
  const lines = text.split("\n").length;
  if (lines <= 2 && text.length <= LONGEST_FACT) return <>{text}</>;
  const [start = ""] = text.split(". ");
  return (
    <details>
      <summary>{lines > 1 ? `${lines} lines` : `${start.slice(0, LONGEST_FACT)} …`}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: not every browser lets keys scroll what has no focus */}
      <pre tabIndex={0}>{text}</pre>
    </details>
  );
}
