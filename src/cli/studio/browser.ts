// Opens an address in the user's browser, where there is one.
import { spawn } from "node:child_process";

/** Open `url` with the system's opener. Errors are ignored: the address has been printed. */
export function openInBrowser(url: string): void {
  const [command, words] = opener(process.platform, process.env);
  if (command === undefined) return;
  const child = spawn(command, [...words, url], { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}

/** The system's own opener; none on a Linux without a display, where it might start a browser in this terminal. */
export function opener(
  platform: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly [command: string | undefined, words: readonly string[]] {
  if (platform === "darwin") return ["open", []];
  if (platform === "win32") return ["rundll32", ["url.dll,FileProtocolHandler"]];
  return [env.DISPLAY || env.WAYLAND_DISPLAY ? "xdg-open" : undefined, []];
}
