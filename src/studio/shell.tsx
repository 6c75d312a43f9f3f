// The frame of every view: navigation, transport, the last error, the open lesson, the view.
import { effect, signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { type PlainText, t } from "./language/words.ts";
import { VIEWS, type ViewName } from "./state/setup.ts";
import { failure, lesson, notice, opened, progress, starting, view } from "./state/store.ts";
import { DropCover, useDrops } from "./train/drop-zone.tsx";
import { Pending } from "./train/pending.tsx";
import { Foot, Transport } from "./train/transport.tsx";

const TITLES: Record<ViewName, PlainText> = {
  train: "Train",
  watch: "Watch",
  ask: "Ask",
  note: "The note",
  draw: "Draw",
  keep: "Keep",
  lessons: "Lessons",
};

/** Of a table a row is tried, where of pictures one is drawn. */
function titleOf(name: ViewName): string {
  const found = opened.value;
  return t(name === "draw" && found && !found.image && !found.picture ? "Try" : TITLES[name]);
}

type Part = ViewName | "strip";

/** Each view is a script of its own, loaded when it is first shown; so is the strip of an open lesson. */
const LOADERS: Record<Part, () => Promise<ComponentType>> = {
  train: async () => (await import("./train/view.tsx")).TrainView,
  watch: async () => (await import("./watch/view.tsx")).WatchView,
  ask: async () => (await import("./ask/view.tsx")).AskView,
  note: async () => (await import("./note/view.tsx")).NoteView,
  draw: async () => (await import("./draw/view.tsx")).DrawView,
  keep: async () => (await import("./keep/view.tsx")).KeepView,
  lessons: async () => (await import("./lessons/view.tsx")).LessonsView,
  strip: async () => (await import("./lessons/strip.tsx")).LessonStrip,
};

const loaded = signal<Partial<Record<Part, ComponentType>>>({});

async function load(name: Part): Promise<void> {
  if (loaded.value[name]) return;
  try {
    const component = await LOADERS[name]();
    loaded.value = { ...loaded.value, [name]: component };
  } catch {
    const reason = t(
      "this view could not be loaded: the page's host does not answer. Is deltaprop studio still running?",
    );
    failure.value = { code: "VIEW_NOT_LOADED", message: `error VIEW_NOT_LOADED ${reason}` };
  }
}

// Once there is something to lose, the view that saves it is there, whatever becomes of the host.
effect(() => {
  if ((progress.value?.steps ?? 0) > 0 && !loaded.peek().keep) void load("keep");
});

export function Shell() {
  const name = view.value;
  const View = loaded.value[name];
  if (!View) void load(name);
  const LessonStrip = loaded.value.strip;
  if (lesson.value !== "" && !LessonStrip) void load("strip");
  useDrops();
  const waiting = waitsFor(name, View !== undefined);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        {t("Skip to the view")}
      </button>
      <header class="head">
        <p class="brand">
          <img src="./icon.svg" alt="" width="24" height="24" /> Deltaprop <span>{t("studio")}</span>
        </p>
        <nav aria-label={t("Views")}>
          <ul>
            {VIEWS.map((each) => (
              <li key={each}>
                <button
                  type="button"
                  class="tab"
                  data-view={each}
                  aria-current={each === name ? "page" : undefined}
                  onClick={() => {
                    view.value = each;
                  }}
                >
                  {titleOf(each)}
                </button>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <div class="top">
        <Transport />
        <FailureBar />
        <NoticeBar />
        <Pending />
      </div>
      {LessonStrip && <LessonStrip />}
      <main id="main" tabIndex={-1} class={`view view-${name}`}>
        <h1 class="unseen">{titleOf(name)}</h1>
        {waiting ? <p class="empty">{waiting}</p> : View && <View />}
      </main>
      <Foot />
      <DropCover />
    </>
  );
}

/** Views that need no data. */
const DATALESS: readonly ViewName[] = ["train", "lessons"];

/** The text in place of the view while it or its data are not loaded. */
function waitsFor(name: ViewName, here: boolean): string | undefined {
  if (opened.value === null && !DATALESS.includes(name))
    return starting.value ? t("Opening the data …") : t("No data are open. Choose some in the Train view.");
  return here ? undefined : t("Loading …");
}

/** Where focus goes when what had it is gone. */
const toView = () => document.getElementById("main")?.focus();

function FailureBar() {
  const found = failure.value;
  const taught = found?.code === "NOT_FINITE" && lesson.value !== ""; // that is what the lesson shows
  return (
    <div role="alert">
      {found && (
        <div class={taught ? "failure taught" : "failure"}>
          <p>{taught ? found.message.replace(/^error \w+ /, `${t("As the lesson says:")} `) : found.message}</p>
          <button
            type="button"
            onClick={() => {
              failure.value = null;
              toView();
            }}
          >
            {t("Dismiss")}
          </button>
        </div>
      )}
    </div>
  );
}

function NoticeBar() {
  const found = notice.value;
  const end = () => {
    notice.value = null;
    toView();
  };
  return (
    <div role="status">
      {found && (
        <div class="failure notice">
          <p>{found.text}</p>
          <p class="keys">
            {found.actions?.map(({ name, run }) => (
              <button
                key={name}
                type="button"
                onClick={() => {
                  end();
                  run();
                }}
              >
                {name}
              </button>
            ))}
            <button type="button" onClick={end}>
              {t("Dismiss")}
            </button>
          </p>
        </div>
      )}
    </div>
  );
}
