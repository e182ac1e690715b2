/**
 * What is aimed at before quantizing: the latent of least distance (distance.ts). The encoder's, of least squared error, is
 * near, and Newton's method goes the rest of the way; the slope is measured on the picture as it is drawn, clamped and in 8
 * bits. The aim is kept in 32-bit floats: that rounds off what machines' cube roots might differ by.
 */
import type { Manifest } from '../../manifest.ts'
import { drawLatent, withoutAlpha } from '../decoder.ts'
import type { PreviewParameters } from '../parameters.ts'
import { type Curvature, product } from './curvature.ts'
import type { DistanceFrom } from './distance.ts'

const STEPS = 2
/** Of Newton's step. */
const FIRST_SHARE = 0.4
const [LEAST_SHARE, MOST_SHARE] = [0.02, 1]

interface Preview {
  manifest: Manifest
  preview: PreviewParameters
}

/** latent: the encoder's, in the coarsest level's quantization steps. -> the same, nearer to the image. [latents] */
export function aimAt(
  { manifest, preview }: Preview,
  distance: DistanceFrom,
  curvature: Curvature,
  latent: Float32Array,
): Float32Array {
  const { width, height } = manifest.input
  const aim = latent.slice()
  const slopesHere = () => {
    const picture = withoutAlpha(drawLatent(preview, aim, width, height))
    return curvature.slopesInLatents(distance.slopesAt(picture), manifest.input)
  }
  let slopes = slopesHere()
  let share = FIRST_SHARE
  for (let i = 0; ; i++) {
    const step = curvature.newtonStep(slopes)
    for (let d = 0; d < aim.length; d++) aim[d] += share * step[d]
    if (i === STEPS - 1) return aim
    const before = slopes
    slopes = slopesHere()
    share = nextShare(share, product(before, step), product(slopes, step))
  }
}

/**
 * A dark image is more curved than the mean photograph, a bright one less. So the next share is the one that would have
 * taken the slope along the last step to zero. `before` and `after` are that slope at its ends.
 */
const nextShare = (share: number, before: number, after: number): number =>
  before === after ? share : Math.max(LEAST_SHARE, Math.min(MOST_SHARE, (share * before) / (before - after)))
