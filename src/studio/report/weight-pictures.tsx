// Every layer's weights as a heat map, and for images the receptive fields of the first layer.
import { useMemo } from "preact/hooks";
import type { LayerPicture, ReportData } from "../../files/report-page.ts";
import { MatrixView } from "../parts/matrix.tsx";
import { shortNumber, whole } from "../parts/numbers.ts";
import { numbersOf } from "./bytes.ts";

const MOST_FIELDS = 128;

export function WeightPictures({ data: { layers, image } }: { readonly data: ReportData }) {
  return (
    <>
      <p>
        Blue is positive, orange negative, and the ground is zero; each picture has its own scale, in 255 steps. In the
        matrices a row is an input and a column a unit, as in a<sub>l−1</sub>W<sub>l</sub>.
      </p>
      {image && layers[0]!.steps !== null && <Fields layer={layers[0]!} image={image} />}
      <div class="layers">
        {layers.map((layer, l) => (
          <Layer key={l} number={l + 1} layer={layer} />
        ))}
      </div>
    </>
  );
}

function Layer({ number, layer }: { readonly number: number; readonly layer: LayerPicture }) {
  const { inputs, outputs, scale, norm, steps } = layer;
  const values = useMemo(() => (steps === null ? null : numbersOf(steps, scale)), [steps, scale]);
  return (
    <figure>
      <figcaption>
        <b>
          W<sub>{number}</sub>
        </b>{" "}
        {whole(inputs)} × {whole(outputs)}, within ±{shortNumber(scale)}, norm {shortNumber(norm)}
      </figcaption>
      {values ? (
        <MatrixView values={values} rows={inputs} cols={outputs} scale={scale} label={`W${number}`} />
      ) : (
        <p class="quiet">Too many for a page: {whole(inputs * outputs)} weights.</p>
      )}
    </figure>
  );
}

/** Column o of W₁ as an image of the input. */
function Fields({ layer, image }: { readonly layer: LayerPicture; readonly image: { height: number; width: number } }) {
  const { inputs, outputs, scale, steps } = layer;
  const fields = useMemo(() => {
    const W = numbersOf(steps!, scale);
    return Array.from({ length: Math.min(outputs, MOST_FIELDS) }, (_, o) =>
      Float32Array.from({ length: inputs }, (_, i) => W[i * outputs + o]!),
    );
  }, [steps, scale, inputs, outputs]);
  const shown = fields.length < outputs ? `the first ${fields.length} of ${outputs} units` : `all ${outputs} units`;
  return (
    <figure class="fields-figure">
      <figcaption>
        What the first layer looks for: {shown}, each unit's weights laid out as the image it sees
      </figcaption>
      <div class="fields">
        {fields.map((field, o) => (
          <MatrixView
            key={o}
            values={field}
            rows={image.height}
            cols={image.width}
            scale={scale}
            label={`Unit ${o + 1}`}
          />
        ))}
      </div>
    </figure>
  );
}
