// Ways to bring a picture in place of a drawing: a file, a paste, the camera.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../language/words.ts";
import { Switch } from "../parts/field.tsx";
import { failure } from "../state/store.ts";
import { bringFile, bringPicture, picturesIn, whole } from "./brought.ts";

export function BringPanel() {
  const input = useRef<HTMLInputElement>(null);
  const camera = useSignal<MediaStream | null>(null);
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const [picture] = picturesIn(event.clipboardData);
      if (!picture) return;
      event.preventDefault();
      void bringFile(picture);
    };
    addEventListener("paste", paste);
    return () => {
      removeEventListener("paste", paste);
      stop(camera.peek());
    };
  }, [camera]);
  const open = async () => {
    try {
      camera.value = await navigator.mediaDevices.getUserMedia({ video: { width: 480, height: 480 } });
    } catch {
      const reason = t("there is no camera here, or it was not allowed.");
      failure.value = { code: "NO_CAMERA", message: `error NO_CAMERA ${reason}` };
    }
  };
  const close = () => {
    stop(camera.value);
    camera.value = null;
  };
  return (
    <div class="bring">
      <div class="tools">
        <button type="button" onClick={() => input.current?.click()}>
          {t("A picture …")}
        </button>
        {navigator.mediaDevices && (
          <button type="button" onClick={() => (camera.value ? close() : void open())}>
            {t(camera.value ? "Close the camera" : "Camera")}
          </button>
        )}
      </div>
      <input
        ref={input}
        class="unseen"
        type="file"
        accept="image/*"
        tabIndex={-1}
        aria-label={t("A picture in place of a drawing")}
        onChange={({ currentTarget }) => {
          const [file] = [...(currentTarget.files ?? [])];
          currentTarget.value = "";
          if (file) void bringFile(file);
        }}
      />
      {camera.value && <Camera stream={camera.value} />}
      <Switch
        label={t("Take pictures whole")}
        hint={t("in gray, and not as the ink on their paper")}
        on={whole.value}
        onSwitch={(on) => {
          whole.value = on;
        }}
      />
      <p class="quiet">{t("Or paste one. Nothing leaves this page.")}</p>
    </div>
  );
}

function Camera({ stream }: { readonly stream: MediaStream }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  return (
    <div class="camera">
      <video ref={video} autoPlay muted playsInline aria-label={t("What the camera sees")} />
      <button
        type="button"
        class="primary"
        onClick={() => {
          const { current } = video;
          if (current && current.videoWidth > 0) bringPicture(current, current.videoWidth, current.videoHeight);
        }}
      >
        {t("Take the picture")}
      </button>
    </div>
  );
}

function stop(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
