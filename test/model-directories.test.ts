import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadModelDirectory } from '../node/load-model.ts'
import { ModelDirectoryError } from '../node/model-directory.ts'
import { buildAssets } from '../scripts/build-assets.ts'
import { TEST_MODELS } from '../scripts/test-models.ts'
import { MODEL_PATHS } from '../shared/manifest.ts'
import { LayersFormatError, readGraph } from '../shared/network/layers/layer-graph.ts'

const folder = mkdtempSync(join(tmpdir(), 'latent64-models-'))
afterAll(() => rmSync(folder, { recursive: true }))

// biome-ignore lint/suspicious/noExplicitAny: JSON that is damaged on purpose
type Json = any
type Damage = (model: { json(path: string, edit: (json: Json) => void): void; directory: string }) => void

/** A copy of a sound model, damaged. */
function damaged(name: string, damage: Damage): string {
  const directory = join(folder, name.replaceAll(/\W+/g, '-'))
  cpSync(join(TEST_MODELS, 'mnist'), directory, { recursive: true })
  const json = (path: string, edit: (json: Json) => void) => {
    const content = JSON.parse(readFileSync(join(directory, path), 'utf8'))
    edit(content)
    // JSON has no Infinity, but a reader of JSON makes one of 1e999
    writeFileSync(join(directory, path), JSON.stringify(content).replaceAll('"infinite"', '1e999'))
  }
  damage({ json, directory })
  return directory
}

const manifest =
  (edit: (manifest: Json) => void): Damage =>
  ({ json }) =>
    json(MODEL_PATHS.manifest, edit)
const decoder =
  (edit: (file: Json) => void): Damage =>
  ({ json }) =>
    json(MODEL_PATHS.decoder.topology, edit)
const layers = (edit: (layers: Json[], config: Json) => void) =>
  decoder(({ modelTopology: { config } }) => edit(config.layers, config))
const bytesOf =
  (path: string, edit: (bytes: Buffer) => Buffer): Damage =>
  ({ directory }) =>
    writeFileSync(join(directory, path), edit(readFileSync(join(directory, path))))

const NAN_BITS = 0x7fc00000
const at = (offset: number, word: number) => (bytes: Buffer) => {
  bytes.writeUInt32LE(word, offset)
  return bytes
}

