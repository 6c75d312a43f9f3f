// The note beside a page's text: the studio itself, in a frame that is there from the first click on an equation on.
// Without a script, or in a new window, the same links open it by itself.

const TITLE = "The note, with the numbers of a network that trains here";

/** Let the page's equations open in it. */
export function openEquationsHere(): void {
  let frame: HTMLIFrameElement | undefined;
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a.live"))
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (frame) turnTo(frame.contentWindow!.location, link.hash);
      else {
        frame = document.createElement("iframe");
        frame.title = TITLE;
        frame.src = link.href;
        link.closest("main")!.append(frame);
      }
    });
}

/** The run that is open there goes on: only where it looks changes. */
function turnTo(place: Location, hash: string): void {
  const said = new URLSearchParams(place.hash.slice(1));
  const asked = new URLSearchParams(hash.slice(1));
  for (const name of ["view", "equation"]) said.set(name, asked.get(name)!);
  for (const name of ["term", "tab"]) said.delete(name);
  place.hash = said.toString();
}
