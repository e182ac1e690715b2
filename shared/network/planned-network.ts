/** A network as a list of kernel calls, and the memory they work in: see executor.ts. */

import { fromSamples, toSamples } from './kernels/float-samples.ts'
import type { Kernel, Kernels, Pointer, TensorId } from './kernels/kernels.ts'
import type { ResidentWeights } from './memory/resident-weights.ts'
import type { Network } from './network.ts'
import type { NetworkPlan } from './network-plan.ts'
import { type Argument, argumentsOf, type Size, type Step, type Value } from './steps/steps.ts'

/** Batches run in parts whose activations take at most this: they stay in the cache and within a Worker's memory. */
const ACTIVATION_BYTES = 2 * 2 ** 20
/** For how many batch sizes the calls are kept. */
const KEPT_BINDINGS = 8

/** The calls for one batch size. */
interface Binding {
  batch: number
  calls: { kernel: Kernel; args: number[] }[]
  input: Float32Array
  output: Float32Array
  /** 8-bit samples at the end of the input's memory, and at the beginning of the output's: see own-kernels.wat. */
  inputSamples: Uint8Array
  outputSamples: Uint8Array
  tensors: TensorId[]
  pointers: Pointer[]
}

export class PlannedNetwork implements Network {
  readonly inputSize: number
  readonly outputSize: number
  readonly macs: number
  readonly #kernels: Kernels
  readonly #plan: NetworkPlan
  readonly #weights: ResidentWeights
  #slots: Pointer[] = [] // where each slot of the plan begins
  #lists: Pointer = 0 // memory for own-kernels.wat's lists
  #capacity = 0 // images that the slots for input and output hold
  readonly #part: number // images that the other slots hold
  #bindings: Binding[] = []
  #current: Binding | undefined

  constructor(kernels: Kernels, plan: NetworkPlan, weights: ResidentWeights) {
    this.#kernels = kernels
    this.#plan = plan
    this.inputSize = plan.buffers.floats[plan.input.buffer]
    this.outputSize = plan.buffers.floats[plan.output.buffer]
    this.macs = plan.steps.reduce((sum, { macs }) => sum + (macs ?? 0), 0)
    const bytes = 4 * (listFloats(plan.steps) + plan.buffers.slotFloats.reduce((a, b) => a + b, 0))
    this.#part = Math.max(1, Math.min(64, Math.floor(ACTIVATION_BYTES / bytes)))
    this.#weights = weights
    const packed = packedWeights(plan.steps)
    if (packed.length === 0) return
    this.run(1) // XNNPACK packs its weights in the first call: better now than in the first request
    for (const name of packed) this.#weights.freePacked(name)
  }

  input(batch: number): Float32Array {
    return this.#bind(batch).input
  }

  run(batch: number): Float32Array {
    const { calls } = this.#bind(batch)
    for (const { kernel, args } of calls) kernel(...args)
    return this.#bind(batch).output // bound again: the first call at a size may have grown the memory
  }

