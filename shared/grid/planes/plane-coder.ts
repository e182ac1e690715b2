/**
 * plane-coder.wasm with its memory: a model's tables, a code, and the symbols of one level at a time. What it computes is in
 * segments/, which says what the addresses mean that are set here. It is wasm because interpreters and first compilers, which
 * run most of a worker's first requests, take ten times as long for the same in JavaScript.
 */

import type { BitCoder } from '../../codec/entropy/adaptive-symbols.ts'
import { Places } from '../../wasm-memory.ts'
import { CHANNELS } from '../grid-shape.ts'
import type { Activity } from './activity.ts'
import type { BitDecoder, BitEncoder, CoderState } from './bit-coder.ts'
import { CLASS_8, CLASS_10, type GridTables, type Kind, type Table, tableStarts } from './context-tables.ts'
import type { LevelSymbols } from './level-symbols.ts'
import { PROBABILITIES } from './logit-table.ts'
import { GROUP_OF, GROUPS } from './plane-groups.ts'
import { GROUP_COUNT, UNDECIDED } from './plane-shape.ts'

/** Sees every bit with the indices of its weights: what the tables are fitted from. */
export type Recorder = (bit: number, indices: readonly number[]) => void

const ALIGNMENT = 8
const MOST_INDICES = 10
/** An encoder writes at most this much beyond its limit. */
const SPARE_BYTES = 8

type Address =
  | (
      | 'weights'
      | 'partnersOf'
      | 'groupOf'
      | 'groupStarts'
      | 'class8'
      | 'class10'
      | 'probabilities'
      | 'indices'
    )
  | ('bytes' | 'sizes' | 'energies' | 'totals' | 'overallOf' | 'orientationOf' | 'slantOf' | 'significant')
  | ('magnitudes' | 'negative' | 'sourceMagnitudes' | 'sourceNegative')
  | ('transforms' | 'sourceTransforms')
type Setting = 'decoding' | 'limit' | 'ended' | 'recording' | 'blocksWide' | 'count' | 'size' | 'found'
type Variables = Record<Address | Setting | Table | keyof CoderState, { value: number }>

interface Exports extends Variables {
  memory: WebAssembly.Memory
  code(bit: number, one: number): number
  startPlane(plane: number): void
  codeStop(bit: number): number
  codeSegment(plane: number, group: number): number
}

export class PlaneCoder implements BitCoder {
  readonly #wasm: Exports
  readonly #places: Places
  /** Where the code begins, after the tables, and a level's symbols, after the code. */
  #codeAt = 0
  #levelAt = 0
  /** Among the tables. */
  #partnersAt = 0
  #record: Recorder | undefined

  /** module: plane-coder.wasm */
  constructor(module: WebAssembly.Module, tables: GridTables) {
    const record = (bit: number, count: number) =>
      this.#record?.(bit, [...this.#view(Int32Array, 'indices', count)])
    this.#wasm = new WebAssembly.Instance(module, { recorder: { record } }).exports as unknown as Exports
    this.#places = new Places(this.#wasm.memory, ALIGNMENT)
    this.useTables(tables)
  }

  useTables({ weights, partners }: GridTables): void {
    this.#places.top = ALIGNMENT
    this.#put('weights', weights)
    this.#put('partnersOf', partners)
    this.#partnersAt = this.#wasm.partnersOf.value
    this.#put('groupOf', GROUP_OF)
    this.#put('groupStarts', Uint8Array.from(GROUPS))
    this.#put('class8', CLASS_8)
    this.#put('class10', CLASS_10)
    this.#put('probabilities', PROBABILITIES)
    this.#place('indices', 4 * MOST_INDICES)
    this.#codeAt = this.#places.top
  }

  /** Goes on where a coder is. */
  start(coder: BitEncoder | BitDecoder): void {
    const { bytes, limit, isDecoder, state } = coder.handOver()
    this.#places.top = this.#codeAt
    this.#place('bytes', isDecoder ? bytes.length : limit + SPARE_BYTES)
    this.#view(Uint8Array, 'bytes', bytes.length).set(bytes)
    this.#levelAt = this.#places.top
    this.#set({ decoding: isDecoder ? 1 : 0, limit, ended: 0, ...state })
  }

