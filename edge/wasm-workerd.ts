/** Imports wasm files as modules, which only workerd and its bundler understand, for code that any runtime runs. */
import libwebp from '@jsquash/webp/codec/dec/webp_dec.wasm'
import { provideJpegScan } from '../shared/images/jpeg/kernel/jpeg-scan.ts'
import jpegScan from '../shared/images/jpeg/kernel/jpeg-scan.wasm'
import { provideLibwebp } from '../shared/images/webp/libwebp.ts'
import draw from '../shared/preview/kernel/draw.wasm'
import { provideDrawKernel } from '../shared/preview/kernel/draw-kernel.ts'

/** A copy of the file stays in the isolate's memory. */
const MAX_JPEG_BYTES = 4 << 20

provideLibwebp(libwebp)
provideJpegScan(() => jpegScan, MAX_JPEG_BYTES)
provideDrawKernel(() => draw)
