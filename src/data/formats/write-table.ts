// Rows of cells as text: CSV as RFC 4180 has it, or with another separator. A cell is quoted where it must be.

/** A row as a line, without its end. */
export function textLine(cells: readonly unknown[], separator = ","): string {
  const line = cells.map((cell) => quoted(String(cell ?? ""), separator)).join(separator);
  return line === "" ? '""' : line; // an empty line is no row
}

function quoted(text: string, separator: string): string {
  const must = text.includes(separator) || /["\r\n]/.test(text) || /^\s|\s$/.test(text);
  return must ? `"${text.replaceAll('"', '""')}"` : text;
}