  /** Gives an encoder back what start() took from it, and what was coded since. */
  finish(coder: BitEncoder): void {
    const { low, range, length } = this.#wasm
    const bytes = this.#view(Uint8Array, 'bytes', length.value).slice()
    coder.takeBack(bytes, { low: low.value >>> 0, range: range.value >>> 0 })
  }

  /** source: the symbols, when encoding. */
  startLevel(
    symbols: LevelSymbols,
    kind: Kind,
    activity: Activity,
    source?: LevelSymbols,
    record?: Recorder,
  ): void {
    const { blocksWide, blocksHigh, count } = symbols
    const size = (blocksWide + 2) * (blocksHigh + 2)
    for (const [table, start] of tableStarts(kind)) this.#wasm[table].value = this.#wasm.weights.value + start
    this.#wasm.partnersOf.value = this.#partnersAt + kind * 2 * CHANNELS
    this.#places.top = this.#levelAt
    this.#place('magnitudes', 2 * CHANNELS * count)
    this.#place('negative', CHANNELS * count)
    this.#place('sizes', CHANNELS * size)
    this.#place('energies', 2 * GROUP_COUNT * size)
    this.#place('totals', 2 * size)
    this.#place('transforms', size)
    new Uint8Array(this.#wasm.memory.buffer, this.#levelAt, this.#places.top - this.#levelAt).fill(0)
    this.#view(Uint8Array, 'transforms', size).fill(kind === 0 ? 0 : UNDECIDED)
    this.#place('significant', 4 * CHANNELS * count)
    this.#put('overallOf', activity.overall)
    this.#put('orientationOf', activity.orientation)
    this.#put('slantOf', activity.slant)
    if (source) {
      this.#put('sourceMagnitudes', source.magnitudes)
      this.#put('sourceNegative', source.negative)
      this.#put('sourceTransforms', source.transforms)
    }
    this.#record = record
    this.#set({ blocksWide, count, size, found: 0, recording: record ? 1 : 0 })
  }

  /** What the receiver knows of the level's symbols by now. */
  readInto({ magnitudes, negative, transforms, blocksWide }: LevelSymbols): void {
    magnitudes.set(this.#view(Uint16Array, 'magnitudes', magnitudes.length))
    negative.set(this.#view(Uint8Array, 'negative', negative.length))
    const found = this.#view(Uint8Array, 'transforms', this.#wasm.size.value)
    for (let block = 0; block < transforms.length; block++) {
      const row = Math.floor(block / blocksWide)
      const transform = found[(row + 1) * (blocksWide + 2) + (block - row * blocksWide) + 1]
      transforms[block] = transform === UNDECIDED ? 0 : transform
    }
  }

  code(bit: number, one: number): number {
    return this.#wasm.code(bit, one)
  }

  startPlane(plane: number): void {
    this.#wasm.startPlane(plane)
  }

  /** Whether a level ends before a segment. */
  codeStop(stops: boolean): boolean {
    return this.#wasm.codeStop(stops ? 1 : 0) === 1
  }

  /** Returns how many blocks were coded: all, if the bytes have not ended. */
  codeSegment(plane: number, group: number): number {
    return this.#wasm.codeSegment(plane, group)
  }

  /** The bytes do not decide the next bit, or are full. What was coded since means nothing. */
  get ended(): boolean {
    return this.#wasm.ended.value !== 0
  }

  /** About how many bytes a decoder needs for every bit that was encoded. */
  get neededBytes(): number {
    return this.#wasm.length.value + 2
  }

  #set(values: Partial<Record<keyof Variables, number>>): void {
    for (const [name, value] of Object.entries(values)) this.#wasm[name as keyof Variables].value = value
  }

  #place(name: Address, bytes: number): void {
    this.#wasm[name].value = this.#places.place(bytes)
  }

  #put(name: Address, values: Uint8Array | Int8Array | Uint16Array): void {
    this.#wasm[name].value = this.#places.put(values)
  }

  #view<T>(View: new (buffer: ArrayBuffer, at: number, count: number) => T, name: Address, count: number): T {
    return new View(this.#wasm.memory.buffer, this.#wasm[name].value, count)
  }
}
