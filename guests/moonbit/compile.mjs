// Compiles one MoonBit program to objects of WebAssembly 3.0:
//     node compile.mjs moonc-worker.js IN.mbt OUT.wasm EXPORT...
// moonc-worker.js is the compiler, of the npm package `@moonbit/moonc-worker`. It is made for a browser's worker and
// takes its orders as messages, so a context that has what a worker has stands in for one.
import fs from "node:fs";
import path from "node:path";
import vm from "node:vm";

const [compiler, source, output, ...exports] = process.argv.slice(2);
const listeners = [];
const waiting = new Map();
const worker = {
  addEventListener: (_, listener) => listeners.push(listener),
  removeEventListener: () => {},
  postMessage: (message) => waiting.get(message.id)?.(message),
  location: { href: "" },
  console, MessageChannel, TextDecoder, TextEncoder, URL, WebAssembly, atob, btoa, clearTimeout, performance, queueMicrotask, setTimeout,
};
worker.self = worker;
vm.createContext(worker);
vm.runInContext(fs.readFileSync(compiler, "utf8"), worker);

const order = (name, value) =>
  new Promise((resolve) => {
    waiting.set(name, (message) => resolve(message.value));
    const data = { id: name, type: "APPLY", path: [name], argumentList: [{ type: "RAW", value }] };
    for (const listener of listeners) listener.call(worker, { data, origin: "" });
  });

const shared = { pkgSources: ["main:."], target: "wasm-gc", noOpt: false };
const built = await order("buildPackage", {
  ...shared, mbtFiles: [[path.basename(source), fs.readFileSync(source, "utf8")]], miFiles: [], indirectImportMiFiles: [],
  stdMiFiles: [], pkg: "main", isMain: true, errorFormat: "human", enableValueTracing: false,
});
for (const diagnostic of built.diagnostics ?? []) console.error(diagnostic);
if (!built.core) process.exit(1);
const linked = await order("linkCore", {
  ...shared, coreFiles: [built.core], main: "main", exportedFunctions: exports, outputFormat: "wasm", testMode: false,
  debug: false, sourceMap: false, sources: {}, stopOnMain: false,
});
fs.writeFileSync(output, linked.result);
