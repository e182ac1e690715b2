/** Imports libwebp's wasm file as a module, which only workerd and its bundler understand. */
import wasm from '@jsquash/webp/codec/dec/webp_dec.wasm'
import { provideLibwebp } from '../shared/images/webp/libwebp.ts'

provideLibwebp(wasm)
