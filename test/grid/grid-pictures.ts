/** Pictures to code, made by arithmetic: gradients, edges and texture. */
import type { Picture } from '../../shared/grid/pictures.ts'

export function scene(width: number, height: number): Picture {
  const samples = new Uint8Array(width * height * 3)
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [u, v] = [x / width, y / height]
      const inside = (u - 0.6) ** 2 + (v - 0.4) ** 2 < 0.05
      const texture = 30 * Math.sin(x / 3) * Math.cos(y / 5)
      samples[at++] = clamp(inside ? 220 - 60 * v : 60 + 120 * u + texture)
      samples[at++] = clamp(inside ? 90 + 30 * u : 90 + 90 * v + texture)
      samples[at++] = clamp(inside ? 60 : 160 - 70 * u * v)
    }
  return { width, height, samples }
}

const clamp = (value: number) => Math.max(0, Math.min(255, Math.round(value)))
