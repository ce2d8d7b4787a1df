import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vite";
import { OUT } from "./vite.config";

/**
 * The files of the shell with their digests. Languages, the starter list, charts and the owner's and operator's pages are not in
 * it: the worker keeps each of them once it was used.
 */
function shellFiles(): Array<{ url: string; revision: string }> {
  const later = /^(starter|operator|owner|models|word|plot|demand|price|icon-[\w-]+|sw\.js|\.built)\b/;
  const names = readdirSync(OUT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(OUT.length + 1).replaceAll("\\", "/"))
    .filter((name) => !later.test(name.replace(/^assets\//, "")));
  return names.sort().map((name) => ({
    url: name === "index.html" ? "/app/" : `/app/${name}`,
    revision: createHash("sha256").update(readFileSync(join(OUT, name))).digest("hex").slice(0, 16),
  }));
}

export default defineConfig({
  define: { __SHELL__: JSON.stringify(shellFiles()), "process.env.NODE_ENV": '"production"' },
  build: {
    outDir: OUT,
    emptyOutDir: false,
    copyPublicDir: false,
    target: "es2022",
    reportCompressedSize: false,
    rollupOptions: { input: "src/sw.ts", output: { entryFileNames: "sw.js", format: "iife" } },
  },
});
