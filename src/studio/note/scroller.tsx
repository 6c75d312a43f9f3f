// A box that scrolls sideways when its content is too wide, and can then be reached and scrolled by keyboard.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

type ScrollerProps = { readonly class: string; readonly label: string; readonly children: ComponentChildren };

export function Scroller({ class: name, label, children }: ScrollerProps) {
  const box = useRef<HTMLDivElement>(null);
  const [wide, setWide] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setWide(element.scrollWidth > element.clientWidth);
    const size = new ResizeObserver(measure);
    const content = new MutationObserver(measure); // a formula is set later, in a box of the same size
    size.observe(element);
    content.observe(element, { childList: true, subtree: true, characterData: true });
    return () => {
      size.disconnect();
      content.disconnect();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a formula is no set of form fields
    <div ref={box} class={name} role="group" aria-label={label} {...(wide && { tabIndex: 0 })}>
      {children}
    </div>
  );
}
