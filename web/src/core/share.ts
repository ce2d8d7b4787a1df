/** Hand a text on: the phone's own share sheet, else the clipboard. No third party is asked. */
import { say } from "../parts/toast";
import { t } from "./words";

export async function shareText(text: string, title: string): Promise<void> {
  try {
    if (navigator.share) return await navigator.share({ title, text });
    await navigator.clipboard.writeText(text);
    say(t("copied"));
  } catch (error) {
    if ((error as Error).name !== "AbortError") say(t("not_shared"));
  }
}
