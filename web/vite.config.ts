import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

/** The built files lie in the serving package: the wheel carries them, git does not. */
export const OUT = "../serving/http/app";
const WORDS = Object.keys(JSON.parse(readFileSync("src/words/word-en.json", "utf8")) as object);

export default defineConfig({
  base: "/app/",
  define: { __WORDS__: JSON.stringify(WORDS.filter((word) => word.startsWith("fact_"))) },
  resolve: { alias: { "@client": new URL("../clients/samaan-client.ts", import.meta.url).pathname } },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // Related screens share a file: fewer requests, and the files compress better together.
    rolldownOptions: {
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: "stock", test: /screens\/(goods|item|count|order|orders|prices|photo)\.tsx$/ },
            { name: "shop", test: /screens\/(bills|closing|customers|people|more)\.tsx$/ },
          ],
        },
      },
    },
  },
});
