/** Gives activations that are never alive at the same time the same memory. */
import type { Step, Value } from '../steps/steps.ts'

export interface BufferPlan {
  /** Floats per image, by buffer and by slot. */
  floats: number[]
  slotFloats: number[]
  slotOf: number[]
  /** The slots of input and output, which nothing else uses. */
  whole: number[]
}

export function placeBuffers(steps: Step[], floats: number[], input: Value, output: Value): BufferPlan {
  const plan: BufferPlan = { floats, slotFloats: [], slotOf: [], whole: [] }
  const newSlot = (buffer: number) => {
    plan.slotOf[buffer] = plan.slotFloats.push(floats[buffer]) - 1
  }
  for (const { buffer } of [input, output]) {
    if (plan.slotOf[buffer] === undefined) newSlot(buffer) // a model may return its own input
    plan.whole.push(plan.slotOf[buffer])
  }
  const free: number[] = []
  for (const [i, { reads, writes, elementwise }] of steps.entries()) {
    const over = endingAt(i, steps, reads).filter((buffer) => !plan.whole.includes(plan.slotOf[buffer]))
    const slots = [...new Set(over.map((buffer) => plan.slotOf[buffer]))]
    if (elementwise) free.push(...slots.splice(0))
    if (plan.slotOf[writes.buffer] === undefined) takeSlot(writes.buffer)
    free.push(...slots)
  }
  return plan

  function takeSlot(buffer: number) {
    const wanted = floats[buffer]
    free.sort((a, b) => plan.slotFloats[a] - plan.slotFloats[b])
    const fitting = free.findIndex((slot) => plan.slotFloats[slot] >= wanted)
    const [slot] = free.splice(fitting < 0 ? free.length - 1 : fitting, 1) // the smallest slot that fits, else the largest
    if (slot === undefined) return newSlot(buffer)
    plan.slotFloats[slot] = Math.max(plan.slotFloats[slot], wanted)
    plan.slotOf[buffer] = slot
  }
}

/** The buffers that step i is the last to read. */
function endingAt(i: number, steps: Step[], reads: Value[]): number[] {
  const later = new Set(steps.slice(i + 1).flatMap((step) => step.reads.map(({ buffer }) => buffer)))
  return reads.map(({ buffer }) => buffer).filter((buffer) => !later.has(buffer))
}
