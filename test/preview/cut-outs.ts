/** Pictures with transparency: logos and cut-outs, drawn from SVG. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'

const photo = (name: string) =>
  readFileSync(join(import.meta.dirname, '..', '..', 'edge', 'page', 'examples', name)).toString('base64')

const svg = (content: string, width = 256, height = 256) =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 256 ${(256 * height) / width}">${content}</svg>`

const cut = (name: string, shape: string, height = 256) =>
  svg(
    `<clipPath id="c">${shape}</clipPath><image clip-path="url(#c)" width="256" height="${height}" preserveAspectRatio="xMidYMid slice" xlink:href="data:image/jpeg;base64,${photo(name)}"/>`,
    256,
    height,
  )

export const CUT_OUTS: Record<string, string> = {
  'a ring': svg('<circle cx="128" cy="128" r="88" fill="none" stroke="#d33" stroke-width="48"/>'),
  'a letter': svg('<path d="M40 230 L110 26 h36 L216 230 h-40 L160 180 H96 L80 230Z" fill="#1450b4"/>'),
  'a thin letter': svg(
    '<path d="M51 230 L115 26 h26 l64 204 h-38 l-13 -46 h-52 l-13 46z M110 148 h36 l-18 -63z" fill="#333"/>',
  ),
  'an arrow': svg('<path d="M38 90 h102 V38 l90 90 -90 90 v-52 H38z" fill="#0a0"/>'),
  'a badge': svg(
    '<rect x="20" y="20" width="216" height="216" rx="60" fill="#2a7"/><path d="M70 130 l40 44 l80 -96" fill="none" stroke="#fff" stroke-width="28"/>',
  ),
  'three bars': svg(
    '<rect x="24" y="120" width="50" height="110" fill="#f80"/><rect x="103" y="70" width="50" height="160" fill="#f40"/><rect x="182" y="24" width="50" height="206" fill="#a06"/>',
  ),
  'a wide mark': svg(
    '<ellipse cx="70" cy="64" rx="52" ry="46" fill="#222"/><rect x="140" y="30" width="96" height="68" rx="14" fill="#08c"/>',
    256,
    128,
  ),
  'a shadow': svg(
    '<radialGradient id="g"><stop offset="0" stop-opacity="0.8"/><stop offset="1" stop-opacity="0"/></radialGradient><ellipse cx="128" cy="150" rx="120" ry="80" fill="url(#g)"/>',
  ),
  'a cat in a circle': cut('cat.jpg', '<circle cx="128" cy="128" r="112"/>'),
  'an astronaut': cut(
    'astronaut.jpg',
    '<path d="M128 10 C190 10 200 90 170 120 C230 140 240 200 246 256 H10 C14 200 30 140 86 120 C56 90 66 10 128 10Z"/>',
  ),
  'a cup': cut('coffee.jpg', '<ellipse cx="128" cy="100" rx="110" ry="80"/>', 200),
}

export const pngOf = (name: string) => sharp(Buffer.from(CUT_OUTS[name])).png().toBuffer()
