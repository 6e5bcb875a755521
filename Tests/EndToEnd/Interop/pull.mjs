// Lists a product's releases and pulls one chunk from a ChunkOta server with npm's @grpc/grpc-js.
//
// usage: node pull.mjs PROTO_ROOT ADDRESS TOKEN_FILE PRODUCT PATH
// Prints one JSON object: versions listed, and the chunk's name beside the b3sum of its bytes.
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(process.env.OTA_INTEROP_MODULES);
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const protobuf = require('protobufjs');

const [protoRoot, address, tokenFile, product, path] = process.argv.slice(2);
const files = ['releases', 'chunks'].map((name) => `chunkota/v1/${name}.proto`);
const { chunkota: { v1 } } = grpc.loadPackageDefinition(loader.loadSync(files, { includeDirs: [protoRoot], defaults: true }));
const documents = new protobuf.Root();
documents.resolvePath = (_, file) => `${protoRoot}/${file}`;
documents.loadSync('chunkota/v1/documents.proto');
const decode = (type, bytes) => documents.lookupType(`chunkota.v1.${type}`).decode(bytes);

const b3sum = (data) => execFileSync('b3sum', ['--no-names'], { input: data }).toString().trim();

/** The plain bytes of a frame: docs/format.md, "Frame". */
function plainOf(frame) {
  assert.deepEqual([frame[0], frame[1]], [0xc0, 1]);
  const payload = frame.subarray(8);
  const plain = frame[2] === 1 ? execFileSync('zstd', ['-dc'], { input: payload, maxBuffer: 1 << 20 }) : payload;
  assert.equal(plain.length, frame.readUInt32LE(4));
  return plain;
}

const metadata = new grpc.Metadata();
metadata.set('authorization', `Bearer ${readFileSync(tokenFile, 'ascii').trim()}`);
const options = () => ({ deadline: Date.now() + 30_000 });
const unary = (client, method, request, headers = metadata) => new Promise((resolve, reject) =>
  client[method](request, headers, options(), (error, answer) => (error ? reject(error) : resolve(answer))));
async function all(stream) {
  const answers = [];
  for await (const answer of stream) answers.push(answer);
  return answers;
}

const credentials = grpc.credentials.createInsecure();
const releases = new v1.Releases(address, credentials);
const chunks = new v1.Chunks(address, credentials);

const listed = (await unary(releases, 'ListReleases', { product })).releases;
const newest = listed[0].manifest.digest;
const pieces = await all(releases.ReadManifest({ manifestDigest: newest }, metadata, options()));
const envelope = decode('Envelope', Buffer.concat(pieces.map((answer) => answer.piece)));
assert.equal(b3sum(envelope.payload), newest.toString('hex'));
const { entries } = decode('Manifest', envelope.payload);
const entry = entries.findIndex((candidate) => candidate.path === path);

const answers = await all(releases.FetchRecipes({ manifestDigest: newest, entries: [entry] }, metadata, options()));
const recipe = Buffer.concat(answers.flatMap((answer) => answer.pieces.map((piece) => piece.data)));
assert.equal(b3sum(recipe), Buffer.from(entries[entry].recipe).toString('hex'));
const length = recipe.readUInt32LE(36);
const name = recipe.subarray(40, 72);

let chunk;
for (const answer of await all(chunks.FetchChunks({ manifestDigest: newest, wants: [{ entry, first: 1, count: 1 }] }, metadata, options()))) {
  const plain = plainOf(answer.frame);
  let at = 0;
  for (let spans = [...answer.spans]; spans.length > 0;) {
    if (spans[0] === 0) {
      at += spans[1];
      spans = spans.slice(2);
    } else {
      assert.deepEqual(spans.slice(0, 3), [entry + 1, 1, 1]);
      chunk = plain.subarray(at, at + length);
      at += length;
      spans = spans.slice(3);
    }
  }
}

const refused = await unary(releases, 'ListReleases', { product }, new grpc.Metadata()).then(
  () => null, (error) => error.metadata.get('ota-code')[0]);
console.log(JSON.stringify({
  versions: listed.map((release) => release.version), chunk: name.toString('hex'), b3sum: b3sum(chunk), without_token: refused,
}));
releases.close();
chunks.close();
