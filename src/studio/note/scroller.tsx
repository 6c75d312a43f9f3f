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
    const observer = new ResizeObserver(() => setWide(element.scrollWidth > element.clientWidth));
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    return () => observer.disconnect();
  }, []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a formula is no set of form fields
    <div ref={box} class={name} role="group" aria-label={label} {...(wide && { tabIndex: 0 })}>
      {children}
    </div>
  );
}
