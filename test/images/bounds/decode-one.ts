/** node decode-one.ts FILE TYPE: decodes an image, prints the megabytes by which the process grew at its peak (Linux). */
import { readFileSync } from 'node:fs'
import { decodeImage } from '../../../shared/images/decode-image.ts'
import type { ImageType } from '../../../shared/images/image-type.ts'
import { encodePng } from '../../../shared/images/png/encode-png.ts'
import { encodeWebp } from '../../../shared/images/webp/encode/encode-webp.ts'
import '../../../node/open-image.ts'
import { flatBlockJpeg } from '../flat-block-jpeg.ts'

const [file, type] = process.argv.slice(2)
const shape = { height: 32, width: 32, channels: 3 } as const
const limits = { maxPixels: 16e6 }
// The decoders themselves, libwebp's instance of 16 MiB among them, are not memory of the image.
await decodeImage(flatBlockJpeg({ width: 9, height: 9, sampling: [[1, 1]] }), 'image/jpeg', shape, limits)
const pixel = encodePng(new Uint8Array(1), { width: 1, height: 1, channels: 1 })
await decodeImage(pixel, 'image/png', shape, limits)
await decodeImage(encodeWebp(new Uint8Array(4), 1, 1, 0), 'image/webp', shape, limits)

const before = process.memoryUsage.rss()
const { samples } = await decodeImage(new Uint8Array(readFileSync(file!)), type as ImageType, shape, limits)
if (new Set(samples).size < 10) throw new Error('the picture has lost its contents')

// Not resourceUsage().maxRSS: on Linux that begins with what the parent had when it forked.
const peakKiB = /VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]
console.log((Number(peakKiB) * 1024 - before) / 1e6)
