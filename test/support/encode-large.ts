/**
 * Run as a process of its own by a test: encodes rows with 30 latents of the dictionary whose path it is given, and prints the latents'
 * values and by how many bytes its resident memory grew at most.
 */
import { encodeLatents } from "../../src/sae/encode.ts";
import { openDictionary } from "../../src/sae/open-dictionary.ts";

const [path = "", ...latents] = process.argv.slice(2);
const before = process.memoryUsage().rss;
const dictionary = openDictionary({ path });
const rows = new Float32Array(4 * dictionary.dModel).fill(1);
const values = encodeLatents({ dictionary, rows, latents: latents.map(Number) });
// the largest that the process ever had, in kilobytes
const grown = process.resourceUsage().maxRSS * 1024 - before;
process.stdout.write(JSON.stringify({ values: [...values.slice(0, latents.length)], grown }));