  runOnSamples(images: readonly Uint8Array[]): Float32Array {
    const { input, inputSamples } = this.#bind(images.length)
    for (let i = 0; i < images.length; i++)
      if (this.#kernels.hasOwn) inputSamples.set(images[i], i * this.inputSize)
      else fromSamples(images[i], input, i * this.inputSize)
    if (this.#kernels.hasOwn)
      this.#kernels.call.fromSamples(inputSamples.byteOffset, input.byteOffset, input.length)
    return this.run(images.length)
  }

  runToSamples(batch: number): Uint8Array {
    const output = this.run(batch)
    if (!this.#kernels.hasOwn) return toSamples(output)
    const { outputSamples } = this.#bind(batch)
    this.#kernels.call.toSamples(output.byteOffset, outputSamples.byteOffset, output.length)
    return outputSamples.slice()
  }

  dispose(): void {
    this.#dropBindings()
    for (const slot of [...this.#slots, this.#lists]) this.#kernels.free(slot)
    this.#slots = []
    this.#weights.dispose()
  }

  #bind(batch: number): Binding {
    let binding =
      this.#current?.batch === batch ? this.#current : this.#bindings.find((b) => b.batch === batch)
    binding ??= this.#newBinding(batch)
    if (binding.input.buffer !== this.#kernels.buffer) this.#view(binding) // the memory has grown
    this.#current = binding
    return binding
  }

  #newBinding(batch: number): Binding {
    if (!Number.isInteger(batch) || batch < 1) throw new RangeError(`a batch of ${batch} images`)
    if (batch > this.#capacity) this.#placeSlots(2 ** Math.ceil(Math.log2(batch)))
    if (this.#bindings.length >= KEPT_BINDINGS) this.#dropBinding(this.#bindings.shift()!)
    const binding: Binding = { batch, calls: [], tensors: [], pointers: [], ...NO_VIEWS }
    for (let first = 0; first < batch; first += this.#part)
      this.#bindPart(binding, first, Math.min(this.#part, batch - first))
    this.#view(binding)
    this.#bindings.push(binding)
    return binding
  }

  #bindPart(binding: Binding, firstImage: number, images: number) {
    const size = (n: Size) => (typeof n === 'number' ? n : n.timesBatch * images)
    const tensors = new Map<number, TensorId>()
    const tensor = ({ buffer }: Value) => {
      if (!tensors.has(buffer)) tensors.set(buffer, this.#register(binding, buffer, firstImage, images))
      return tensors.get(buffer)!
    }
    const allocate = (shape: Size[]) => {
      const pointer = this.#kernels.placeInts(shape.map(size))
      binding.pointers.push(pointer)
      return pointer
    }
    const resolve = (arg: Argument): number => {
      if (typeof arg === 'number' || 'timesBatch' in arg) return size(arg)
      if ('value' in arg) return tensor(arg.value)
      if ('shape' in arg) return allocate(arg.shape)
      if ('weight' in arg) return this.#weights.tensor(arg.weight)
      if ('pointer' in arg) return this.#pointerOf(arg.pointer, firstImage)
      if ('panels' in arg) return this.#weights.pointer(arg.panels)
      return 'vector' in arg ? this.#weights.pointer(arg.vector) : this.#lists
    }
    for (const { kernel, args } of this.#plan.steps)
      binding.calls.push({ kernel: this.#kernels.call[kernel], args: args.map(resolve) })
  }

  #register(binding: Binding, buffer: number, firstImage: number, images: number): TensorId {
    const floats = images * this.#plan.buffers.floats[buffer]
    const id = this.#kernels.tensor(this.#pointerOf({ buffer }, firstImage), floats)
    binding.tensors.push(id)
    return id
  }

  #pointerOf({ buffer }: Pick<Value, 'buffer'>, firstImage: number): Pointer {
    const { slotOf, floats, whole } = this.#plan.buffers
    const slot = slotOf[buffer]
    return this.#slots[slot] + (whole.includes(slot) ? firstImage * floats[buffer] * 4 : 0)
  }

  #view(binding: Binding) {
    const { input, output, buffers } = this.#plan
    const { buffer } = this.#kernels
    const pointer = (value: Value) => this.#slots[buffers.slotOf[value.buffer]]
    const [inputs, outputs] = [binding.batch * this.inputSize, binding.batch * this.outputSize]
    binding.input = new Float32Array(buffer, pointer(input), inputs)
    binding.output = new Float32Array(buffer, pointer(output), outputs)
    binding.inputSamples = new Uint8Array(buffer, pointer(input) + 3 * whole(inputs), inputs)
    binding.outputSamples = new Uint8Array(buffer, pointer(output), outputs)
  }

  /** Input and output hold the whole batch; the slots in between, one part of it. */
  #placeSlots(capacity: number) {
    this.#dropBindings()
    if (this.#capacity > 0) for (const slot of [...this.#slots, this.#lists]) this.#kernels.free(slot)
    const { slotFloats, whole: ends } = this.#plan.buffers
    const images = (slot: number) => (ends.includes(slot) ? capacity : Math.min(capacity, this.#part))
    this.#slots = slotFloats.map((floats, slot) => this.#kernels.allocate(4 * whole(floats * images(slot))))
    this.#lists = this.#kernels.allocate(4 * listFloats(this.#plan.steps) * Math.min(capacity, this.#part))
    this.#capacity = capacity
  }

  #dropBindings() {
    for (const binding of this.#bindings) this.#dropBinding(binding)
    this.#bindings = []
    this.#current = undefined
  }

  #dropBinding({ tensors, pointers }: Binding) {
    for (const id of tensors) this.#kernels.forget(id)
    for (const pointer of pointers) this.#kernels.free(pointer)
  }
}

/** own-kernels.wat converts 16 samples at a time. */
const whole = (count: number) => Math.ceil(count / 16) * 16

const NO_VIEWS = {
  ...{ input: new Float32Array(), output: new Float32Array() },
  ...{ inputSamples: new Uint8Array(), outputSamples: new Uint8Array() },
}

const packedWeights = (steps: Step[]): string[] =>
  argumentsOf(steps).flatMap((arg) => ('weight' in arg && arg.packed ? [arg.weight] : []))

const listFloats = (steps: Step[]): number =>
  Math.max(1, ...argumentsOf(steps).map((arg) => ('lists' in arg ? arg.lists : 0)))
