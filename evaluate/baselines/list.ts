import type { Baseline } from './baseline.ts'
import { blurHash, thumbHash } from './hashes.ts'
import { jpegXl } from './jpeg-xl.ts'
import { avif, jpeg, png, webp } from './sharp-codecs.ts'

export const BASELINES: Baseline[] = [png, jpeg, webp, avif, jpegXl, blurHash, thumbHash]
