// Runs exported models in a browser, by onnxruntime-web with WebAssembly on one thread, on the batches that
// `recur export --samples` wrote; fails where an output differs from the program's by more than 1e-5 of max(1, |ours|).
// Prints the largest difference of each model.
// usage: node check_models.mjs FOLDER       (FOLDER holds pairs NAME.onnx and NAME.safetensors)
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';

const require = createRequire(join(process.cwd(), 'package.json'));
const { chromium } = require('playwright-core');
const runtime = dirname(require.resolve('onnxruntime-web'));
const folder = process.argv[2];
const bar = 1e-5;

// A site of its own, all of whose files come from the disk: modules and WebAssembly are not loaded from file://.
const site = 'http://models.test/';
const types = { html: 'text/html', mjs: 'text/javascript', wasm: 'application/wasm' };
async function answer(route) {
  const [place, name] = new URL(route.request().url()).pathname.slice(1).split('/');
  if (place === '') return route.fulfill({ contentType: types.html, body: '<!doctype html><title>models</title>' });
  const contentType = types[name.split('.').pop()] ?? 'application/octet-stream';
  return route.fulfill({ contentType, body: readFileSync(join(place === 'runtime' ? runtime : folder, name)) });
}

// In the page: the largest difference over all batches, and how many batches there were.
async function run({ site, name }) {
  const ort = await import(`${site}runtime/ort.wasm.min.mjs`);
  ort.env.wasm.wasmPaths = `${site}runtime/`;
  ort.env.wasm.numThreads = 1;
  const fetched = async file => (await fetch(`${site}models/${file}`)).arrayBuffer();
  const arrays = { F32: ['float32', Float32Array], I32: ['int32', Int32Array], I64: ['int64', BigInt64Array] };
  const file = await fetched(`${name}.safetensors`);
  const header = Number(new DataView(file).getBigUint64(0, true));
  const listed = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, header)));
  const batches = [];
  for (const [key, { dtype, shape, data_offsets }] of Object.entries(listed)) {
    if (key === '__metadata__') continue;
    const [, batch, side, of] = /^(\d+)\.(input|output)\.(.*)$/.exec(key);
    const [type, Kind] = arrays[dtype];
    const data = new Kind(file.slice(8 + header + data_offsets[0], 8 + header + data_offsets[1]));
    batches[batch] ??= { input: {}, output: {} };
    batches[batch][side][of] = new ort.Tensor(type, data, shape);
  }
  const session = await ort.InferenceSession.create(await fetched(`${name}.onnx`));
  let largest = 0;
  for (const { input, output } of batches) {
    const said = await session.run(input);
    for (const [of, { data, dims }] of Object.entries(output)) {
      if (said[of].dims.join() !== dims.join()) throw new Error(`${name}: ${of}: [${said[of].dims}], expected [${dims}]`);
      data.forEach((ours, i) => {
        const difference = Math.abs(Number(ours) - Number(said[of].data[i])) / Math.max(1, Math.abs(Number(ours)));
        if (!(difference <= largest)) largest = difference;  // also where it is NaN
      });
    }
  }
  return { largest, batches: batches.length };
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage();
await page.route('**/*', answer);
await page.goto(site);
const names = readdirSync(folder).filter(file => file.endsWith('.onnx')).map(file => file.slice(0, -5)).sort();
let faults = names.length === 0 ? 1 : 0;
for (const name of names) {
  try {
    const { largest, batches } = await page.evaluate(run, { site, name });
    const good = batches > 0 && largest <= bar;
    console.log(`web: ${name}: ${batches} batches, largest difference ${largest.toExponential(1)}${good ? '' : ': FAILED'}`);
    if (!good) ++faults;
  } catch (error) {
    console.error(`web: ${name}: ${error.message.split('\n')[0]}`);
    ++faults;
  }
}
await browser.close();
console.log(faults === 0 ? `web: ${names.length} models: equal` : `web: ${faults} faults`);
process.exitCode = faults === 0 ? 0 : 1;
