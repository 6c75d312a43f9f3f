// The page's entrance.
import { render } from "preact";
import { speakFirst } from "./language/choice.ts";
import "./style/tokens.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/parts.css";
import "./style/media.css";
import "./style/hide.css";
import { Shell } from "./shell.tsx";
import { DEFAULT_SETUP } from "./state/setup.ts";
import { lesson, setup, start } from "./state/store.ts";

async function begin(): Promise<void> {
  await speakFirst();
  render(<Shell />, document.getElementById("studio")!);
  const named = lesson.value;
  await start();
  // a lesson's file opens its first run, unless the address has one of its own
  if (!named.endsWith(".md")) return;
  const { fetchLesson } = await import("./lessons/open-lesson.ts");
  await fetchLesson(named, JSON.stringify(setup.value) === JSON.stringify(DEFAULT_SETUP));
}
void begin();
