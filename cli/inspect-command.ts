import { Command } from 'commander'
import { unpackCode } from '../shared/codec/codec.ts'
import { fromBase64Url, toBase64Url } from '../shared/codec/container/base64url.ts'
import { unpackContainer } from '../shared/codec/container/container.ts'
import { UnknownModelError } from '../shared/codec/errors.ts'
import { openGrid } from '../shared/grid/grid-code.ts'
import { isGridCode } from '../shared/grid/grid-container.ts'
import { isCodesFile, readCodeLines } from './codes-file/codes-file.ts'
import type { ModelStore } from './inputs/model-store.ts'

interface Inspection {
  file: string
  bytes: { total: number; header: number; payload: number }
  modelId: string
  /** What only the model can tell; absent if the model is missing. */
  model?: string
  level?: number
  width?: number
  height?: number
  storedPsnrDb?: number
  /** The set of tables of the mixture that the code names. */
  component?: number
  symbols?: number[]
  latent?: number[]
  /** Only for a long code: its full length, the code of its preview, and if it is not cut before that, its coded size. */
  grid?: { totalBytes: number; previewCode: string; codedWidth?: number; codedHeight?: number }
}

export const inspectCommand = new Command('inspect')
  .description('Show what a code holds: header, model, level, size, stored PSNR, symbols, latent')
  .argument('<codes...>', 'files, codes themselves (base64url), or - for standard input')
  .option('--model <dir>', 'a directory with the model that the codes name, if it is not a shipped one')
  .option('--json', 'one JSON object per line')
  .action(inspectFiles)

async function inspectFiles(
  paths: string[],
  { model, json }: { model?: string; json?: boolean },
): Promise<void> {
  const { readCode } = await import('./inputs/read-code.ts')
  const { ModelStore } = await import('./inputs/model-store.ts')
  const { report } = await import('./jobs/summary.ts')
  const store = new ModelStore(model === undefined ? [] : [model])
  for await (const { path, code } of codesIn(paths))
    try {
      const inspection = await inspect(
        path,
        code === undefined ? await readCode(path) : fromBase64Url(code),
        store,
      )
      console.log(json ? JSON.stringify(inspection) : describe(inspection))
    } catch (error) {
      report(path, (error as Error).message)
    }
}

/** A file of many codes yields each of its codes. */
async function* codesIn(paths: string[]): AsyncGenerator<{ path: string; code?: string }> {
  for (const path of paths) {
    if (!isCodesFile(path)) yield { path }
    else
      for await (const line of readCodeLines(path))
        if (line.code !== undefined) yield { path: `${path}, ${line.path}`, code: line.code }
  }
}

async function inspect(file: string, code: Uint8Array, store: ModelStore): Promise<Inspection> {
  if (isGridCode(code)) return inspectLong(file, code)
  const { modelId, payload } = unpackContainer(code)
  const bytes = { total: code.length, header: code.length - payload.length, payload: payload.length }
  const known = { file, bytes, modelId }
  try {
    const model = await store.forCode(code)
    const { manifest } = model
    const { level, symbols, latent, width, height, storedPsnrDb } = unpackCode(store, code)
    return {
      ...known,
      model: manifest.name,
      level,
      width,
      height,
      storedPsnrDb,
      component: symbols.component,
      symbols: Array.from(symbols.latent),
      latent: Array.from(latent, (value) => Number(value.toPrecision(7))),
    }
  } catch (error) {
    if (error instanceof UnknownModelError) return known
    throw error
  }
}

/** What a long code's header says, or as much of it as there is. */
function inspectLong(file: string, code: Uint8Array): Inspection {
  const { stream, previewCode, beforePlanes, totalBytes } = openGrid(code)
  const bytes = { total: code.length, header: code.length - stream.length, payload: stream.length }
  const grid = { totalBytes, previewCode: toBase64Url(previewCode) }
  if (!beforePlanes) return { file, bytes, modelId: 'grid', grid }
  const { modelNumber, original, size } = beforePlanes
  const coded = { codedWidth: size.width, codedHeight: size.height }
  return { file, bytes, modelId: `grid ${modelNumber}`, ...original, grid: { ...grid, ...coded } }
}

function describe({ file, bytes, modelId, level, model, symbols, latent, ...rest }: Inspection): string {
  const lines = [
    `${file}: ${bytes.total} bytes (header ${bytes.header}, payload ${bytes.payload})`,
    `  model   ${modelId}, ${model ?? 'which is not installed, so the rest is unknown'}`,
  ]
  if (rest.grid) {
    const { totalBytes, codedWidth, codedHeight, previewCode } = rest.grid
    return [
      lines[0],
      `  model   ${modelId}, ${bytes.total} of ${totalBytes} bytes`,
      ...(codedWidth === undefined
        ? []
        : [`  image   ${rest.width} x ${rest.height} pixels, coded at ${codedWidth} x ${codedHeight}`]),
      `  preview ${previewCode}`,
    ].join('\n')
  }
  if (symbols && latent)
    lines.push(
      `  level   ${level}`,
      `  image   ${rest.width} x ${rest.height} pixels, decoded with ${rest.storedPsnrDb} dB`,
      `  tables  set ${rest.component}`,
      `  symbols ${symbols.join(' ')}`,
      `  latent  ${latent.map((value) => value.toFixed(2)).join(' ')}`,
    )
  return lines.join('\n')
}
