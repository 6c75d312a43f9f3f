// Handing a file to the visitor: made in the page, saved by the browser.
const LATER_MS = 60_000; // by then the browser has read it

export function downloadFile(name: string, content: BlobPart, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  [link.href, link.download] = [address, name];
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), LATER_MS);
}
