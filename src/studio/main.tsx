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
import { followLesson, sayLeftOut } from "./state/follow-address.ts";
import { address, setup, start } from "./state/store.ts";

async function begin(): Promise<void> {
  await speakFirst();
  render(<Shell />, document.getElementById("studio")!);
  await start();
  sayLeftOut(address);
  await followLesson({ ...address, setup: setup.value });
}
void begin();
