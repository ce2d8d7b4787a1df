/** Registers the worker that keeps the shell. A new version takes over at a start, never in the middle of a bill. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}
declare global {
  interface Window { trustedTypes?: TrustedTypes }
}

const WORKER = "/app/sw.js";

export function keepShell(): void {
  if (!("serviceWorker" in navigator)) return;
  const policy = window.trustedTypes?.createPolicy("samaan", {
    createScriptURL(url) {
      if (url !== WORKER) throw new TypeError("only the app's own worker may be registered");
      return url;
    },
  });
  const url = policy ? policy.createScriptURL(WORKER) : WORKER;
  navigator.serviceWorker.register(url, { scope: "/app/" }).then(
    (registration) => registration?.waiting?.postMessage("take-over"),
    () => undefined,
  );
  let first = navigator.serviceWorker.controller === null;
  const begun = Date.now();
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    // Only within the first moments of a start, and never for the first worker of all.
    if (!first && Date.now() - begun < 3000) location.reload();
    first = false;
  });
}
