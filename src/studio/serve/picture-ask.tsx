// A picture to ask about: drawn, chosen or dropped. A file goes to the server as it is, and becomes a row there as
// in `deltaprop predict`.
import { useId, useState } from "preact/hooks";
import { type PenLine, pictureOf } from "../draw/pen.ts";
import type { ServedInfo } from "./ask.ts";
import { Sketch } from "./sketch.tsx";

export type PictureAskProps = { readonly model: ServedInfo; readonly onPicture: (body: object | Blob) => void };

const SIDE = 28; // of a drawing's picture

export function PictureAsk({ model, onPicture }: PictureAskProps) {
  const id = useId();
  const [lines, setLines] = useState<readonly PenLine[]>([]);
  const { width, height, color } = model.picture!;
  const drawable = width === SIDE && height === SIDE && color === "grey";
  const centeredBy = model.trainedOn === "digits" ? "frame" : "mass";
  const take = (file: File | undefined) => {
    if (file) onPicture(file);
  };
  return (
    <section
      class="picture-ask"
      aria-label="Picture"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        take(event.dataTransfer?.files[0]);
      }}
    >
      {drawable && (
        <>
          <Sketch
            lines={lines}
            onLines={(next, done) => {
              setLines(next);
              if (done) onPicture([...pictureOf(next, centeredBy)]);
            }}
          />
          <button type="button" onClick={() => setLines([])}>
            Clear
          </button>
        </>
      )}
      <label for={id}>{drawable ? "or choose or drop a picture" : "Choose or drop a picture"}</label>
      <input id={id} type="file" accept="image/*" onChange={(event) => take(event.currentTarget.files?.[0])} />
    </section>
  );
}
