/** Reads barcodes by the camera where the browser can (Chrome on Android); elsewhere nothing of it is shown. */
import { useEffect, useRef } from "preact/hooks";
import { t } from "../core/words";
import { Sheet } from "./input";
import { say } from "./toast";

interface Detector { detect(source: CanvasImageSource): Promise<Array<{ rawValue: string }>> }
declare const BarcodeDetector: { new (options: { formats: string[] }): Detector } | undefined;

export function canScan(): boolean {
  return typeof BarcodeDetector !== "undefined" && navigator.mediaDevices !== undefined;
}

const PAUSE_MS = 250;

export function Scanner({ onCode, onClose }: { onCode: (code: string) => boolean; onClose: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    let running = true;
    let stream: MediaStream | null = null;
    const look = async () => {
      const detector = new BarcodeDetector!({ formats: ["ean_13", "ean_8", "upc_a", "upc_e", "code_128"] });
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      const screen = video.current;
      if (!screen || !running) return stream.getTracks().forEach((track) => track.stop());
      screen.srcObject = stream;
      await screen.play();
      while (running) {
        const [found] = await detector.detect(screen);
        if (found && onCode(found.rawValue)) return onClose();
        if (found) say(t("unknown_code", { code: found.rawValue }), true);
        await new Promise((wake) => setTimeout(wake, found ? 1500 : PAUSE_MS));
      }
    };
    look().catch(() => say(t("no_camera"), true));
    return () => {
      running = false;
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, []);
  return (
    <Sheet title={t("scan")} onClose={onClose}>
      <video ref={video} class="scanview" muted playsInline aria-label={t("scan")} />
    </Sheet>
  );
}