const cases: [name: string, message: RegExp, damage: Damage][] = [
  ['a step of zero', /levels.*steps/, manifest((m) => (m.levels[0].steps[3] = 0))],
  ['an infinite step', /levels.*steps/, manifest((m) => (m.levels[0].steps[3] = 'infinite'))],
  ['a step too few', /as many steps/, manifest((m) => m.levels[0].steps.pop())],
  ['defaultLevel 99', /defaultLevel: expected one of the levels/, manifest((m) => (m.defaultLevel = 99))],
  [
    'an input of 4096x4096x3 that is none',
    /expected a network of 50331648 numbers to 64, got one of 784/,
    manifest((m) => (m.input = { height: 4096, width: 4096, channels: 3 })),
  ],
  ['another latent', /steps and distortionBits/, manifest((m) => (m.latent = 65))],
  ['no JSON', /manifest.json/, ({ directory }) => writeFileSync(join(directory, 'manifest.json'), '{')],
  ['tables cut short', /bytes of tables|Invalid/, bytesOf(MODEL_PATHS.tables, (b) => b.subarray(0, -8))],
  [
    'tables of two billion components',
    /follow one another|typed array|offset/i,
    bytesOf(MODEL_PATHS.tables, at(4 * 15, 2 ** 31)),
  ],
  ['a weight that is not a number', /not finite/, bytesOf(MODEL_PATHS.decoder.weights, at(400, NAN_BITS))],
  ['weights cut short', /weights.bin has/, bytesOf(MODEL_PATHS.decoder.weights, (b) => b.subarray(4))],
  [
    'weights that claim to be large',
    /weights.bin has/,
    decoder((file) => (file.weightsManifest[0].weights[0].shape = [2 ** 20, 2 ** 20])),
  ],
  [
    'a weight of negative size',
    /whole numbers above zero/,
    decoder((file) => (file.weightsManifest[0].weights[0].shape = [-64, -784])),
  ],
  ['no weights at all', /weights.bin has/, decoder((file) => (file.weightsManifest = null))],
  [
    'a weight of another name',
    /kernel is missing/,
    decoder((file) => (file.weightsManifest[0].weights[0].name = 'x')),
  ],
  ['layers that are not a list', /list of layers/, layers((_all, config) => (config.layers = 'none'))],
  ['a layer that is null', /no class_name/, layers((all) => (all[1] = null))],
  [
    'an output that is not there',
    /does not exist/,
    layers((_, config) => (config.output_layers = [['x', 0, 0]])),
  ],
  [
    'layers that read one another',
    /reads its own output/,
    layers((all, config) => {
      const add = (name: string, from: string) => ({
        ...{ class_name: 'Add', config: { name }, inbound_nodes: [[[from, 0, 0, {}]]] },
      })
      all.push(add('one', 'two'), add('two', 'one'))
      config.output_layers = [['one', 0, 0]]
    }),
  ],
  [
    'an activation named as a method of objects',
    /activation toString/,
    layers((all) => (all.at(-1).config.activation = 'toString')),
  ],
  [
    'an upsampling to gigabytes',
    /at most 8388608 numbers/,
    layers((all, config) => {
      const last = all.at(-1).config.name
      const reshape = { class_name: 'Reshape', config: { name: 'r', target_shape: [28, 28, 1] } }
      const large = { class_name: 'UpSampling2D', config: { name: 'u', size: [4096, 4096] } }
      all.push(
        { ...reshape, inbound_nodes: [[[last, 0, 0, {}]]] },
        { ...large, inbound_nodes: [[['r', 0, 0, {}]]] },
      )
      config.output_layers = [['u', 0, 0]]
    }),
  ],
]

test.each(cases)('a model with %s is refused by name, before it is run', async (name, message, damage) => {
  const directory = damaged(name, damage)
  const error = await loadModelDirectory(directory).catch((thrown) => thrown)
  expect(error).toBeInstanceOf(ModelDirectoryError)
  expect(error.message).toContain(directory)
  expect(error.message).toMatch(message)
})

test('the service is not built with a model whose manifest lies about its size', async () => {
  const models = mkdtempSync(join(folder, 'service-'))
  cpSync(
    damaged(
      'lie',
      manifest((m) => (m.input.height = 29)),
    ),
    join(models, 'lie'),
    { recursive: true },
  )
  const out = join(folder, 'assets')
  await expect(buildAssets({ models: [models], out })).rejects.toThrow(LayersFormatError)
}, 60_000)

test('at most 1000 layers are read, and ordered without looking at each pair of them', () => {
  const chain = (length: number) => {
    const input = { name: 'l0', batch_input_shape: [null, 4] }
    const layers = Array.from({ length }, (_, i) => ({
      class_name: i === 0 ? 'InputLayer' : 'Dropout',
      config: i === 0 ? input : { name: `l${i}` },
      inbound_nodes: i === 0 ? [] : [[[`l${i - 1}`, 0, 0, {}]]],
    }))
    const ends = { input_layers: [['l0', 0, 0]], output_layers: [[`l${length - 1}`, 0, 0]] }
    const modelTopology = { class_name: 'Model', config: { layers: layers.reverse(), ...ends } }
    return { modelTopology, weightsManifest: [] }
  }
  expect(readGraph(chain(1000)).nodes.map(({ name }) => name)).toEqual(
    Array.from({ length: 1000 }, (_, i) => `l${i}`),
  )
  expect(() => readGraph(chain(50_000))).toThrow('at most 1000 layers')
})
