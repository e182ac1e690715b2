/** A bucket's worth of objects of all formats, and of things that are not images: a seed makes the same ones again. */
import type { Sharp } from 'sharp'
import { crc32 } from '../../shared/images/png/crc32.ts'
import type { Random } from '../fuzz/random.ts'
import { picture, sharpOf } from '../images/pictures.ts'

export interface TestObject {
  bytes: Uint8Array
  /** The kind of problem that its row is to hold; undefined: a code. */
  problem: string | undefined
}

const SOURCE_SIDE = 640
const sources = new Map<number, Sharp>()

/** A picture of the channels: a part of a large one. */
function part(random: Random, channels: 1 | 2 | 3 | 4, width = side(random), height = side(random)): Sharp {
  if (!sources.has(channels)) sources.set(channels, sharpOf(picture(SOURCE_SIDE, SOURCE_SIDE, channels)))
  const [left, top] = [random.below(SOURCE_SIDE - width), random.below(SOURCE_SIDE - height)]
  return sources.get(channels)!.clone().extract({ left, top, width, height })
}

/** Most are small, some are large. */
const side = (random: Random) => (random.below(8) === 0 ? 200 + random.below(400) : 8 + random.below(120))

const orientation = (random: Random) => 1 + random.below(8)

type Make = (random: Random) => Promise<Uint8Array>
const made =
  (encode: (random: Random) => Sharp): Make =>
  async (random) =>
    new Uint8Array(await encode(random).toBuffer())

const images: Make[] = [
  made((random) => part(random, 1, 28, 28).png()), // a digit's shape
  made((random) => part(random, 3, 32, 32).png()),
  made((random) => part(random, 1).png()),
  made((random) => part(random, 2).png()),
  made((random) => part(random, 3).png({ progressive: random.below(2) === 0 })),
  made((random) => part(random, 4).png()),
  made((random) => part(random, 3).png({ palette: true, colours: 2 + random.below(200) })),
  made((random) => part(random, 3).toColourspace('rgb16').png()),
  made((random) => part(random, 3).jpeg({ quality: 10 + random.below(90) })),
  made((random) => part(random, 3).jpeg({ progressive: true, chromaSubsampling: '4:4:4' })),
  made((random) => part(random, 1).jpeg({ progressive: random.below(2) === 0 })),
  made((random) =>
    part(random, 3)
      .jpeg()
      .withMetadata({ orientation: orientation(random) }),
  ),
  made((random) => part(random, 3).webp({ quality: 10 + random.below(90) })),
  made((random) => part(random, 3).webp({ lossless: true })),
  made((random) => part(random, 4).webp()),
  async (random) => random.bytes(784), // raw samples of a digit
]

const LARGE = new Uint8Array(10_000_001).fill(0xff) // one byte over the limit

const broken: { make: Make; problem: string }[] = [
  { make: async () => new Uint8Array(0), problem: 'malformed-image' },
  {
    make: async (random) => random.bytes(1 + random.below(700)).fill(0x2e, 0, 1),
    problem: 'unsupported-type',
  },
  {
    make: async () => new TextEncoder().encode('<!doctype html><title>x</title>'),
    problem: 'unsupported-type',
  },
  { make: made((random) => part(random, 3).gif()), problem: 'unsupported-type' },
  { make: cutOff, problem: 'malformed-image' },
  { make: damagedPng, problem: 'malformed-image' },
  { make: longHeader, problem: 'malformed-image' },
  { make: async (random) => (random.below(8) === 0 ? LARGE : claimingPng(random)), problem: 'too-large' },
]

async function cutOff(random: Random): Promise<Uint8Array> {
  const whole = await random.pick(images.slice(0, -1))(random)
  return whole.subarray(0, 40 + random.below(Math.floor(whole.length * 0.8) - 40))
}

async function damagedPng(random: Random): Promise<Uint8Array> {
  const bytes = await images[2](random)
  bytes[bytes.length - 20] ^= 1 + random.below(255)
  return bytes
}

/** A few bytes that say they are a square of many megapixels. */
async function claimingPng(random: Random): Promise<Uint8Array> {
  const bytes = await images[0](random)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  for (const at of [16, 20]) view.setUint32(at, 5000 + random.below(60_000))
  view.setUint32(29, crc32(bytes, 12, 29))
  return bytes
}

/** Segments of 64 kB before a JPEG that then ends. */
async function longHeader(random: Random): Promise<Uint8Array> {
  const segment = Buffer.alloc(65_537)
  segment.set([0xff, 0xe2, 0xff, 0xff])
  const segments = Array.from({ length: 1 + random.below(8) }, () => segment)
  return new Uint8Array(Buffer.concat([Buffer.from([0xff, 0xd8]), ...segments, Buffer.from([0xff, 0xd9])]))
}

const SHARE_BROKEN = 0.1

export async function makeObject(random: Random): Promise<TestObject> {
  if (random.next() >= SHARE_BROKEN) return { bytes: await random.pick(images)(random), problem: undefined }
  const { make, problem } = random.pick(broken)
  return { bytes: await make(random), problem }
}

const NAMES = [
  'cat',
  'Füße',
  '日本',
  '𝄞',
  `it's`,
  '"q"',
  '100%',
  'a b',
  '..',
  '#?&',
  'e\u0301',
  '\\',
  '\u0001',
]

/** Different from all others by its number; some as long as keys may be. */
export function makeKey(random: Random, index: number): string {
  const name = Array.from({ length: 1 + random.below(3) }, () => random.pick(NAMES)).join(
    random.pick(['/', '-', '//']),
  )
  const padding = random.below(50) === 0 ? 'x'.repeat(900) : ''
  return `${name}/${padding}${index}`
}
