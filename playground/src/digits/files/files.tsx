// Files of a visitor's: what is in a checkpoint or in a file of Keras, told as the command line tells it; and a way to go
// on from a checkpoint of this page.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Scroll } from "../../ui/scroll.js";
import type { Saved } from "./checkpoint.js";
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
  useEffect(() => end, []);
  const goOn = async (i: 0 | 1, saved: Saved): Promise<void> => {
    try {
      await resume(i, saved);
      setMessage(`${i + 1} goes on after epoch ${saved.scores.length - 1}. Start trains it.`);
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section aria-labelledby="files-title">
      <h2 id="files-title">Look into a file</h2>
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

/** Takes a file by its button, or dropped anywhere on the page. */
function DropZone({ read }: { read: (file: File) => void }): JSX.Element {
  const [over, setOver] = useState(false);
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    const isFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const hover = (event: DragEvent): void => {
      if (!isFile(event)) return;
      event.preventDefault();
      setOver(event.type === "dragover");
    };
    const drop = (event: DragEvent): void => {
      hover(event);
      const file = event.dataTransfer?.files[0];
      if (file) latest.current(file);
    };
    const listeners = [
      ["dragover", hover],
      ["dragleave", hover],
      ["drop", drop],
    ] as const;
    for (const [name, listener] of listeners) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of listeners) removeEventListener(name, listener);
    };
  }, []);
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
              Go on with it as {i + 1}
            </button>
          ))}
        </div>
      )}
      <dl>
        {facts.map(([name, text]) => (
          <>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </>
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
