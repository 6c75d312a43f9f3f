// Charts as SVG and PNG files. The computed styles are written into the SVG, so that it needs no style sheet.
import { saveFile } from "./save-file.ts";

const SVG = "image/svg+xml";

const COPIED = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "stroke-linejoin",
  "stroke-linecap",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "font-variant-numeric",
];

function standalone(svg: SVGSVGElement): Blob {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const copies = copy.querySelectorAll<SVGElement>("*");
  svg.querySelectorAll<SVGElement>("*").forEach((element, k) => {
    const style = getComputedStyle(element);
    for (const name of COPIED) copies[k]!.setAttribute(name, style.getPropertyValue(name));
    copies[k]!.removeAttribute("class");
  });
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  ground.setAttribute("width", "100%");
  ground.setAttribute("height", "100%");
  ground.setAttribute("fill", getComputedStyle(document.documentElement).backgroundColor);
  copy.prepend(ground);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return new Blob([new XMLSerializer().serializeToString(copy)], { type: SVG });
}

export function saveSvg(svg: SVGSVGElement, name: string): void {
  saveFile(`${name}.svg`, standalone(svg), SVG);
}

const SHARPNESS = 2; // pixels of the file a pixel of the page

export function savePng(svg: SVGSVGElement, name: string): void {
  const address = URL.createObjectURL(standalone(svg));
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = SHARPNESS * svg.clientWidth;
    canvas.height = SHARPNESS * svg.clientHeight;
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(address);
    canvas.toBlob((blob) => blob && saveFile(`${name}.png`, blob, "image/png"), "image/png");
  };
  image.src = address;
}
