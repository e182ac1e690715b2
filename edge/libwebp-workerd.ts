/** The one import that only workerd and its bundler understand: a wasm file as a module. */
import wasm from '@jsquash/webp/codec/dec/webp_dec.wasm'
import { provideLibwebp } from '../shared/images/webp/libwebp.ts'

provideLibwebp(wasm)
