/** Transparency seen on white, mixed in sRGB values as browsers do. In place; pixels: [width, channels], alphas: [width] */
export function putOnWhite(pixels: Uint8Array, alphas: Uint8Array, width: number, channels: 1 | 3): void {
  for (let x = 0, i = 0; x < width; x++, i += channels) {
    const alpha = alphas[x] ?? 255
    if (alpha === 255) continue
    const white = 255 * (255 - alpha) + 127
    for (let c = i; c < i + channels; c++) pixels[c] = Math.floor(((pixels[c] ?? 0) * alpha + white) / 255)
  }
}
